package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.cells.RunFolder;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.Plan;
import io.parley.benchmarks.experiment.Planner;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.Plugins;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        description = "Runs an experiment: trains every algorithm on every seed, judges it, and writes results.json and "
                + "report.html.")
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

    @Option(names = "--resume", description = "Continues the run in --out, or the last one of this name: finished cells are "
            + "kept, and one that was cut off goes on from its last checkpoint, if the same code made it.")
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
        if (out != null && out.toString().isBlank()) {
            throw new InputException("--out is empty; name a folder");
        }
        ExperimentSource source = source().with(settings);
        if (ExperimentSource.LABORATORY.equals(preset)) {
            return laboratory(source);
        }
        Plan plan = plan(source);
        Path path = out != null ? out : ExperimentRun.folder(plan.experiment().name(), resume);
        ExperimentRun.Outcome outcome = new ExperimentRun(plan, path, resume, workerMemory, pluginPath.arguments())
                .carryOut(plugins, spec.commandLine().getErr());
        outcome.results().ifPresent(results -> RunReport.print(path, results, spec.commandLine().getOut()));
        return outcome.exitCode();
    }

    private Plan plan(ExperimentSource source) {
        try {
            return planner.plan(source);
        } catch (InputException e) {
            if (resume && e.getCause() instanceof ConfigurationException at
                    && CellSpecification.namesFiles(at.path().substring(at.path().lastIndexOf('.') + 1))) {
                String place = at.path().replaceFirst("sha256$", "path").replaceAll("\\[(\\d+)]", ".$1");
                throw new InputException(e.getMessage() + RunFolder.moved(place), e);
            }
            throw e;
        }
    }

    private int laboratory(ExperimentSource source) throws IOException {
        List<String> keys = new ArrayList<>();
        source.tree().fieldNames().forEachRemaining(keys::add);
        keys.remove("seeds");
        if (!keys.isEmpty()) {
            throw new InputException(source.name() + ": " + String.join(", ", keys)
                    + " cannot be set: the laboratory has environments, algorithms and claims of its own; its seeds can, as "
                    + "seeds=[1,2]");
        }
        if (resume) {
            throw new InputException(source.name()
                    + ": --resume: it takes less than a minute and is not continued; leave it out");
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
        Path path = out != null ? out : ExperimentRun.folder(ExperimentSource.LABORATORY, resume);
        int code = LaboratoryCommand.run(seeds, false, path, spec);
        spec.commandLine().getOut().println("report:  " + path.resolve("laboratory.txt")
                + "\nresults: " + path.resolve("laboratory.json"));
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
            return RunFolder.source(out);
        }
        throw new InputException("run needs an experiment: a file such as experiment.yaml, or --preset "
                + String.join("|", ExperimentSource.PRESETS) + " (to continue a run: --resume --out DIR)");
    }
}
