package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Labels name rows of tables, folders and steps of a path, so their characters are few. */
final class Labels {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]*");

    private Labels() {}

    /** The label of an entry such as {@code {label: icr-mask, id: icr}}; the id when it has none. */
    static String of(JsonNode node, PluginSpec plugin) {
        JsonNode label = node.path("label");
        if (label.isMissingNode() || label.isNull()) {
            return check("id", plugin.id());
        }
        if (!label.isTextual()) {
            throw new ConfigurationException("label", "found " + label + "; a label is a text");
        }
        return check("label", label.textValue());
    }

    private static String check(String path, String label) {
        if (!ALLOWED.matcher(label).matches()) {
            throw new ConfigurationException(path, "found '" + label
                    + "'; a label starts with a letter or digit and holds letters, digits, '-' and '_' only");
        }
        return label;
    }

    static <T> void unique(String path, List<T> entries, Function<T, String> label) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < entries.size(); i++) {
            String name = label.apply(entries.get(i));
            if (!seen.add(name)) {
                throw new ConfigurationException(path + "[" + i + "].label",
                        "'" + name + "' is used twice; labels name the rows of every table, so each is used once");
            }
        }
    }

    /** The plugin of an entry: everything but the keys that belong to the harness. */
    static PluginSpec plugin(JsonNode node, Set<String> harnessKeys) {
        if (node.isObject()) {
            ObjectNode rest = ((ObjectNode) node).deepCopy();
            rest.remove(harnessKeys);
            return PluginSpec.fromJson(rest);
        }
        return PluginSpec.fromJson(node);
    }
}
