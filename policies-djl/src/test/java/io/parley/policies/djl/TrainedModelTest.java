package io.parley.policies.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.Dtype;
import io.parley.checkpoints.HuggingFaceExporter;
import io.parley.checkpoints.LoraAdapter;
import io.parley.checkpoints.LoraConfig;
import io.parley.checkpoints.PeftExporter;
import io.parley.checkpoints.Safetensors;
import io.parley.checkpoints.Tensor;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What leaves this project as a checkpoint or an adapter comes back as the policy that was trained. */
class TrainedModelTest {
    private static final Path MODELS = Path.of("..", "checkpoints", "src", "test", "models");
    private static final List<String> MAPS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectNode PROVENANCE = JSON.createObjectNode().put("seed", 7);

    @TempDir
    private Path folder;

    static Stream<Path> models() throws IOException {
        try (Stream<Path> folders = Files.list(MODELS)) {
            return folders.sorted().toList().stream();
        }
    }

    /** @param adapter a folder; null for new ones of all maps */
    private static NetworkPolicy policy(Path base, CausalLmProvider.Train train, Path adapter) throws IOException {
        CausalLmProvider.Config config = new CausalLmProvider.Config(
                base.toString(), null, null, "Answer.", Map.of("date_string", "today"), train, null, null, null, null, null, null,
                null, null, null, null);
        Checkpoint checkpoint = Checkpoint.open(base);
        LoraAdapter pairs = adapter == null ? null : LoraAdapter.read(adapter, checkpoint);
        LoraConfig lora = train == CausalLmProvider.Train.FULL ? null : pairs != null ? pairs.config()
                : new LoraConfig(3, 6, 0, MAPS, true, List.of());
        NumberTokens tokens = new NumberTokens(checkpoint.config().vocabulary(), 64);
        return new NetworkPolicy(CausalLmNetwork.create(
                config, checkpoint, tokens, lora, pairs, new RandomStreams(5).stream("lora", 0, 0, 0)));
    }

    /** As if it had been trained. */
    private static void scatter(NetworkPolicy policy) {
        Random random = new Random(11);
        for (NDArray array : NetworkPolicy.networkOf(policy).parameters().values()) {
            float[] values = array.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.05 * random.nextGaussian());
            }
            array.set(values);
        }
        NetworkPolicy.networkOf(policy).parametersChanged();
    }

    /** Of all but the first two tokens of sequences. */
    private static float[][] logProbs(NetworkPolicy policy) throws IOException {
        List<Prompt> prompts = new ArrayList<>();
        List<Response> responses = new ArrayList<>();
        for (JsonNode row : JSON.readTree(MODELS.resolve("qwen3/expected.json").toFile()).get("score")) {
            int[] ids = JSON.convertValue(row.get("ids"), int[].class);
            prompts.add(NumberTokens.prompt(ids[0], ids[1]));
            responses.add(Response.of(NumberTokens.text(Arrays.copyOfRange(ids, 2, ids.length))));
        }
        return policy.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
    }

    /** For {@code fixtures.py --check}. */
    private static void leave(Path base, float[][] logProbs, Path merged, Path adapter) throws IOException {
        Path kept = Path.of("target", "exported");
        ArrayNode rows = (ArrayNode) JSON.readTree(MODELS.resolve("qwen3/expected.json").toFile()).get("score");
        for (int i = 0; i < logProbs.length; i++) {
            ArrayNode row = ((ObjectNode) rows.get(i)).putArray("tokenLogProbs").addNull();
            for (float logProb : logProbs[i]) {
                row.add(logProb);
            }
        }
        ObjectNode expected = JSON.createObjectNode();
        expected.set("score", rows);
        expected.set("scoreWithAdapter", rows);
        copy(merged, kept.resolve(base.getFileName()));
        copy(adapter, kept.resolve(base.getFileName() + "-adapter"));
        JSON.writeValue(kept.resolve(base.getFileName()).resolve("expected.json").toFile(), expected);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void assertSame(float[][] wanted, float[][] found, double tolerance) {
        for (int i = 0; i < wanted.length; i++) {
            assertArrayEquals(wanted[i], found[i], (float) tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void mergedWeightsSayWhatTheAdapterSaidAndSoDoesTheAdapterInItsOwnFolder(Path base) throws IOException {
        Path saved = folder.resolve("saved");
        float[][] wanted;
        try (NetworkPolicy policy = policy(base, CausalLmProvider.Train.LORA, null); NetworkPolicy untrained = policy(
                base, CausalLmProvider.Train.LORA, null)) {
            scatter(policy);
            wanted = logProbs(policy);
            assertTrue(Math.abs(wanted[0][0] - logProbs(untrained)[0][0]) > 1e-3, "the adapter matters");
            policy.save(saved);
        }
        Path merged = folder.resolve("merged");
        new HuggingFaceExporter().export(new HuggingFaceExporter.Config(null, "float32"), saved, PROVENANCE, merged);
        try (NetworkPolicy policy = policy(merged, CausalLmProvider.Train.LORA, null)) {
            assertSame(wanted, logProbs(policy), 1e-4);
        }
        Path peft = folder.resolve("peft");
        List<String> notes = new PeftExporter().export(new PeftExporter.Config(null), saved, PROVENANCE, peft);
        assertTrue(notes.get(0).contains("value head is left out"), notes.toString());
        assertTrue(notes.get(1).contains("trained with instructions"), notes.toString());
        assertTrue(notes.get(2).contains("variables of its chat template, {\"date_string\":\"today\"}"), notes.toString());
        try (NetworkPolicy policy = policy(base, CausalLmProvider.Train.LORA, peft)) {
            assertSame(wanted, logProbs(policy), 1e-5);
        }
        leave(base, wanted, merged, peft);
        // The base's type, unless another is asked for.
        Path rounded = folder.resolve("rounded");
        new HuggingFaceExporter().export(new HuggingFaceExporter.Config(null, null), saved, PROVENANCE, rounded);
        assertEquals(Checkpoint.open(base).dtype(), Checkpoint.open(rounded).dtype());
        assertEquals(Dtype.F32, Checkpoint.open(merged).dtype());
        JsonNode about = JSON.readTree(rounded.resolve("parley.json").toFile());
        assertEquals("causal-lm", about.at("/policy/id").asText());
        assertEquals(7, about.at("/provenance/seed").asInt());
    }

    /** As bases whose norms are float32 beside maps in bfloat16: what was not trained leaves bit by bit. */
    @Test
    void whatIsMergedKeepsTheTypesOfAMixedBase() throws IOException {
        Path base = folder.resolve("base");
        copy(MODELS.resolve("lm-smoke"), base);
        Random random = new Random(3);
        Map<String, Tensor> mixed = new LinkedHashMap<>();
        Safetensors.read(base.resolve("model.safetensors")).tensors().forEach((name, tensor) -> {
            float[] values = tensor.toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.01 * random.nextGaussian());
            }
            Tensor wide = Tensor.of(name, Dtype.F32, values, tensor.shape());
            mixed.put(name, name.endsWith("norm.weight") ? wide : wide.as(Dtype.BF16));
        });
        Files.delete(base.resolve("model.safetensors"));
        Safetensors.write(base.resolve("model.safetensors"), mixed, Map.of("format", "pt"));
        Path saved = folder.resolve("saved");
        try (NetworkPolicy policy = policy(base, CausalLmProvider.Train.LORA, null)) {
            scatter(policy);
            policy.save(saved);
        }
        Path merged = folder.resolve("merged");
        List<String> notes =
                new HuggingFaceExporter().export(new HuggingFaceExporter.Config(null, null), saved, PROVENANCE, merged);
        assertTrue(notes.contains("What was trained in float32 is rounded to bfloat16; dtype=float32 keeps it."),
                notes.toString());
        int changed = 0;
        for (Tensor tensor : Checkpoint.open(merged).tensors().values()) {
            Tensor before = mixed.get(tensor.name());
            assertEquals(before.dtype(), tensor.dtype(), tensor.name());
            if (tensor.name().endsWith("_proj.weight")) {
                changed += before.data().equals(tensor.data()) ? 0 : 1;
            } else {
                assertEquals(before.data(), tensor.data(), tensor.name());
            }
        }
        assertEquals(7 * Checkpoint.open(base).config().layers(), changed);
        assertEquals(JSON.readTree(base.resolve("config.json").toFile()), JSON.readTree(merged.resolve("config.json").toFile()));
    }

    /** Where nothing is dropped, what is learnt from is what was sampled: the ratio of PPO is 1 before the first step. */
    @Test
    void anAdaptersDropoutCanBeSwitchedOff() throws IOException {
        Path base = MODELS.resolve("lm-smoke");
        Path saved = folder.resolve("saved");
        Path peft = folder.resolve("peft");
        try (NetworkPolicy policy = policy(base, CausalLmProvider.Train.LORA, null)) {
            scatter(policy);
            policy.save(saved);
        }
        new PeftExporter().export(new PeftExporter.Config(null), saved, PROVENANCE, peft);
        Path about = peft.resolve("adapter_config.json");
        Files.writeString(about, JSON.writeValueAsString(((ObjectNode) JSON.readTree(about.toFile())).put("lora_dropout", 0.5)));
        assertTrue(largestLogRatio(base, peft, null) > 0.01);
        assertEquals(0, largestLogRatio(base, peft, 0.0), 1e-4);
    }

    private static double largestLogRatio(Path base, Path adapter, Double dropout) {
        CausalLmProvider.Config config = new CausalLmProvider.Config(
                base.toString(), adapter.toString(), null, "Answer.", null, null, null, null, dropout,
                null, null, null, null, null, null, null);
        TextSpec words = new TextSpec(List.of("turn"), 1, 1, new ResponseFormat.FreeText(8, List.of()));
        try (TrainablePolicy policy = new CausalLmProvider().create(config, words, PluginContext.standalone(1))) {
            List<Prompt> prompts = List.of(NumberTokens.prompt(1, 2, 3));
            List<Response> sampled = policy.sample(prompts, SamplingConfig.standard(),
                    List.of(new RandomStreams(3).stream("sample", 0, 0, 0)));
            double largest = 0;
            policy.configureOptimizer(OptimizerConfig.adam());
            try (UpdateScope scope = policy.beginUpdate()) {
                float[] learnt = scope.score(prompts, sampled, ScoreRequest.logProbs()).logProbs().toFloatArray();
                for (int t = 0; t < learnt.length; t++) {
                    largest = Math.max(largest, Math.abs(learnt[t] - sampled.get(0).logProbs()[t]));
                }
            }
            return largest;
        }
    }

    @Test
    void weightsThatWereAllTrainedAreWrittenAsTheyAreAndHaveNoAdapter() throws IOException {
        Path base = MODELS.resolve("qwen3-untied");
        Path saved = folder.resolve("saved");
        Path whole = folder.resolve("whole");
        float[][] wanted;
        try (NetworkPolicy policy = policy(base, CausalLmProvider.Train.FULL, null)) {
            scatter(policy);
            wanted = logProbs(policy);
            policy.save(saved);
        }
        new HuggingFaceExporter().export(new HuggingFaceExporter.Config(null, "float32"), saved, PROVENANCE, whole);
        try (NetworkPolicy policy = policy(whole, CausalLmProvider.Train.LORA, null)) {
            assertSame(wanted, logProbs(policy), 1e-5);
        }
        refused("all weights were trained (train: full), so that there is no adapter; --to hf writes the weights", saved, null);
    }

    @Test
    void theBaseMustBeThereAndTheOneThatWasTrained() throws IOException {
        Path base = folder.resolve("base");
        Path saved = folder.resolve("saved");
        copy(MODELS.resolve("llama-tied"), base);
        try (NetworkPolicy policy = policy(base, CausalLmProvider.Train.LORA, null)) {
            policy.save(saved);
        }
        Files.move(base, folder.resolve("moved"));
        refused("there is no folder " + base, saved, null);
        refused("qwen3 is not the base that was trained: its weights have sha256", saved, MODELS.resolve("qwen3"));
        PeftExporter.Config moved = new PeftExporter.Config(folder.resolve("moved").toString());
        new PeftExporter().export(moved, saved, PROVENANCE, folder.resolve("peft"));
        assertEquals(folder.resolve("moved").toAbsolutePath().toString(), JSON.readTree(
                folder.resolve("peft/adapter_config.json").toFile()).get("base_model_name_or_path").asText());
        Path template = folder.resolve("moved/chat_template.jinja");
        Files.writeString(template, "{{ messages[0].content }}");
        refused(template + " is not as it was in training: it has sha256 ", saved, folder.resolve("moved"));
        Files.delete(template);
        Files.delete(folder.resolve("moved/generation_config.json"));
        refused("generation_config.json is not as it was in training: there is no such file, and " + saved.resolve("policy.json")
                + " names ", saved, folder.resolve("moved"));
        Path policy = saved.resolve("policy.safetensors");
        byte[] whole = Files.readAllBytes(policy);
        whole[whole.length - 1] ^= 1;
        Files.write(policy, whole);
        refused("it was cut off or altered", saved, folder.resolve("moved"));
    }

    private void refused(String message, Path saved, Path base) {
        Path target = folder.resolve("refused");
        String found = assertThrows(IOException.class, () -> new PeftExporter().export(
                new PeftExporter.Config(base == null ? null : base.toString()), saved, PROVENANCE, target)).getMessage();
        assertTrue(found.contains(message), found);
        assertFalse(Files.exists(target));
    }
}
