package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The page docs/experiment-reference.md: the schema of experiment.yaml as tables. */
public final class ReferencePage {
    private ReferencePage() {}

    /** @param schema as {@link ExperimentSchema#toJson} gives it */
    public static String render(ObjectNode schema) {
        StringBuilder page = new StringBuilder("""
                # experiment.yaml

                This page is made from the code by `./parley schema --markdown > docs/experiment-reference.md`; the same as a JSON
                Schema, for editors: `./parley schema`. Unknown keys, types and ids are refused, with the nearest valid name.

                A plugin is written `{id: mixed, helpful: 0.8}`, or just `mixed` for its defaults.

                A path, in `--set path=value` and in `grid`, is steps joined by dots: a key, the place of an entry of a list
                (from 0), or the entry's label (its id where it has none). So `budget.responses=20000`,
                `algorithms.icr.ppo.learningRate=0.001`, `tasks.0.rounds=3`, `evaluation.split=dev`. A value is YAML; `null`
                takes a key out, and another `id` takes out what was set of the plugin before it. A shell wants brackets
                quoted: `--set "seeds=[1,2]"`.

                """);
        table(page, schema);
        page.append("\n## evaluation\n\n");
        table(page, schema.at("/properties/evaluation"));
        page.append("\n## budget\n\n");
        table(page, schema.at("/properties/budget"));
        for (PluginKind kind : PluginKind.values()) {
            if (!kind.inExperiments()) {
                continue;
            }
            page.append("\n## ").append(kind.label()).append("\n");
            for (Map.Entry<String, JsonNode> definition : schema.path("$defs").properties()) {
                if (definition.getKey().startsWith(kind.label() + "-")) {
                    JsonNode plugin = definition.getValue();
                    page.append("\n### ").append(plugin.at("/properties/id/const").asText()).append("\n\n")
                            .append(plugin.path("description").asText()).append("\n");
                    ObjectNode own = plugin.deepCopy();
                    ((ObjectNode) own.get("properties")).remove("id");
                    if (!own.get("properties").isEmpty()) {
                        page.append("\n");
                        table(page, own);
                    }
                }
            }
        }
        return page.toString();
    }

    private static void table(StringBuilder page, JsonNode schema) {
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(key -> required.add(key.asText()));
        page.append("| key | type | default | meaning |\n| --- | --- | --- | --- |\n");
        for (Map.Entry<String, JsonNode> entry : schema.path("properties").properties()) {
            JsonNode property = entry.getValue();
            page.append("| `").append(entry.getKey()).append("` | ").append(type(property)).append(" | ")
                    .append(required.contains(entry.getKey()) ? "required"
                            : property.has("default") ? "`" + yaml(property.get("default")) + "`"
                            : property.has(ExperimentSchema.DEPENDS)
                                    ? "depends on `" + property.get(ExperimentSchema.DEPENDS).asText() + "`" : "")
                    .append(" | ").append(property.path("description").asText().replace("|", "\\|").replace("\n", " "))
                    .append(" |\n");
        }
    }

    /** As it is written in an experiment; no default has a text that needs quotes. */
    private static String yaml(JsonNode value) {
        return value.toString().replace("\"", "").replace(":", ": ").replace(",", ", ");
    }

    private static String type(JsonNode property) {
        if (property.at("/anyOf/0").has("$ref")) {
            return type(property.at("/anyOf/0"));
        }
        if (property.has("$ref")) {
            String kind = property.get("$ref").asText().replaceFirst(".*/", "");
            return "[" + kind + "](#" + kind + ")";
        }
        if (property.has("enum")) {
            StringBuilder words = new StringBuilder();
            property.get("enum").forEach(word ->
                    words.append(words.isEmpty() ? "" : ", ").append("`").append(word.asText()).append("`"));
            return words.toString();
        }
        if (property.path("type").asText().equals("array")) {
            return "list of " + type(property.path("items"));
        }
        return switch (property.path("type").asText()) {
            case "integer" -> "whole number";
            case "number" -> "number";
            case "boolean" -> "true or false";
            case "string" -> "text";
            case "object" -> "mapping";
            default -> property.at("/anyOf/1/required").isArray() ? "plugin" : "see text";
        };
    }
}
