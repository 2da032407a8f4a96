package io.parley.checkpoints;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoraAdapterTest {
    @TempDir
    private Path folder;
    private Checkpoint llama;
    private Checkpoint qwen;

    @BeforeEach
    void openBases() throws IOException {
        llama = Checkpoint.open(Models.FOLDER.resolve("llama-tied"));
        qwen = Checkpoint.open(Models.FOLDER.resolve("qwen3"));
    }

    /** An adapter's two files, the first of them changed. */
    private Path changed(Checkpoint base, String change) throws IOException {
        Path copy = Models.copy(base.folder().getFileName() + "/adapter", folder.resolve("adapter"));
        ObjectNode changes = (ObjectNode) JsonFile.JSON.readTree(change);
        Models.edit(copy.resolve(LoraAdapter.CONFIG), node -> node.setAll(changes));
        return copy;
    }

    private static JsonNode json(String text) {
        try {
            return JsonFile.JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertRefused(Path adapter, Checkpoint base, String... messages) {
        IOException refused = assertThrows(IOException.class, () -> LoraAdapter.read(adapter, base));
        for (String message : messages) {
            assertTrue(refused.getMessage().contains(message), refused.getMessage());
        }
    }

    @Test
    void adaptersOfPeftAreRead() throws IOException {
        LoraAdapter attention = LoraAdapter.read(llama.folder().resolve("adapter"), llama);
        assertEquals(new LoraConfig(4, 8, 0.05, List.of("k_proj", "o_proj", "q_proj", "v_proj"), false, List.of()),
                attention.config());
        assertEquals(2, attention.config().scaling());
        assertEquals(8, attention.pairs().size());
        assertEquals("llama-tied", attention.baseName());

        LoraAdapter all = LoraAdapter.read(qwen.folder().resolve("adapter"), qwen);
        assertEquals(6 / Math.sqrt(3), all.config().scaling(), 1e-15);
        assertEquals(List.of(1), all.config().layers());
        assertEquals(Stream.of("self_attn.q", "self_attn.k", "self_attn.v", "self_attn.o", "mlp.gate", "mlp.up", "mlp.down")
                .map(map -> "model.layers.1." + map + "_proj").toList(), List.copyOf(all.pairs().keySet()));
        LoraAdapter.Pair down = all.pairs().get("model.layers.1.mlp.down_proj");
        assertArrayEquals(new long[] {3, 64}, down.a().shape());
        assertArrayEquals(new long[] {32, 3}, down.b().shape());
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        for (Checkpoint base : List.of(llama, qwen)) {
            LoraAdapter adapter = LoraAdapter.read(base.folder().resolve("adapter"), base);
            Path target = folder.resolve("new/" + adapter.baseName());
            new LoraAdapter(adapter.config(), adapter.pairs(), adapter.baseName(), base.sha256()).write(target);
            LoraAdapter again = LoraAdapter.read(target, base);

            assertEquals(adapter.config(), again.config());
            assertEquals(base.sha256(), again.baseSha256());
            assertEquals(adapter.pairs().keySet(), again.pairs().keySet());
            adapter.pairs().forEach((module, pair) -> {
                assertArrayEquals(pair.a().toFloats(), again.pairs().get(module).a().toFloats());
                assertArrayEquals(pair.b().toFloats(), again.pairs().get(module).b().toFloats());
            });
            // Names are PEFT's own.
            assertEquals(Safetensors.read(base.folder().resolve("adapter/adapter_model.safetensors")).tensors().keySet(),
                    Safetensors.read(target.resolve("adapter_model.safetensors")).tensors().keySet());
        }
    }

    @Test
    void nothingIsWrittenOver() throws IOException {
        LoraAdapter adapter = LoraAdapter.read(llama.folder().resolve("adapter"), llama);
        Path other = Models.copy("qwen3/adapter", folder.resolve("other"));
        byte[] before = Files.readAllBytes(other.resolve(LoraAdapter.WEIGHTS));
        String refused = assertThrows(IOException.class, () -> adapter.write(other)).getMessage();
        assertTrue(refused.contains("is not empty, and nothing is written over"), refused);
        assertArrayEquals(before, Files.readAllBytes(other.resolve(LoraAdapter.WEIGHTS)));
        adapter.write(Files.createDirectory(folder.resolve("empty")));
        assertEquals(adapter.config(), LoraAdapter.read(folder.resolve("empty"), llama).config());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', value = {
        "{\"peft_type\": \"IA3\"} | peft_type is IA3; supported is LORA",
        "{\"task_type\": \"SEQ_CLS\"} | task_type is SEQ_CLS; supported is CAUSAL_LM",
        "{\"bias\": \"all\"} | bias is all; supported is none",
        "{\"use_dora\": true} | use_dora is true, which is not supported",
        "{\"modules_to_save\": [\"lm_head\"]} | modules_to_save is [\"lm_head\"]",
        "{\"rank_pattern\": {\"q_proj\": 2}} | rank_pattern is",
        "{\"alpha_pattern\": {\"q_proj\": 2}} | alpha_pattern is",
        "{\"fan_in_fan_out\": true} | fan_in_fan_out is true",
        "{\"trainable_token_indices\": [1]} | trainable_token_indices is",
        "{\"of_the_future\": 3} | of_the_future is 3, which is not supported; supported is plain LoRA",
        "{\"init_lora_weights\": \"pissa\"} | init_lora_weights is \"pissa\", which changes the base",
        "{\"layers_pattern\": \"h\"} | layers_pattern is \"h\"; supported is \"layers\"",
        "{\"layers_pattern\": [\"h\", \"blocks\"]} | layers_pattern is [\"h\",\"blocks\"]; supported is \"layers\"",
        "{\"layers_pattern\": {\"of\": 3}} | layers_pattern is {\"of\":3}; supported is \"layers\"",
        "{\"r\": 5} | has shape [4, 32]; by its r and this base it has [5, 32]",
        "{\"r\": 0} | r is 0; it must be a whole number, at least 1",
        "{\"lora_alpha\": -1} | lora_alpha is -1",
        "{\"lora_dropout\": 1} | lora_dropout is 1; it must be a number from 0 to below 1",
        "{\"lora_dropout\": \"0.5\"} | lora_dropout is \"0.5\"; it must be a number from 0 to below 1",
        "{\"lora_dropout\": true} | lora_dropout is true; it must be a number from 0 to below 1",
        "{\"target_modules\": [\"q_proj\"]} | names 2 maps of this base, and adapter_model.safetensors adapts 8",
        "{\"target_modules\": [\"q_proj\", \"c_attn\"]} | names 2 maps of this base, and adapter_model.safetensors adapts 8",
        "{\"target_modules\": [\"fc1\", \"c_attn\"]} | target_modules is [\"fc1\",\"c_attn\"], and this base has q_proj, k_proj",
        "{\"layers_to_transform\": [7]} | layers is [7]; the model has 2",
        "{\"layers_to_transform\": \"all\"} | layers_to_transform is \"all\"",
    })
    void whatIsNotSupportedIsRefusedByName(String change, String message) throws IOException {
        assertRefused(changed(llama, change), llama, message, "adapter_");
    }

    /** PEFT adapts what fits, and says nothing of names that do not, as long as one does. */
    @Test
    void targetsAndPatternsOfNothingAreTakenAsPeftTakesThem() throws IOException {
        Path adapter = changed(llama,
                "{\"target_modules\": [\"q_proj\", \"c_attn\", \"k_proj\", \"v_proj\", \"o_proj\", \"query_key_value\"]}");
        LoraConfig config = LoraAdapter.read(adapter, llama).config();
        assertEquals(List.of("k_proj", "o_proj", "q_proj", "v_proj"), config.targetModules());
        for (String pattern : List.of("null", "\"\"", "[]", "\"layers\"", "[\"layers\"]", "[\"h\", \"layers\"]")) {
            Models.edit(adapter.resolve(LoraAdapter.CONFIG), node -> node.set("layers_pattern", json(pattern)));
            assertEquals(config, LoraAdapter.read(adapter, llama).config(), pattern);
        }
    }

    @Test
    void anAdapterOfNothingIsRefused() {
        LoraConfig none = new LoraConfig(2, 4, 0, List.of("layers.0.self_attn.q_proj"), false, List.of(1));
        String message = assertThrows(IllegalArgumentException.class, () -> none.modules(llama.config())).getMessage();
        assertEquals("targetModules is [layers.0.self_attn.q_proj], "
                + "of which layers [1] (counted from 0) have none: nothing would be adapted", message);
    }

    /** A pattern may take for ever, so what it matched is read from the weights. */
    @Test
    void aPatternIsNotRun() throws IOException {
        Path adapter = changed(llama, "{\"target_modules\": \"(.*)*x(.*)*y\"}");
        assertEquals(Set.of("q_proj", "k_proj", "v_proj", "o_proj"),
                Set.copyOf(LoraAdapter.read(adapter, llama).config().targetModules()));
        assertEquals(List.of(), LoraAdapter.read(adapter, llama).config().layers());

        Map<String, Tensor> some = new LinkedHashMap<>(Safetensors.read(adapter.resolve(LoraAdapter.WEIGHTS)).tensors());
        some.keySet().removeIf(name -> name.contains("layers.0.self_attn.q_proj"));
        Safetensors.write(adapter.resolve(LoraAdapter.WEIGHTS), some, Map.of());
        LoraAdapter ragged = LoraAdapter.read(adapter, llama);
        ragged.write(folder.resolve("again"));
        assertEquals(ragged.pairs().keySet(), LoraAdapter.read(folder.resolve("again"), llama).pairs().keySet());
        assertEquals(7, ragged.pairs().size());
    }

    @Test
    void anAdapterForAnotherBaseIsRefused() throws IOException {
        assertRefused(llama.folder().resolve("adapter"), qwen,
                "has shape [32, 4]; by its r and this base it has [64, 4]: the adapter is for another base");
        Path deeper = changed(llama, "{}");
        Map<String, Tensor> tensors = new LinkedHashMap<>(Safetensors.read(deeper.resolve(LoraAdapter.WEIGHTS)).tensors());
        String last = "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight";
        tensors.put(last.replace("layers.1", "layers.2"), tensors.get(last));
        Safetensors.write(deeper.resolve(LoraAdapter.WEIGHTS), tensors, Map.of());
        assertRefused(deeper, llama, "holds " + last.replace("layers.1", "layers.2"), "it is for another base");

        // The same shapes, other weights: the hash tells.
        LoraAdapter adapter = LoraAdapter.read(llama.folder().resolve("adapter"), llama);
        new LoraAdapter(adapter.config(), adapter.pairs(), "", qwen.sha256()).write(folder.resolve("hashed"));
        assertRefused(folder.resolve("hashed"), llama, "made for a base with weights of sha256 " + qwen.sha256(), llama.sha256());
    }

    @Test
    void anAdapterThatIsIncompleteIsRefused() throws IOException {
        assertRefused(folder, llama, "a folder of an adapter has an adapter_config.json");
        Path adapter = changed(llama, "{}");
        Map<String, Tensor> tensors = new LinkedHashMap<>(Safetensors.read(adapter.resolve(LoraAdapter.WEIGHTS)).tensors());
        String b = "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight";
        tensors.remove(b);
        Safetensors.write(adapter.resolve(LoraAdapter.WEIGHTS), tensors, Map.of());
        assertRefused(adapter, llama, "lacks " + b);
        Safetensors.write(adapter.resolve(LoraAdapter.WEIGHTS), Map.of(), Map.of());
        assertRefused(adapter, llama, "holds no adapter");
        Files.delete(adapter.resolve(LoraAdapter.WEIGHTS));
        assertRefused(adapter, llama, "a folder of an adapter has an adapter_model.safetensors");
        Files.createDirectory(adapter.resolve("adapter_model.bin"));
        assertRefused(adapter, llama, "adapter_model.bin is pickled", "not opened");
    }

    @Test
    void targetsAndLayersSelectMaps() {
        LoraConfig config = new LoraConfig(8, 16, 0, List.of("q_proj", "model.layers.0.mlp.up_proj"), false, List.of());
        assertEquals(List.of("model.layers.0.self_attn.q_proj", "model.layers.0.mlp.up_proj", "model.layers.1.self_attn.q_proj"),
                config.modules(llama.config()));
        // As PEFT's check_target_module_exists has it: layers_to_transform is for ends of names.
        assertEquals(List.of("model.layers.0.mlp.up_proj", "model.layers.1.self_attn.q_proj"),
                new LoraConfig(8, 16, 0, config.targetModules(), false, List.of(1)).modules(llama.config()));
        assertEquals(List.of("model.layers.1.self_attn.q_proj"), new LoraConfig(8, 16, 0,
                List.of("q_proj", "layers.0.mlp.up_proj"), false, List.of(1)).modules(llama.config()));
        for (List<String> wrong : List.of(List.<String>of(), List.of("proj"), List.of("lm_head"))) {
            assertThrows(IllegalArgumentException.class,
                    () -> new LoraConfig(8, 16, 0, wrong, false, List.of()).modules(llama.config()));
        }
    }
}
