package io.parley.benchmarks.cli;

import io.parley.benchmarks.experiment.ExperimentSchema;
import io.parley.benchmarks.experiment.ReferencePage;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = "Prints the JSON Schema of experiment.yaml, with the settings of every plugin that is there.")
final class SchemaCommand implements Callable<Integer> {
    @Option(names = "--markdown", description = "As the page docs/experiment-reference.md.")
    private boolean markdown;

    @Mixin
    private PluginPath pluginPath;

    @Spec
    private CommandSpec spec;

    private final ExperimentSchema schema;

    @Inject
    SchemaCommand(ExperimentSchema schema) {
        this.schema = schema;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(markdown ? ReferencePage.render(schema.toJson()) : schema.toJson().toPrettyString() + "\n");
        out.flush();
        return 0;
    }
}
