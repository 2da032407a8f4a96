package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.parley.benchmarks.cells.Provenance;
import io.parley.benchmarks.experiment.PluginKind;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "plugins", mixinStandardHelpOptions = true, description = "Lists the plugins that experiments can name.")
final class PluginsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "As JSON.")
    private boolean json;

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
                list.addObject()
                        .put("kind", kind.label())
                        .put("id", provider.id())
                        .put("origin", Provenance.origin(provider.getClass()))
                        .put("version", Provenance.plugin(provider))
                        .put("description", provider.description());
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(list.toPrettyString());
        } else {
            for (JsonNode entry : list) {
                out.printf("%-15s %-25s %s%n%-15s %-25s (%s)%n", entry.get("kind").asText(), entry.get("id").asText(),
                        entry.get("description").asText(), "", "", entry.get("origin").asText());
            }
        }
        out.flush();
        return 0;
    }
}
