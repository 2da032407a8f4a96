package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.experiment.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "laboratory", mixinStandardHelpOptions = true,
        description = "Runs the modified-action environments: which algorithm ignores that its actions are changed, which one "
                + "avoids it, against exact solutions; exit code 1 if one ends elsewhere than is claimed of it.")
final class LaboratoryCommand implements Callable<Integer> {
    private static final String TOOL = "parley-laboratory";

    @Option(names = "--seeds", split = ",", paramLabel = "SEED", defaultValue = "1,2,3,4,5",
            description = "Seeds, joined by commas. Default: ${DEFAULT-VALUE}.")
    private List<Long> seeds;

    @Option(names = "--json", description = "As JSON, one row a seed.")
    private boolean json;

    @Option(names = "--out", paramLabel = "DIR", description = "A new or empty folder for laboratory.txt and laboratory.json.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return run(seeds, json, out, spec);
    }

    /**
     * Runs the laboratory and prints its report.
     *
     * @param out a folder that is new or empty, for the report in both forms; null for none
     * @return the exit code
     */
    static int run(List<Long> seeds, boolean json, Path out, CommandSpec spec) {
        ToolProvider tool = ToolProvider.findFirst(TOOL).orElseThrow(() -> new InputException("there is no tool " + TOOL
                + " on the class path; the jar parley-laboratory brings it"));
        List<String> arguments = new ArrayList<>(seeds.stream().map(String::valueOf).toList());
        if (json) {
            arguments.add("--json");
        }
        if (out != null) {
            open(out);
            arguments.add("--out=" + out);
        }
        // Must stand before the engine is loaded; tables are too small to share.
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        PrintWriter err = spec.commandLine().getErr();
        return tool.run(spec.commandLine().getOut(), err, arguments.toArray(String[]::new));
    }

    private static void open(Path folder) {
        try {
            Files.createDirectories(folder);
            try (Stream<Path> entries = Files.list(folder)) {
                entries.findAny().ifPresent(entry -> {
                    throw new InputException("--out " + folder
                            + ": holds " + entry.getFileName() + "; name a new or empty folder");
                });
            }
        } catch (IOException e) {
            throw new InputException("--out " + folder + ": cannot be used: " + Failures.describe(e), e);
        }
    }
}
