package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One algorithm of an experiment.
 *
 * @param label names its row in every table; the id when none is given
 * @param plugin the algorithm
 * @param overrides what this algorithm's cells have in place of the experiment's own sections: any of
 *     {@link #SECTIONS}
 */
public record AlgorithmEntry(String label, PluginSpec plugin, ObjectNode overrides) {
    /** The sections of the experiment that an algorithm may override for its own cells. */
    public static final List<String> SECTIONS = List.of("policy", "trainPartner", "reward", "start", "budget");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static AlgorithmEntry fromJson(JsonNode node) {
        Set<String> harness = new HashSet<>(SECTIONS);
        harness.add("label");
        PluginSpec plugin = Labels.plugin(node, harness);
        ObjectNode overrides = JsonNodeFactory.instance.objectNode();
        for (String section : SECTIONS) {
            if (node.hasNonNull(section)) {
                overrides.set(section, node.get(section).deepCopy());
            }
        }
        return new AlgorithmEntry(Labels.of(node, plugin), plugin, overrides);
    }

    @JsonValue
    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("label", label);
        node.setAll(plugin.toJson());
        node.setAll(overrides);
        return node;
    }

    /**
     * A section as this algorithm sees it: the keys given here replace those of the experiment's section, unless
     * another plugin is named, which replaces the section as a whole.
     */
    public static JsonNode override(JsonNode section, JsonNode own) {
        JsonNode base = longForm(section);
        JsonNode over = longForm(own);
        if (!base.isObject() || !over.isObject() || over.has("id") && !over.get("id").equals(base.get("id"))) {
            return over;
        }
        ObjectNode merged = base.deepCopy();
        merged.setAll((ObjectNode) over);
        return merged;
    }

    private static JsonNode longForm(JsonNode node) {
        return node.isTextual() ? PluginSpec.of(node.textValue()).toJson() : node;
    }
}
