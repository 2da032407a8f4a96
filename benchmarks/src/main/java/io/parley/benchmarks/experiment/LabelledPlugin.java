package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginSpec;
import java.util.Set;

/**
 * A task of an experiment, or a partner of its evaluation: a plugin with a label.
 *
 * @param label its name in tables and paths; the id when none is given
 * @param plugin the plugin
 */
public record LabelledPlugin(String label, PluginSpec plugin) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static LabelledPlugin fromJson(JsonNode node) {
        PluginSpec plugin = Labels.plugin(node, Set.of("label"));
        return new LabelledPlugin(Labels.of(node, plugin), plugin);
    }

    @JsonValue
    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("label", label);
        node.setAll(plugin.toJson());
        return node;
    }
}
