package io.parley.benchmarks.cli;

import io.parley.benchmarks.experiment.InputException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.spi.ToolProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "laboratory", mixinStandardHelpOptions = true,
        description = "Runs the modified-action environments: which algorithm ignores that its actions are changed, which one avoids "
                + "it, against exact solutions; exit code 1 if one ends elsewhere than is claimed of it.")
final class LaboratoryCommand implements Callable<Integer> {
    private static final String TOOL = "parley-laboratory";

    @Option(names = "--seeds", split = ",", paramLabel = "SEED", defaultValue = "1,2,3",
            description = "Seeds, joined by commas. Default: ${DEFAULT-VALUE}.")
    private List<Long> seeds;

    @Option(names = "--json", description = "As JSON, one row a seed.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        ToolProvider tool = ToolProvider.findFirst(TOOL).orElseThrow(() -> new InputException("there is no tool " + TOOL
                + " on the class path; the jar parley-laboratory brings it"));
        // Must stand before the engine is loaded; tables are too small to share.
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        List<String> arguments = new ArrayList<>(seeds.stream().map(String::valueOf).toList());
        if (json) {
            arguments.add("--json");
        }
        PrintWriter err = spec.commandLine().getErr();
        return tool.run(spec.commandLine().getOut(), err, arguments.toArray(String[]::new));
    }
}
