package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.Progress;
import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.cells.Provenance;
import io.parley.benchmarks.cells.RunFolder;
import io.parley.benchmarks.cells.WorkerPool;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.Plan;
import io.parley.benchmarks.experiment.PluginKind;
import io.parley.benchmarks.results.Results;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.policy.PolicyProvider;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A plan as it is carried out: worker processes, progress and failures on standard error, the reports at the end.
 *
 * @param path folder of the run
 * @param resume whether it holds the same run already, which is to be continued
 * @param workerMemory heap of each worker process, as Java takes it
 * @param pluginPath arguments that name it
 */
record ExperimentRun(Plan plan, Path path, boolean resume, String workerMemory, List<String> pluginPath) {
    ExperimentRun {
        if (!workerMemory.matches("[1-9]\\d*[kKmMgG]")) {
            throw new InputException("--worker-memory " + workerMemory + ": expected a size such as 512m or 2g");
        }
    }

    /** The first folder of this name that is free; to continue, the one of the highest number that holds a run. */
    static Path folder(String name, boolean resume) throws IOException {
        return folder(Path.of("runs"), name, resume);
    }

    static Path folder(Path runs, String name, boolean resume) throws IOException {
        Path folder = runs.resolve(name);
        if (!resume) {
            for (int i = 2; Files.exists(folder); i++) {
                folder = runs.resolve(name + "-" + i);
            }
            return folder;
        }
        if (!Files.isDirectory(runs)) {
            return folder;
        }
        Pattern numbered = Pattern.compile(Pattern.quote(name) + "-(\\d{1,9})");
        try (Stream<Path> entries = Files.list(runs)) {
            return entries.filter(RunFolder::holdsRun)
                    .filter(run -> numbered.matcher(run.getFileName().toString()).matches())
                    .max(Comparator.comparingInt(run ->
                            Integer.parseInt(run.getFileName().toString().substring(name.length() + 1))))
                    .orElse(folder);
        }
    }

    /**
     * What came of it.
     *
     * @param results empty if they could not be written
     * @param whole whether every cell is finished
     */
    record Outcome(Optional<Results> results, boolean whole) {
        int exitCode() {
            return whole && results.isPresent() ? 0 : 1;
        }
    }

    /**
     * What is to be known of {@code precision: bfloat16} on a processor without instructions for it.
     *
     * @param bfloat16 as {@link Provenance#bfloat16} says
     */
    static Optional<String> slow(Plan plan, String bfloat16) {
        boolean asked = plan.cells().stream()
                .anyMatch(cell -> cell.specification().policy().config().path("precision").asText().equals("bfloat16"));
        return asked && bfloat16.equals("no")
                ? Optional.of("precision: bfloat16 will be slow: this processor has no instructions for it (avx512_bf16, "
                        + "amx_bf16); float32 is for such machines")
                : Optional.empty();
    }

    private static <C extends Record> List<String> notes(PolicyProvider<C> provider, PluginSpec policy, Plugins plugins) {
        return provider.notes(plugins.config(provider, policy));
    }

    /** Computes what is missing and writes {@code results.json} and {@code report.html}. */
    Outcome carryOut(Plugins plugins, PrintWriter err) throws InterruptedException, IOException {
        PluginKind.problems(plugins).forEach(problem -> err.println("note: left out: " + problem));
        boolean continued = RunFolder.holdsRun(path);
        Instant started = Instant.now();
        try (RunFolder run = RunFolder.open(path, plan, resume)) {
            run.notices().forEach(notice -> err.println("note: " + notice));
            slow(plan, Provenance.bfloat16()).ifPresent(notice -> err.println("note: " + notice));
            plan.cells().stream().map(cell -> cell.specification().policy()).distinct()
                    .flatMap(policy -> notes(plugins.find(PolicyProvider.class, policy.id()), policy, plugins).stream())
                    .forEach(note -> err.println("note: " + note));
            err.println("run folder: " + path);
            WorkerPool pool = new WorkerPool(run,
                    WorkerLauncher.settings(plan.experiment().workers().resolve(), workerMemory,
                            path.resolve("logs"), pluginPath),
                    new Progress(err, System.console() != null));
            Thread interrupted = new Thread(() -> err.println(
                    "\ninterrupted: what is finished is kept; continue with --resume --out " + path));
            Runtime.getRuntime().addShutdownHook(interrupted);
            Map<Plan.Cell, String> failed = pool.run();
            Runtime.getRuntime().removeShutdownHook(interrupted);
            if (!failed.isEmpty()) {
                err.println("parley: " + failed.size() + " of " + plan.cells().size() + " cells failed:");
                failed.forEach((cell, problem) -> err.println("  " + cell.title() + ": " + problem));
                err.println("The others are finished; try the failed ones again with --resume --out " + path);
            }
            try {
                return new Outcome(Optional.of(RunReport.write(path, failed, continued ? null : started)), failed.isEmpty());
            } catch (IOException e) {
                err.println("parley: the results could not be written: " + Failures.describe(e)
                        + "; what is finished is kept: continue with --resume --out " + path);
                return new Outcome(Optional.empty(), failed.isEmpty());
            }
        }
    }
}
