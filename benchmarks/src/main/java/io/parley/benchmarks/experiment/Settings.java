package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sets one value inside an experiment by its path: steps joined by dots, each a key, an index into a list, or the label
 * (the id where it has none) of a list's entry, such as {@code algorithms.icr.lambda}. Used for {@code --set} and for the
 * grid, so that both mean the same.
 */
public final class Settings {
    private static final List<String> HARNESS_KEYS =
            Stream.concat(Stream.of("id", "label"), AlgorithmEntry.SECTIONS.stream()).toList();

    private Settings() {}

    /** @throws ConfigurationException if a step leads nowhere */
    public static void set(ObjectNode root, String path, JsonNode value) {
        String[] steps = path.split("\\.", -1);
        for (String step : steps) {
            if (step.isBlank()) {
                throw new ConfigurationException(path,
                        "a path has keys, indices and labels joined by dots, such as trainPartner.helpful");
            }
        }
        if (steps[0].equals("grid") && steps.length > 1) {
            // The keys of the grid are paths themselves.
            if (!root.path("grid").isObject()) {
                if (root.path("grid").isArray()) {
                    throw new ConfigurationException(path, "grid is a list here; set it as a whole, such as grid=[{}]");
                }
                root.putObject("grid");
            }
            ((ObjectNode) root.get("grid")).set(path.substring("grid.".length()), value);
            return;
        }
        JsonNode node = root;
        for (int i = 0; i < steps.length - 1; i++) {
            node = child(node, steps, i);
        }
        String last = steps[steps.length - 1];
        if (node instanceof ArrayNode list) {
            list.set(index(list, steps, steps.length - 1), value);
        } else {
            ObjectNode mapping = (ObjectNode) node;
            if (last.equals("id") && mapping.has("id") && !mapping.get("id").equals(value)) {
                // Another plugin knows nothing of this one's settings.
                mapping.retain(HARNESS_KEYS);
            }
            mapping.set(last, value);
        }
    }

    private static JsonNode child(JsonNode node, String[] steps, int i) {
        if (node instanceof ArrayNode list) {
            int index = index(list, steps, i);
            if (list.get(index).isTextual()) {
                list.set(index, PluginSpec.of(list.get(index).textValue()).toJson());
            }
            return container(list.get(index), steps, i);
        }
        ObjectNode mapping = (ObjectNode) node;
        JsonNode child = mapping.get(steps[i]);
        if (child == null || child.isNull()) {
            // A key that is unknown is refused when the experiment is read.
            return mapping.putObject(steps[i]);
        }
        if (child.isTextual()) {
            return mapping.set(steps[i], PluginSpec.of(child.textValue()).toJson()).get(steps[i]);
        }
        return container(child, steps, i);
    }

    private static JsonNode container(JsonNode child, String[] steps, int i) {
        if (!child.isContainerNode()) {
            throw new ConfigurationException(
                    String.join(".", steps), "'" + steps[i] + "' is " + child + " and has no '" + steps[i + 1] + "'");
        }
        return child;
    }

    private static int index(ArrayNode list, String[] steps, int i) {
        String step = steps[i];
        if (step.matches("\\d{1,9}")) {
            int index = Integer.parseInt(step);
            if (index < list.size()) {
                return index;
            }
        }
        List<String> names = new ArrayList<>();
        for (int k = 0; k < list.size(); k++) {
            String name = name(list.get(k));
            if (step.equals(name)) {
                return k;
            }
            names.add(name);
        }
        throw new ConfigurationException(String.join(".", steps), "there is no '" + step + "' in this list"
                + (list.isEmpty() ? "; it is empty" : Suggestions.near(step, names) + "; there are: " + String.join(", ", names)
                        + ", or 0 to " + (list.size() - 1)));
    }

    private static String name(JsonNode entry) {
        return entry.isTextual() ? entry.textValue() : entry.path("label").asText(entry.path("id").asText());
    }
}
