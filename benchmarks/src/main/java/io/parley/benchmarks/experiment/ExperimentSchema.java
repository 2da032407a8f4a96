package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonModule;
import io.parley.core.plugin.DefaultDependsOn;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * JSON Schema (draft 2020-12) of experiment.yaml. Descriptions come from the records' annotations, defaults from reading
 * each record from an empty mapping, and what a section may hold from the plugins that are there.
 */
public final class ExperimentSchema {
    /** Beside the keywords of JSON Schema, which has none for it: the key on which a default depends. */
    static final String DEPENDS = "x-default-depends-on";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Map<String, PluginKind> SECTIONS = Map.of(
            "policy", PluginKind.POLICY,
            "trainPartner", PluginKind.PARTNER,
            "reward", PluginKind.REWARD,
            "start", PluginKind.ALGORITHM);

    private final PluginContext context;
    private final SchemaGenerator generator;

    /** @param context whose plugins are described */
    public ExperimentSchema(PluginContext context) {
        this.context = context;
        SchemaGeneratorConfigBuilder builder = new SchemaGeneratorConfigBuilder(SchemaVersion.DRAFT_2020_12,
                        OptionPreset.PLAIN_JSON)
                .with(new JacksonModule())
                .with(Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT, Option.INLINE_ALL_SCHEMAS);
        builder.forTypesInGeneral().withCustomDefinitionProvider((type, generation) -> {
            Class<?> raw = type.getErasedType();
            return raw == PluginSpec.class || raw == LabelledPlugin.class || raw == AlgorithmEntry.class ? as(anyPlugin())
                    : raw == Workers.class ? as(workers())
                    : raw == Grid.class ? as(NODES.objectNode())
                    : raw == Map.class ? as(NODES.objectNode().put("type", "object"))
                    : raw.isEnum() ? as(words(raw))
                    : null;
        });
        generator = new SchemaGenerator(builder.build());
    }

    /** The schema. */
    public ObjectNode toJson() {
        ObjectNode schema = generator.generateSchema(Experiment.class);
        schema.put("title", "experiment.yaml");
        schema.set("required", NODES.arrayNode().add("name").add("seeds").add("tasks"));
        ObjectNode properties = (ObjectNode) schema.get("properties");
        Experiment.DEFAULT_IDS.forEach((section, id) -> section(properties, section));
        properties.set("grid", grid().put("description", properties.at("/grid/description").asText()));
        items(properties, "tasks", PluginKind.TASK, labelled());
        items(properties, "algorithms", PluginKind.ALGORITHM, sections());
        items(properties, "frozen", PluginKind.POLICY, labelled());
        ObjectNode evaluation = (ObjectNode) properties.at("/evaluation/properties");
        refer(evaluation, "counterfactual", PluginKind.COUNTERFACTUAL);
        items(evaluation, "partners", PluginKind.PARTNER, labelled());
        // train is refused: nothing is judged on what it was trained on.
        ((ObjectNode) evaluation.get("split")).putArray("enum").add("dev").add("test");
        defaults((ObjectNode) properties.get("evaluation"), EvaluationSettings.class, NODES.objectNode());
        defaults((ObjectNode) properties.get("budget"), Budget.class, NODES.objectNode());
        ObjectNode least = NODES.objectNode().put("name", "least");
        least.putArray("seeds").add(1);
        least.putArray("tasks").add("any");
        // Their keys have the defaults.
        least.putObject("evaluation");
        least.putObject("budget");
        defaults(schema, Experiment.class, least);

        ObjectNode definitions = schema.putObject("$defs");
        for (PluginKind kind : PluginKind.values()) {
            if (!kind.inExperiments()) {
                continue;
            }
            ArrayNode any = definitions.putObject(kind.label()).putArray("anyOf");
            ArrayNode ids = NODES.arrayNode();
            for (Provider<?> provider : context.plugins().all(kind.type())) {
                ids.add(provider.id());
                definitions.set(name(kind, provider), plugin(provider));
                any.addObject().put("$ref", "#/$defs/" + name(kind, provider));
            }
            any.addObject().set("enum", ids);
        }
        Experiment.DEFAULT_IDS.forEach((section, id) -> {
            ObjectNode unnamed = ((ObjectNode) definitions.get(SECTIONS.get(section).label() + "-" + id)).deepCopy();
            unnamed.remove("required");
            definitions.set("unnamed-" + section, unnamed);
        });
        return schema;
    }

    private static String name(PluginKind kind, Provider<?> provider) {
        return kind.label() + "-" + provider.id();
    }

    private ObjectNode plugin(Provider<?> provider) {
        ObjectNode schema = generator.generateSchema(provider.configType());
        schema.remove("$schema");
        defaults(schema, provider.configType(), NODES.objectNode());
        ObjectNode properties = NODES.objectNode();
        properties.putObject("id").put("const", provider.id());
        if (schema.get("properties") instanceof ObjectNode own) {
            properties.setAll(own);
        }
        ObjectNode definition = NODES.objectNode();
        definition.put("type", "object");
        definition.put("description", provider.description());
        definition.set("properties", properties);
        definition.set("required", NODES.arrayNode().add("id"));
        return definition;
    }

    /**
     * Writes the value that each component of a record has where it is left out or, under {@value #DEPENDS}, the key on which it
     * depends.
     *
     * @param least what the record is read from: keys that have no default
     */
    private void defaults(ObjectNode schema, Class<?> type, ObjectNode least) {
        JsonNode values;
        try {
            values = context.mapper().valueToTree(context.mapper().treeToValue(least, type));
        } catch (JsonProcessingException e) {
            return;
        }
        Map<String, String> dependent = !type.isRecord() ? Map.of() : Arrays.stream(type.getRecordComponents())
                .filter(component -> component.isAnnotationPresent(DefaultDependsOn.class))
                .collect(Collectors.toMap(
                        RecordComponent::getName, component -> component.getAnnotation(DefaultDependsOn.class).value()));
        values.fields().forEachRemaining(entry -> {
            if (!entry.getValue().isNull() && !least.has(entry.getKey())
                    && schema.at("/properties/" + entry.getKey()) instanceof ObjectNode property) {
                if (dependent.containsKey(entry.getKey())) {
                    property.put(DEPENDS, dependent.get(entry.getKey()));
                } else {
                    property.set("default", entry.getValue());
                }
            }
        });
    }

    /** A section may name its plugin or leave it at the default. */
    private static void section(ObjectNode properties, String name) {
        ObjectNode section = NODES.objectNode().put("description", properties.at("/" + name + "/description").asText());
        ArrayNode any = section.putArray("anyOf");
        any.addObject().put("$ref", "#/$defs/" + SECTIONS.get(name).label());
        any.addObject().put("$ref", "#/$defs/unnamed-" + name);
        properties.set(name, section.put("unevaluatedProperties", false));
    }

    private static void refer(ObjectNode properties, String name, PluginKind kind) {
        if (properties.get(name) instanceof ObjectNode property) {
            ObjectNode reference = NODES.objectNode();
            reference.set("description", property.get("description"));
            properties.set(name, closed(reference, kind));
        }
    }

    private static void items(ObjectNode properties, String name, PluginKind kind, ObjectNode beside) {
        ObjectNode item = NODES.objectNode();
        item.setAll(beside);
        closed(item, kind);
        ((ObjectNode) properties.get(name)).set("items", item);
    }

    /** A plugin: its own settings and what the node names already, nothing else. */
    private static ObjectNode closed(ObjectNode node, PluginKind kind) {
        return node.put("$ref", "#/$defs/" + kind.label()).put("unevaluatedProperties", false);
    }

    private static ObjectNode labelled() {
        ObjectNode node = NODES.objectNode();
        node.putObject("properties").putObject("label").put("type", "string")
                .put("description", "Its name in tables; default: the id.");
        return node;
    }

    private static ObjectNode sections() {
        ObjectNode node = labelled();
        for (String section : AlgorithmEntry.SECTIONS) {
            ((ObjectNode) node.get("properties")).putObject(section)
                    .put("description", "In place of the experiment's, for the cells of this algorithm.");
        }
        return node;
    }

    /** A definition to which the generator adds nothing of its own. */
    private static CustomDefinition as(ObjectNode node) {
        return new CustomDefinition(node, CustomDefinition.DefinitionType.INLINE, CustomDefinition.AttributeInclusion.NO);
    }

    private static ObjectNode anyPlugin() {
        ObjectNode node = NODES.objectNode();
        ArrayNode any = node.putArray("anyOf");
        any.addObject().put("type", "string");
        any.addObject().put("type", "object").set("required", NODES.arrayNode().add("id"));
        return node;
    }

    private static ObjectNode workers() {
        ObjectNode node = NODES.objectNode();
        ArrayNode any = node.putArray("anyOf");
        any.addObject().put("const", "auto");
        any.addObject().put("type", "integer").put("minimum", 1);
        node.put("default", "auto");
        return node;
    }

    private static ObjectNode grid() {
        ObjectNode mapping = NODES.objectNode().put("type", "object");
        mapping.putObject("additionalProperties").put("type", "array").put("minItems", 1);
        ObjectNode node = NODES.objectNode();
        ArrayNode any = node.putArray("anyOf");
        any.add(mapping);
        any.addObject().put("type", "array").set("items", mapping.deepCopy());
        return node;
    }

    private ObjectNode words(Class<?> type) {
        ArrayNode words = NODES.arrayNode();
        for (Object constant : type.getEnumConstants()) {
            words.add(context.mapper().<JsonNode>valueToTree(constant));
        }
        ObjectNode node = NODES.objectNode();
        node.set("enum", words);
        return node;
    }
}
