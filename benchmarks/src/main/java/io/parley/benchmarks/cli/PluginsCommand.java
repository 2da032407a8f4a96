package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.cells.Provenance;
import io.parley.benchmarks.experiment.PluginKind;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "plugins", mixinStandardHelpOptions = true,
        description = "Lists the plugins that experiments can name, and says what is wrong with others; exit code 2 if there "
                + "are any.")
final class PluginsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Mixin
    private PluginPath pluginPath;

    @Spec
    private CommandSpec spec;

    private final Plugins plugins;

    @Inject
    PluginsCommand(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() {
        ArrayNode list = new ObjectMapper().createArrayNode();
        for (PluginKind kind : PluginKind.values()) {
            for (Provider<?> provider : plugins.all(kind.type())) {
                ObjectNode entry = list.addObject().put("kind", kind.label()).put("id", provider.id());
                entry.putObject("origin")
                        .put("jar", Provenance.jar(provider.getClass()))
                        .put("version", Provenance.version(provider.getClass()))
                        .put("hash", Provenance.hash(provider.getClass()));
                entry.put("description", provider.description());
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(list.toPrettyString());
        } else {
            for (JsonNode entry : list) {
                JsonNode origin = entry.get("origin");
                out.printf("%-15s %-25s %s%n%-15s %-25s (%s, version %s, hash %s)%n",
                        entry.get("kind").asText(), entry.get("id").asText(),
                        entry.get("description").asText(), "", "", origin.get("jar").asText(), origin.get("version").asText(),
                        origin.get("hash").asText());
            }
        }
        out.flush();
        List<String> problems = PluginKind.problems(plugins);
        problems.forEach(problem -> spec.commandLine().getErr().println("parley: left out: " + problem));
        return problems.isEmpty() ? 0 : CommandLine.ExitCode.USAGE;
    }
}
