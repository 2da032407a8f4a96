package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.plugin.ConfigurationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Which settings vary: a mapping from paths to lists of values stands for their cartesian product, and a list of such
 * mappings for the union of their products.
 *
 * @param mappings at least one; a mapping without paths is the experiment as it stands
 */
public record Grid(List<Map<String, List<JsonNode>>> mappings) {
    public Grid {
        mappings = List.copyOf(mappings);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Grid fromJson(JsonNode node) {
        List<Map<String, List<JsonNode>>> mappings = new ArrayList<>();
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                mappings.add(mapping(node.get(i), "[" + i + "]"));
            }
        } else {
            mappings.add(mapping(node, ""));
        }
        return new Grid(mappings.isEmpty() ? List.of(Map.of()) : mappings);
    }

    private static Map<String, List<JsonNode>> mapping(JsonNode node, String at) {
        if (!node.isObject()) {
            throw new ConfigurationException(at, "found " + node
                    + "; a mapping of paths to lists of values, such as {trainPartner.helpful: [0.1, 0.9]}, or a list of such "
                    + "mappings");
        }
        Map<String, List<JsonNode>> mapping = new LinkedHashMap<>();
        node.fields().forEachRemaining(entry -> {
            JsonNode values = entry.getValue();
            if (!values.isArray() || values.isEmpty()) {
                throw new ConfigurationException(at.isEmpty() ? entry.getKey() : at + "." + entry.getKey(),
                        "found " + values + "; a list of at least one value");
            }
            List<JsonNode> list = new ArrayList<>();
            values.forEach(list::add);
            mapping.put(entry.getKey(), list);
        });
        return mapping;
    }

    @JsonValue
    Object toJson() {
        return mappings.size() == 1 ? mappings.get(0) : mappings;
    }

    /** Every combination once, in order; each is a mapping from path to value. */
    List<Map<String, JsonNode>> combinations() {
        LinkedHashSet<Map<String, JsonNode>> all = new LinkedHashSet<>();
        for (Map<String, List<JsonNode>> mapping : mappings) {
            List<Map<String, JsonNode>> product = List.of(Map.of());
            for (Map.Entry<String, List<JsonNode>> axis : mapping.entrySet()) {
                List<Map<String, JsonNode>> longer = new ArrayList<>();
                for (Map<String, JsonNode> prefix : product) {
                    for (JsonNode value : axis.getValue()) {
                        Map<String, JsonNode> combination = new LinkedHashMap<>(prefix);
                        combination.put(axis.getKey(), value);
                        longer.add(combination);
                    }
                }
                product = longer;
            }
            all.addAll(product);
        }
        return List.copyOf(all);
    }
}
