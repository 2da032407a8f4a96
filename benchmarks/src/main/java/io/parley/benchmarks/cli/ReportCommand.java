package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.RunFolder;
import io.parley.benchmarks.experiment.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {"Makes results.json, the table and report.html again from the finished cells of a run.",
            "While the run is working, prints the table of what is finished and writes nothing."})
final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "Folder of the run.")
    private Path run;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!RunFolder.holdsRun(run)) {
            throw new InputException(run + ": holds no run; name the --out folder of one");
        }
        PrintWriter out = spec.commandLine().getOut();
        Optional<FileChannel> lock = RunFolder.lock(run);
        if (lock.isEmpty()) {
            RunReport.printSoFar(run, out);
            return 0;
        }
        try (FileChannel held = lock.get()) {
            RunReport.print(run, RunReport.write(run, Map.of(), null), out);
        }
        return 0;
    }
}
