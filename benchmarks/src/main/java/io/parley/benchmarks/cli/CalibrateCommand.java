package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.calibration.Calibration;
import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.files.WholeFile;
import io.parley.core.plugin.Plugins;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fits the people of the tasks to groups of people. A file that cannot be read is treated as by {@link ScoreCommand}. */
@Command(
        name = "calibrate",
        mixinStandardHelpOptions = true,
        description = "Fits how participants change their minds to groups of people, with five-fold cross-validation, and shows "
                + "the fit beside the people. A file that cannot be read is named and left out; then the exit code is 2.")
final class CalibrateCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = Plugins.strictMapper();

    @Parameters(paramLabel = "DELIDATA_DIR", description = "A folder with DeliData files as published, one a group; gzipped when "
            + "the name ends in .gz.")
    private Path folder;

    @Option(names = "--out", paramLabel = "FILE", description = "Writes what was fitted to this new file, for the key people of "
            + "the tasks wason and weights.")
    private Path target;

    @Option(names = "--seed", defaultValue = "1", description = "Of all random numbers; ${DEFAULT-VALUE} unless given.")
    private long seed;

    @Option(names = "--json", description = "What was fitted, as it is written to a file, in place of the table.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (target != null && Files.exists(target)) {
            throw new InputException(target + ": it exists already; choose another name or remove it");
        }
        if (target != null && !Files.isDirectory(target.toAbsolutePath().getParent())) {
            throw new InputException(target + ": there is no folder " + target.toAbsolutePath().getParent() + "; make it first");
        }
        PrintWriter err = spec.commandLine().getErr();
        DeliDataFiles files = new DeliDataFiles();
        List<String> problems = new ArrayList<>();
        for (Path file : DeliDataFiles.files(folder)) {
            try {
                files.add(file);
            } catch (InputException e) {
                problems.add(e.getMessage());
            }
        }
        problems.forEach(problem -> err.println("parley: " + problem));
        if (!problems.isEmpty()) {
            err.println("parley: the fit is to the other files");
        }
        err.flush();
        Calibration.Result result = Calibration.run(files.groups(), seed);
        String fitted = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result.people());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(fitted);
        } else {
            table(out, result.figures());
        }
        if (target != null) {
            write(fitted);
            out.print(json ? "" : "wrote " + target + "\n");
        }
        out.flush();
        return problems.isEmpty() ? ExitCode.OK : ExitCode.USAGE;
    }

    private static void table(PrintWriter out, List<Calibration.Figure> figures) {
        out.printf("%-34s %8s %8s %8s %8s %14s%n", "", "people", "s.e.", "held out", "fitted", "nobody changes");
        for (Calibration.Figure figure : figures) {
            out.printf(Locale.ROOT, "%-34s %8.4f %8.4f %8.4f %8.4f %14.4f   %s%n", figure.name(), figure.human(),
                    figure.standardError(), figure.heldOut(), figure.fitted(), figure.unchanged(),
                    figure.reached() ? "within 2 s.e." : "not reached");
        }
        out.println("held out: each fifth of the groups simulated by what was fitted to the others; "
                + "s.e.: of the people's figure, over groups");
    }

    private void write(String fitted) {
        try {
            WholeFile.write(target, (fitted + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InputException(Failures.describe(e), e);
        }
    }
}
