package io.parley.core.plugin;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * A plugin asked for in a configuration: {@code {id: mixed, helpful: 0.8}}, or {@code mixed} for its defaults.
 *
 * @param id the provider's id
 * @param config its configuration, without the id; not modified
 */
public record PluginSpec(String id, ObjectNode config) {
    public PluginSpec {
        if (id == null || id.isBlank()) {
            throw new IllegalArgumentException("a plugin is named by its id, such as {id: mixed} or just mixed");
        }
        config = config == null ? JsonNodeFactory.instance.objectNode() : config.deepCopy();
    }

    /** A plugin with its default configuration. */
    public static PluginSpec of(String id) {
        return new PluginSpec(id, null);
    }

    /**
     * A plugin with some settings, such as {@code PluginSpec.of("icr", Map.of("counterfactual", "mask", "lambda", 0.1))}.
     *
     * @param settings values as JSON has them: texts, numbers, truth values, lists, and maps for what is nested
     */
    public static PluginSpec of(String id, Map<String, ?> settings) {
        return new PluginSpec(id, new ObjectMapper().valueToTree(settings));
    }

    /** Reads either form. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static PluginSpec fromJson(JsonNode node) {
        if (node.isTextual()) {
            return of(node.textValue());
        }
        if (!node.isObject() || !node.path("id").isTextual()) {
            throw new IllegalArgumentException(
                    "found " + node + "; a plugin is named by its id, such as {id: mixed, helpful: 0.8} or just mixed");
        }
        ObjectNode config = ((ObjectNode) node).deepCopy();
        config.remove("id");
        return new PluginSpec(node.get("id").textValue(), config);
    }

    /** The long form, id first. */
    @JsonValue
    public ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("id", id);
        node.setAll(config);
        return node;
    }
}
