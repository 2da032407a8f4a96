package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** At sizes at which no figure means anything; no time is judged. */
class BenchTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode measure(String... args) throws IOException {
        Cli.Result result = Cli.run(args);
        assertEquals(0, result.code(), result.err());
        JsonNode node = JSON.readTree(result.out());
        assertFinite(node);
        return node;
    }

    private static void assertFinite(JsonNode node) {
        if (node.isNumber()) {
            assertTrue(Double.isFinite(node.asDouble()), node.toString());
        }
        node.forEach(BenchTest::assertFinite);
    }

    @Test
    void bothSidesOfARatioDoTheSameWork() throws IOException {
        for (String policy : List.of("mlp", "transformer")) {
            JsonNode node = measure("bench", "--one", "icr:" + policy, "--iterations", "1", "--episodes", "4");
            JsonNode ppo = node.at("/ppo/work");
            assertEquals(8, ppo.get("responses").asInt());
            // Four passes over eight responses in mini-batches of two; the reference scores each once.
            assertEquals(32, ppo.get("updateRows").asInt());
            assertEquals(16, ppo.get("steps").asInt());
            assertEquals(8, ppo.get("scoredRows").asInt());
            for (String variant : List.of("reward", "lossFull", "lossK2", "swapped")) {
                JsonNode icr = node.at("/" + variant + "/work");
                for (String same : List.of("responses", "digest", "steps")) {
                    assertEquals(ppo.get(same), icr.get(same), policy + " " + variant + " " + same);
                }
                // The swapped term scores other episodes' suggestions with gradient; nothing else adds rows to the updates.
                assertEquals(variant.equals("swapped") ? 64 : 32, icr.get("updateRows").asInt(), policy + " " + variant);
                assertTrue(node.at("/" + variant + "/ratio").asDouble() > 0);
            }
            // The counterfactual states are scored as well: once in the reward's form.
            assertEquals(16, node.at("/reward/work/scoredRows").asInt());
        }
    }

    @Test
    void ratesAndMemoryAreOfTheWorkThatWasAskedFor() throws IOException {
        for (String policy : List.of("mlp", "transformer")) {
            JsonNode rates = measure("bench", "--one", "rates:" + policy, "--iterations", "2", "--episodes", "4");
            assertEquals(2, rates.get("iterations").asInt());
            assertEquals(8, rates.at("/work/responses").asInt());
            assertEquals(32, rates.at("/work/updateRows").asInt());
            assertTrue(rates.get("updateGflops").asDouble() > 0);
        }
        JsonNode memory = measure("bench", "--one", "memory:mlp", "--updates", "32");
        // Sixteen updates a rollout: two rollouts, of which the first passes 10 % and 50 %.
        assertEquals("[16, 16, 32]", memory.findValues("updates").toString());
    }

    @Test
    void theSimulatorTakesAPartOfATraining() throws IOException {
        for (String task : List.of("wason-record", "wason-single", "weights-record", "weights-single")) {
            JsonNode node = measure("bench", "--one", "simulator:" + task, "--iterations", "1");
            assertTrue(node.get("roundsPerSecond").asDouble() > 0, node.toString());
            assertTrue(node.get("share").asDouble() > 0 && node.get("share").asDouble() < 1, node.toString());
        }
    }

    @Test
    void theFrozenPolicyAnswersAsTheTrainedOne() throws IOException {
        for (String policy : List.of("mlp", "transformer")) {
            JsonNode node = measure("bench", "--one", "frozen:" + policy, "--iterations", "1");
            assertEquals("[1, 64]", node.findValues("prompts").toString());
            assertEquals("[true, true]", node.findValues("sameResponses").toString());
            assertTrue(node.at("/sizes/1/frozen/responsesPerSecond").asDouble() > 0);
        }
    }

    /** In processes of their own, as a user runs it. */
    @Test
    void theTableComparesWithTheMatrixProduct() {
        Cli.Result result = Cli.run("bench", "--measure", "product,rates", "--policies", "mlp", "--iterations", "1",
                "--episodes", "4");
        assertEquals(0, result.code(), result.err());
        assertTrue(result.out().contains("GFLOP/s") && result.out().contains("share of the product"), result.out());
        assertNotEquals(0, Cli.run("bench", "--work", "ppo-huge").code());
    }
}
