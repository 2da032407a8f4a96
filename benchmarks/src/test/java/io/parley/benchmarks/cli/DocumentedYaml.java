package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.parley.benchmarks.cells.Manifest;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.Planner;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.benchmarks.experiment.PluginKind;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * YAML in the documentation is planned: as an experiment where it names tasks and algorithms; keys of an experiment, an
 * algorithm's entry or a list of them in the place of those of the preset {@code smoke}; and anything else with an id as
 * the plugin that it names. The plugins of examples/plugin are there beside ours.
 */
final class DocumentedYaml {
    private final Path folder;

    /** @param folder for what is compiled and written on the way */
    DocumentedYaml(Path folder) {
        this.folder = folder;
    }

    void check(String code) throws IOException {
        ClassLoader loader = DocumentedJava.withExamplePlugins(folder);
        PluginBinder binder = new PluginBinder(PluginContext.of(new RandomStreams(0), new Plugins(loader)));
        JsonNode tree = new YAMLMapper().readTree(code);
        if (tree.isObject() && tree.has("id") && !tree.has("label")) {
            plugin(binder, PluginSpec.fromJson(tree));
            return;
        }
        ObjectNode experiment = ExperimentSource.preset("smoke").tree().deepCopy();
        if (tree.isArray() || tree.has("label")) {
            experiment.set("algorithms", tree.isArray() ? tree : experiment.arrayNode().add(tree));
        } else if (tree.has("tasks") && tree.has("algorithms")) {
            experiment = (ObjectNode) tree;
        } else {
            experiment.setAll((ObjectNode) tree);
        }
        // Paths of a page count from Parley's folder, and a test runs in its module's.
        if (experiment.path("policy") instanceof ObjectNode policy && policy.has("path")) {
            policy.put("path", Path.of("..", policy.path("path").asText()).toString());
        }
        // Their files are not there: they are read as the plugins that they name, and the rest is planned without them.
        JsonNode frozen = experiment.remove("frozen");
        for (JsonNode entry : frozen == null ? experiment.arrayNode() : frozen) {
            ObjectNode named = entry.deepCopy();
            named.remove("label");
            Path file = folder.resolve(named.path("path").asText("none")).toAbsolutePath();
            if (named.path("id").asText().equals("cell")) {
                CellSpecification cell = new CellSpecification(
                        1, 1, PluginSpec.of("wason"), PluginSpec.of("copy-always"), null, null, null, null, null, null, null);
                Files.write(Files.createDirectories(file).resolve("manifest.json"),
                        new ObjectMapper().writeValueAsBytes(new Manifest(1, cell, cell.hash(), null, null, null)));
            } else {
                Files.write(file, new byte[1]);
            }
            plugin(binder, PluginSpec.fromJson(named.put("path", file.toString())));
        }
        Path file = Files.writeString(Files.createTempFile(folder, "block", ".yaml"), ExperimentSource.yaml(experiment));
        new Planner(binder).plan(ExperimentSource.file(file));
    }

    private static void plugin(PluginBinder binder, PluginSpec spec) {
        List<String> refusals = new ArrayList<>();
        for (PluginKind kind : PluginKind.values()) {
            try {
                binder.bind(kind.type(), spec);
                return;
            } catch (ConfigurationException | InputException e) {
                if (!e.getMessage().startsWith("id: ")) {
                    refusals.add(e.getMessage());
                }
            }
        }
        throw new AssertionError(refusals.isEmpty() ? "no plugin of any kind is called '" + spec.id() + "'"
                : String.join("; ", refusals));
    }
}
