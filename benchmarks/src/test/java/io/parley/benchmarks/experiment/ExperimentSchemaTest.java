package io.parley.benchmarks.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExperimentSchemaTest {
    private static final PluginContext CONTEXT =
            PluginContext.of(new RandomStreams(0), new Plugins(ExperimentSchemaTest.class.getClassLoader()));

    @Test
    void theReferencePageIsCurrent() throws IOException {
        ObjectNode schema = new ExperimentSchema(CONTEXT).toJson();
        // Plugins of the tests are no part of the page.
        ObjectNode definitions = (ObjectNode) schema.get("$defs");
        definitions.remove(List.of("policy-test-uniform", "algorithm-test-walk", "task-test-oral"));
        assertTrue(ReferencePage.render(schema).equals(Files.readString(Path.of("../docs/experiment-reference.md"))),
                "docs/experiment-reference.md is not current: ./parley schema --markdown > docs/experiment-reference.md");
    }

    @Test
    void everyKeyHasAMeaningAndDefaultsAreThoseOfTheCode() {
        JsonNode schema = new ExperimentSchema(CONTEXT).toJson();
        schema.get("properties").fields().forEachRemaining(key ->
                assertFalse(key.getValue().path("description").asText().isBlank(), key.getKey()));
        assertEquals(0.1, schema.at("/$defs/algorithm-test-walk/properties/rate/default").asDouble());
        assertEquals("none", schema.at("/$defs/algorithm-test-walk/properties/fault/default").asText());
        assertEquals("test-walk", schema.at("/$defs/algorithm-test-walk/properties/id/const").asText());
        assertEquals(500, schema.at("/properties/evaluation/properties/episodes/default").asInt());
        assertEquals(10, schema.at("/properties/checkpointMinutes/default").asDouble());
        assertEquals("[\"dev\",\"test\"]", schema.at("/properties/evaluation/properties/split/enum").toString());
        JsonNode rounds = schema.at("/$defs/task-wason/properties/rounds");
        assertFalse(rounds.has("default"), rounds.toString());
        assertEquals("regime", rounds.path(ExperimentSchema.DEPENDS).asText());
        assertFalse(schema.at("/properties/algorithms/items/unevaluatedProperties").asBoolean(true));
        assertTrue(schema.at("/$defs/partner/anyOf").size() > 8);
        JsonNode anyKeys = schema.at("/$defs/policy-causal-lm/properties/template");
        assertEquals("object", anyKeys.path("type").asText());
        assertTrue(anyKeys.path("additionalProperties").asBoolean(true) && anyKeys.has("description"), anyKeys.toString());
    }
}
