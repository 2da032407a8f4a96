package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.cells.ConsoleProgress;
import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.cells.RunFolder;
import io.parley.benchmarks.cells.WorkerPool;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.Plan;
import io.parley.benchmarks.experiment.Planner;
import io.parley.benchmarks.experiment.PluginKind;
import io.parley.core.plugin.Plugins;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Runs an experiment: trains every algorithm on every seed, judges it, and writes results.json and report.html.")
final class RunCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "experiment.yaml", description = "The experiment.")
    private Path file;

    @Option(names = "--preset", paramLabel = "NAME", completionCandidates = Presets.class,
            description = "An experiment that comes with Parley: ${COMPLETION-CANDIDATES} (the last is the laboratory's report).")
    private String preset;

    @Option(names = "--out", paramLabel = "DIR",
            description = "Folder of the run; default: runs/<name>, or runs/<name>-2 and so on when it is taken.")
    private Path out;

    @Option(names = "--set", paramLabel = "path=value", description = "Changes one setting, such as algorithms.icr.lambda=0.2, "
            + "seeds=[1,2] or workers=1. May be repeated.")
    private List<String> settings = List.of();

    @Option(names = "--resume", description = "Continues a run: finished cells are kept, and one that was cut off goes "
            + "on from its last checkpoint, if the same code made it.")
    private boolean resume;

    @Option(names = "--worker-memory", paramLabel = "SIZE", defaultValue = "2g",
            description = "Heap of each worker process, as Java takes it; native memory of the policies comes on top. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String workerMemory;

    @Mixin
    private PluginPath pluginPath;

    @Spec
    private CommandSpec spec;

    /** For the help text. */
    static final class Presets extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Presets() {
            super(ExperimentSource.PRESETS);
        }
    }

    private final Planner planner;
    private final Plugins plugins;

    @Inject
    RunCommand(Planner planner, Plugins plugins) {
        this.planner = planner;
        this.plugins = plugins;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (!workerMemory.matches("[1-9]\\d*[kKmMgG]")) {
            throw new InputException("--worker-memory " + workerMemory + ": expected a size such as 512m or 2g");
        }
        PrintWriter err = spec.commandLine().getErr();
        if (out != null && out.toString().isBlank()) {
            throw new InputException("--out is empty; name a folder");
        }
        ExperimentSource source = source().with(settings);
        if (ExperimentSource.LABORATORY.equals(preset)) {
            return laboratory(source);
        }
        Plan plan = planner.plan(source);
        PluginKind.problems(plugins).forEach(problem -> err.println("note: left out: " + problem));
        Path path = out != null ? out : chooseFolder(plan.experiment().name());
        Instant started = Instant.now();
        Map<Plan.Cell, String> failed;
        try (RunFolder run = RunFolder.open(path, plan, resume)) {
            run.notices().forEach(notice -> err.println("note: " + notice));
            err.println("run folder: " + path);
            WorkerPool pool = new WorkerPool(run,
                    WorkerLauncher.settings(plan.experiment().workers().resolve(), workerMemory, path.resolve("logs"), pluginPath.arguments()),
                    new ConsoleProgress(err, System.console() != null));
            Thread interrupted = new Thread(() -> err.println(
                    "\ninterrupted: what is finished is kept; continue with --resume --out " + path));
            Runtime.getRuntime().addShutdownHook(interrupted);
            failed = pool.run();
            Runtime.getRuntime().removeShutdownHook(interrupted);
        }
        if (!failed.isEmpty()) {
            err.println("parley: " + failed.size() + " of " + plan.cells().size() + " cells failed:");
            failed.forEach((cell, problem) -> err.println("  " + cell.title() + ": " + problem));
            err.println("The others are finished; try the failed ones again with --resume --out " + path);
        }
        try {
            RunReport.write(path, failed, started, spec.commandLine().getOut());
        } catch (IOException e) {
            err.println("parley: the results could not be written: " + Failures.describe(e));
            return 1;
        }
        return failed.isEmpty() ? 0 : 1;
    }

    private int laboratory(ExperimentSource source) {
        List<String> keys = new ArrayList<>();
        source.tree().fieldNames().forEachRemaining(keys::add);
        keys.remove("seeds");
        if (!keys.isEmpty()) {
            throw new InputException(source.name() + ": " + String.join(", ", keys)
                    + " cannot be set: the laboratory has environments, algorithms and claims of its own; its seeds can, as seeds=[1,2]");
        }
        if (resume) {
            throw new InputException(source.name() + ": --resume: it takes less than a minute and is not continued; leave it out");
        }
        List<Long> seeds = new ArrayList<>();
        for (JsonNode seed : source.tree().path("seeds")) {
            if (!seed.isIntegralNumber()) {
                throw new InputException(source.name() + ": seeds: expected a whole number, found " + seed);
            }
            seeds.add(seed.asLong());
        }
        if (seeds.isEmpty()) {
            throw new InputException(source.name() + ": seeds is " + source.tree().path("seeds")
                    + "; a list of at least one whole number, such as [1, 2, 3]");
        }
        Path path = out != null ? out : chooseFolder(ExperimentSource.LABORATORY);
        int code = LaboratoryCommand.run(seeds, false, path, spec);
        spec.commandLine().getOut().println("report:  " + path.resolve("laboratory.txt") + "\nresults: " + path.resolve("laboratory.json"));
        return code;
    }

    private ExperimentSource source() {
        if (file != null && preset != null) {
            throw new InputException("run takes " + file + " or --preset " + preset + ", not both");
        }
        if (file != null) {
            return ExperimentSource.file(file);
        }
        if (preset != null) {
            return ExperimentSource.preset(preset);
        }
        if (resume && out != null) {
            return ExperimentSource.file(out.resolve(RunFolder.EXPERIMENT));
        }
        throw new InputException("run needs an experiment: a file such as experiment.yaml, or --preset "
                + String.join("|", ExperimentSource.PRESETS) + " (to continue a run: --resume --out DIR)");
    }

    /** The first folder of this name that is free; to continue, the last that is not. */
    private Path chooseFolder(String name) {
        Path last = Path.of("runs", name);
        Path next = last;
        for (int i = 2; Files.exists(next); i++) {
            last = next;
            next = Path.of("runs", name + "-" + i);
        }
        return resume ? last : next;
    }
}
