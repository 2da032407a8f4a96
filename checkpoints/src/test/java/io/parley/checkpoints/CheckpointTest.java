package io.parley.checkpoints;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {
    @TempDir
    private Path folder;

    static List<String> names() {
        return Models.names();
    }

    private static void assertRefused(Path model, String... messages) {
        IOException refused = assertThrows(IOException.class, () -> Checkpoint.open(model));
        for (String message : messages) {
            assertTrue(refused.getMessage().contains(message), refused.getMessage());
        }
    }

    /** The copy of a model whose weights are changed. */
    private Path withWeights(String name, Consumer<Map<String, Tensor>> change) throws IOException {
        Path model = Models.copy(name, folder.resolve("model"));
        Safetensors read = Safetensors.read(model.resolve(Checkpoint.WEIGHTS));
        Map<String, Tensor> tensors = new LinkedHashMap<>(read.tensors());
        change.accept(tensors);
        Safetensors.write(model.resolve(Checkpoint.WEIGHTS), tensors, read.metadata());
        return model;
    }

    /** The reference refuses to load what it lacks and warns of what it does not know, so its tensors are all and no more. */
    @ParameterizedTest
    @MethodSource("names")
    void theReferencesFoldersHoldExactlyWhatTheTableSays(String name) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(Models.FOLDER.resolve(name));
        assertEquals(checkpoint.config().dtype(), checkpoint.dtype());
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(checkpoint.folder())) {
            for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
                found.addAll(Safetensors.read(file).tensors().keySet());
            }
        }
        assertEquals(found.stream().sorted().toList(), checkpoint.tensors().keySet().stream().sorted().toList());
    }

    @Test
    void shardedAndWholeAreTheSameWeights() throws IOException {
        for (String name : List.of("llama-plain-heads", "llama3-old-spelling", "qwen3-untied")) {
            Checkpoint sharded = Checkpoint.open(Models.FOLDER.resolve(name));
            assertTrue(Files.exists(sharded.folder().resolve(Checkpoint.INDEX)));
            sharded.write(folder.resolve(name), sharded.tensors());
            Checkpoint whole = Checkpoint.open(folder.resolve(name));

            assertTrue(Files.exists(whole.folder().resolve(Checkpoint.WEIGHTS)));
            assertEquals(sharded.sha256(), whole.sha256());
            assertEquals(sharded.config(), whole.config());
        }
        assertNotEquals(Checkpoint.open(Models.FOLDER.resolve("mistral")).sha256(),
                Checkpoint.open(Models.FOLDER.resolve("llama-linear")).sha256());
    }

    @Test
    void aFolderIsWrittenWithItsTokenizerAndTheTypeOfItsWeights() throws IOException {
        Checkpoint smoke = Checkpoint.open(Models.FOLDER.resolve("lm-smoke"));
        Map<String, Tensor> wide = new LinkedHashMap<>();
        smoke.tensors().forEach((name, tensor) -> wide.put(name, tensor.as(Dtype.F32)));
        Path target = folder.resolve("new/model");
        smoke.write(target, wide);
        Checkpoint written = Checkpoint.open(target);

        assertEquals(Dtype.F32, written.config().dtype());
        for (String name : List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
            assertArrayEquals(Files.readAllBytes(smoke.folder().resolve(name)), Files.readAllBytes(target.resolve(name)));
        }
        smoke.tensors().forEach((name, tensor) -> assertArrayEquals(tensor.toFloats(), written.tensor(name).toFloats()));

        IOException refused = assertThrows(IOException.class, () -> smoke.write(target, smoke.tensors()));
        assertTrue(refused.getMessage().contains("is not empty, and nothing is written over"), refused.getMessage());
        assertEquals(Dtype.F32, Checkpoint.open(target).dtype());
    }

    @Test
    void weightsThatAreNotTheDecodersAreNotWritten() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(Models.FOLDER.resolve("llama-tied"));
        Map<String, Tensor> mixed = new LinkedHashMap<>(checkpoint.tensors());
        mixed.put(DecoderConfig.FINAL_NORM, mixed.get(DecoderConfig.FINAL_NORM).as(Dtype.F16));
        Map<String, Tensor> fewer = new LinkedHashMap<>(checkpoint.tensors());
        fewer.remove(DecoderConfig.FINAL_NORM);

        assertThrows(IllegalArgumentException.class, () -> checkpoint.write(folder.resolve("x"), mixed));
        assertThrows(IllegalArgumentException.class, () -> checkpoint.write(folder.resolve("x"), fewer));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void theIdentityOfAFolderIsThatOfWhatIsRead() throws IOException {
        Path model = Models.copy("qwen3-untied", folder.resolve("model"));
        String before = Checkpoint.identity(model);
        Files.writeString(model.resolve("vocab.json"), "{}");
        Files.writeString(model.resolve("other.safetensors"), "");
        Files.writeString(model.resolve("README.md"), "");
        assertEquals(before, Checkpoint.identity(model));

        Path shard = model.resolve("model-00002-of-00004.safetensors");
        byte[] content = Files.readAllBytes(shard);
        Files.write(shard, Arrays.copyOf(content, content.length - 1));
        String cut = Checkpoint.identity(model);
        assertNotEquals(before, cut);
        Files.writeString(model.resolve("generation_config.json"), "{}");
        assertNotEquals(cut, Checkpoint.identity(model));
    }

    @Test
    void pickledWeightsAreNotOpened() throws IOException {
        Path model = Models.copy("llama-tied", folder.resolve("model"));
        Files.delete(model.resolve(Checkpoint.WEIGHTS));
        assertRefused(model, "has neither model.safetensors nor model.safetensors.index.json");
        // Reading this would fail: it is a folder.
        Files.createDirectory(model.resolve("pytorch_model.bin"));
        assertRefused(model, "pytorch_model.bin is pickled", "not opened", "save_pretrained('" + model + "-safetensors')");
    }

    @Test
    void aFolderThatIsNoModelIsRefused() throws IOException {
        assertRefused(folder.resolve("none"), "there is no such folder");
        assertRefused(folder, "a folder of a pretrained model has a config.json");
        assertRefused(Files.writeString(folder.resolve("file"), ""), "is a file");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"");
        assertRefused(folder, "config.json is not JSON");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\", \"model_type\": \"qwen2\"}");
        assertRefused(folder, "Duplicate field 'model_type'");
        Files.writeString(folder.resolve("config.json"), "[".repeat(100_000));
        assertRefused(folder, "config.json is not JSON");
        Files.writeString(folder.resolve("config.json"), " ".repeat(9 << 20));
        assertRefused(folder, "at most 8388608 are read");
    }

    @Test
    void aTensorThatIsMissingUnknownOrOfAnotherShapeOrTypeIsRefused() throws IOException {
        String down = "model.layers.1.mlp.down_proj.weight";
        Object[][] cases = {
            {(Consumer<Map<String, Tensor>>) t -> t.remove(down), "lacks " + down},
            {(Consumer<Map<String, Tensor>>) t -> t.clear(), "lacks model.embed_tokens.weight"},
            {(Consumer<Map<String, Tensor>>) t -> t.put("model.layers.2.mlp.up_proj.weight", t.get(down)), "does not have"},
            {(Consumer<Map<String, Tensor>>) t -> t.put(down, Tensor.of(down, Dtype.F32, new float[2048], 64, 32)),
                down + " has shape [64, 32]; by config.json it has [32, 64]"},
            {(Consumer<Map<String, Tensor>>) t ->
                    t.put(down, new Tensor(down, Dtype.I8, new long[] {32, 64}, ByteBuffer.allocate(2048))),
                down + " is int8; weights are float32, float16, bfloat16"},
            {(Consumer<Map<String, Tensor>>) t -> t.put("lm_head.weight", t.get("model.embed_tokens.weight").as(Dtype.F16)),
                "lm_head.weight differs from model.embed_tokens.weight"},
        };
        for (Object[] refused : cases) {
            @SuppressWarnings("unchecked")
            Path model = withWeights("llama-tied", (Consumer<Map<String, Tensor>>) refused[0]);
            assertRefused(model, (String) refused[1], model.toString());
            deleteAll(model);
        }
    }

    @Test
    void whatOlderWritersAddedIsPassedOver() throws IOException {
        Path model = withWeights("llama-tied", t -> {
            t.put("lm_head.weight", t.get("model.embed_tokens.weight"));
            t.put("model.layers.0.self_attn.rotary_emb.inv_freq", Tensor.of("x", Dtype.F32, new float[4], 4));
        });
        assertEquals(Checkpoint.open(Models.FOLDER.resolve("llama-tied")).sha256(), Checkpoint.open(model).sha256());
    }

    @Test
    void aShardThatIsMissingOrCutOffIsNamed() throws IOException {
        Path model = Models.copy("qwen3-untied", folder.resolve("model"));
        Path shard = model.resolve("model-00002-of-00004.safetensors");
        byte[] content = Files.readAllBytes(shard);
        Files.write(shard, Arrays.copyOf(content, content.length - 1));
        assertRefused(model, shard + " was cut off");
        Files.delete(shard);
        assertRefused(model, shard.toString(), "one of 4, is missing");
        Files.copy(model.resolve("model-00003-of-00004.safetensors"), shard);
        assertRefused(model, shard + " does not hold ");
    }

    @Test
    void anIndexThatLeadsOutOfTheFolderIsRefused() throws IOException {
        Path model = Models.copy("qwen3-untied", folder.resolve("model"));
        for (String place : List.of(
                "\"../x.safetensors\"", "\"/etc/passwd\"", "\"a\\\\b.safetensors\"",
                "\"a\\u0000.safetensors\"", "7", "\"pytorch_model.bin\"")) {
            Files.writeString(model.resolve(Checkpoint.INDEX), "{\"weight_map\": {\"lm_head.weight\": " + place + "}}");
            assertRefused(model, "lm_head.weight is said to be in " + place, "a .safetensors file of the folder");
        }
        Files.writeString(model.resolve(Checkpoint.INDEX), "{}");
        assertRefused(model, "lacks model.embed_tokens.weight");
    }

    @Test
    void aWriteThatFailsLeavesNothing() throws IOException {
        Path model = Models.copy("lm-smoke", folder.resolve("model"));
        Checkpoint checkpoint = Checkpoint.open(model);
        Files.writeString(model.resolve("config.json"), "gone");
        assertThrows(IOException.class, () -> checkpoint.write(folder.resolve("copy"), checkpoint.tensors()));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(model), files.toList());
        }
        assertFalse(Files.exists(folder.resolve("copy")));
    }

    @Test
    void aConfigurationOfAnotherModelIsFoundByItsShapes() throws IOException {
        Path model = Models.copy("llama-tied", folder.resolve("model"));
        Models.edit(model.resolve("config.json"), (ObjectNode node) -> node.put("vocab_size", 261));
        assertRefused(model, "model.embed_tokens.weight has shape [260, 32]; by config.json it has [261, 32]");
    }

    private static void deleteAll(Path model) throws IOException {
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(model);
    }
}
