package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At sizes at which no figure means anything; no time is judged. */
class BenchTest {
    private static final String MODEL = "../checkpoints/src/test/models/lm-smoke";
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

    @Test
    void aPretrainedModelsWorkHasARate() throws IOException {
        for (String work : List.of("score-float32", "decode-float32", "lora-float32", "lora-third-float32", "ppo-float32",
                "score-bfloat16")) {
            JsonNode node = measure("bench", "--one", "pretrained:" + work, "--model", MODEL, "--iterations", "1");
            assertEquals(work, node.get("name").asText());
            String rate = work.startsWith("ppo") ? "responsesPerSecond" : "tokensPerSecond";
            assertTrue(node.get(rate).asDouble() > 0, node.toString());
        }
    }

    /** In processes of their own, as a user runs it. */
    @Test
    void theTableOfAPretrainedModelHasARowForEachRateAndEachMomentOfMemory() {
        Cli.Result result = Cli.run("bench", "--measure", "rates", "--model", MODEL, "--work", "score-float32,memory-float32",
                "--iterations", "1", "--updates", "32");
        assertEquals(0, result.code(), result.err());
        assertEquals(1, rows(result, "score-float32 +tokens +[0-9.,]+ +tokens/s"), result.out());
        // Sixteen updates a rollout: two rollouts, of which the first passes 10 % and 50 %.
        assertEquals(2, rows(result, "memory-float32 +heap after 16 updates +[0-9.,]+ +MiB +flat"), result.out());
        assertEquals(1, rows(result, "memory-float32 +heap after 32 updates +[0-9.,]+ +MiB +flat"), result.out());
    }

    private static long rows(Cli.Result result, String row) {
        return result.out().lines().filter(line -> line.matches(row)).count();
    }

    @Test
    void workThatThereIsNotIsRefusedWithWhatThereIs() {
        String works = "score-float32, decode-float32, lora-float32, lora-third-float32, ppo-float32, memory-float32, "
                + "score-bfloat16, decode-bfloat16, lora-bfloat16, lora-third-bfloat16, ppo-bfloat16, memory-bfloat16";
        refused("--work ppo-main: there are " + works, "--model", MODEL, "--work", "ppo-main");
        refused("; those of a pretrained model want --model", "--work", "score-float32");
        refused("--model ..: there is no config.json; give the folder of a pretrained model", "--model", "..");
    }

    private static void refused(String message, String... args) {
        Cli.refused(message, Stream.concat(Stream.of("bench"), Stream.of(args)).toArray(String[]::new));
    }

    /** In processes of their own: the first ends at a checkpoint that is none. */
    @Test
    void whatFailsIsSaidAndTheRestIsMeasured(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        Cli.Result result = Cli.run("bench", "--measure", "product", "--model", folder.toString(), "--work", "score-float32",
                "--iterations", "1");
        assertEquals(1, result.code(), result.err());
        assertTrue(result.err().contains("parley: measuring pretrained:score-float32 ended with exit code "), result.err());
        assertEquals(1, rows(result, "matrix +product, 1024 x 1024 +[0-9.,]+ +GFLOP/s"), result.out());
    }

    /** In processes of their own, as a user runs it. */
    @Test
    void theTableComparesWithTheMatrixProduct() {
        Cli.Result result = Cli.run("bench", "--measure", "rates,product", "--policies", "mlp", "--iterations", "1",
                "--episodes", "4");
        assertEquals(0, result.code(), result.err());
        assertTrue(result.out().contains("GFLOP/s") && result.out().contains("share of the product"), result.out());
        refused("--work ppo-huge: there are ppo-main, ", "--work", "ppo-huge");
        refused("--threads is 0; at least 1", "--threads", "0");
    }
}
