package io.parley.checkpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DecoderConfigTest {
    @TempDir
    private Path folder;

    static List<String> names() {
        return Models.names();
    }

    private DecoderConfig changed(String name, String change) throws IOException {
        ObjectNode node = JsonFile.read(Models.FOLDER.resolve(name).resolve("config.json"), "").node();
        node.setAll((ObjectNode) JsonFile.JSON.readTree(change));
        // A key that is set to "absent" is taken away.
        node.properties().removeIf(field -> field.getValue().asText().equals("absent"));
        JsonFile.write(folder.resolve("config.json"), node);
        return DecoderConfig.read(folder);
    }

    @ParameterizedTest
    @MethodSource("names")
    void rotaryFrequenciesAreThoseOfTheReference(String name) throws IOException {
        double[] frequencies = DecoderConfig.read(Models.FOLDER.resolve(name)).inverseFrequencies();
        JsonNode expected = Models.expected(name).path("inverseFrequencies");
        assertEquals(expected.size(), frequencies.length);
        for (int i = 0; i < frequencies.length; i++) {
            assertEquals(1, frequencies[i] / expected.get(i).doubleValue(), 1e-6, name + " " + i);
        }
    }

    @Test
    void bothSpellingsSayTheSame() throws IOException {
        DecoderConfig spelledNew = changed("llama3", "{\"tie_word_embeddings\": false, \"head_dim\": 16}");
        assertEquals(spelledNew, DecoderConfig.read(Models.FOLDER.resolve("llama3-old-spelling")));
        assertEquals(Dtype.BF16, changed("llama3", "{\"dtype\": \"torch.bfloat16\"}").dtype());
        assertEquals(null, changed("llama3", "{\"dtype\": \"absent\"}").dtype());
        assertEquals(2, DecoderConfig.read(Models.FOLDER.resolve("llama-linear")).ropeScaling().factor());
        assertEquals(3, changed("llama3", "{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 3}}").ropeScaling().factor());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', value = {
        "mistral        | {}                                                          | 0 0",
        "mistral        | {\"sliding_window\": 5}                                     | 5 5",
        "mistral        | {\"sliding_window\": \"absent\"}                            | 4096 4096",
        "llama-tied     | {\"sliding_window\": 5, \"use_sliding_window\": true}       | 0 0",
        "qwen2-window   | {}                                                          | 0 8",
        "qwen2-window   | {\"use_sliding_window\": false}                             | 0 0",
        "qwen2-window   | {\"sliding_window\": null}                                  | 0 0",
        "qwen2-window   | {\"max_window_layers\": 0}                                  | 8 8",
        "qwen2-window   | {\"max_window_layers\": 5}                                  | 0 0",
        "qwen2-window   | {\"max_window_layers\": \"absent\"}                         | 0 0",
        "qwen2-window   | {\"layer_types\": [\"sliding_attention\", \"sliding_attention\"]} | 8 8",
        "qwen3          | {\"use_sliding_window\": true, \"sliding_window\": 5, \"layer_types\": [\"full_attention\", "
                + "\"sliding_attention\"]} | 0 5",
        "qwen3          | {\"use_sliding_window\": true, \"sliding_window\": null, \"max_window_layers\": 1, "
                + "\"layer_types\": \"absent\"} | 0 0",
        "qwen3          | {\"use_sliding_window\": true, \"sliding_window\": \"absent\", \"max_window_layers\": 1, "
                + "\"layer_types\": \"absent\"} | 0 4096"
    })
    void layersSeeAsFarAsTheirArchitectureSays(String name, String change, String windows) throws IOException {
        DecoderConfig config = changed(name, change);
        assertEquals(windows, IntStream.range(0, config.layers()).mapToObj(layer -> "" + config.window(layer))
                .collect(Collectors.joining(" ")));
    }

    @Test
    void whatAFileLeavesOutIsTheReferencesDefault() throws IOException {
        DecoderConfig llama = changed("llama-tied", "{\"num_key_value_heads\": \"absent\", \"head_dim\": \"absent\", "
                + "\"rms_norm_eps\": \"absent\", \"rope_theta\": \"absent\", \"tie_word_embeddings\": \"absent\", "
                + "\"model_type\": \"absent\"}");
        assertEquals(List.of(4, 8, 1e-6, 10_000.0, false), List.of(
                llama.keyValueHeads(), llama.headSize(), llama.epsilon(), llama.ropeTheta(), llama.tiedEmbeddings()));
        assertEquals(128, changed("qwen3", "{\"head_dim\": \"absent\"}").headSize());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', value = {
        "{\"model_type\": \"gemma\"} | supported are LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, MistralForCausalLM",
        "{\"architectures\": [\"LlamaForSequenceClassification\"]} | architectures is [\"LlamaForSequenceClassification\"]",
        "{\"architectures\": [\"Qwen2ForCausalLM\"]} | model_type is \"llama\"",
        "{\"model_type\": \"absent\", \"architectures\": \"absent\"} | model_type is absent",
        "{\"hidden_act\": \"gelu\"} | hidden_act is gelu; supported is silu",
        "{\"quantization_config\": {\"bits\": 4}} | quantization_config is there",
        "{\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4}} | rotary scaling is 'yarn'; "
                + "supported are default, linear, llama3",
        "{\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 4}} | rotary scaling is 'dynamic'",
        "{\"rope_scaling\": {\"rope_type\": \"linear\"}} | factor is absent",
        "{\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 0.5}} | factor is 0.5; it must be at least 1",
        "{\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\": "
                + "4}} | above low_freq_factor",
        "{\"rope_scaling\": {\"full_attention\": {\"rope_type\": \"default\"}}} | rope_scaling is",
        "{\"rope_scaling\": null, \"rope_parameters\": {\"full_attention\": {\"rope_theta\": "
                + "1}}} | it must be one for all layers",
        "{\"rope_scaling\": 8} | rope_scaling is 8; it must be an object",
        "{\"rope_theta\": 0} | rope_theta is 0",
        "{\"partial_rotary_factor\": 0.5} | partial_rotary_factor is 0.5",
        "{\"hidden_size\": \"absent\"} | hidden_size is absent; it must be a whole number, at least 1",
        "{\"hidden_size\": 0} | hidden_size is 0",
        "{\"hidden_size\": 32.5} | hidden_size is 32.5",
        "{\"hidden_size\": 99999999999} | hidden_size is 99999999999",
        "{\"vocab_size\": 2000000000} | vocab_size is 2000000000; it must be at most",
        "{\"num_hidden_layers\": 2000000000} | num_hidden_layers is 2000000000; it must be at most 1000",
        "{\"num_key_value_heads\": 3} | a divisor of num_attention_heads, 4",
        "{\"head_dim\": 7} | a head has 7 numbers",
        "{\"head_dim\": \"absent\", \"num_attention_heads\": 5, \"num_key_value_heads\": "
                + "5} | hidden_size 32 is not a multiple of 5 heads",
        "{\"tie_word_embeddings\": \"yes\"} | tie_word_embeddings is \"yes\"; it must be true or false",
        "{\"torch_dtype\": \"int8\"} | torch_dtype is \"int8\"; it must be one of float32, float16, bfloat16",
    })
    void whatIsNotSupportedIsRefusedByName(String change, String message) {
        IOException refused = assertThrows(IOException.class, () -> changed("llama-tied", change));
        assertTrue(refused.getMessage().contains(message) && refused.getMessage().contains("config.json"), refused.getMessage());
    }

    @Test
    void layersThatAlternateAreRefused() {
        IOException refused = assertThrows(IOException.class, () -> changed("qwen2-window",
                "{\"layer_types\": [\"sliding_attention\", \"full_attention\"]}"));
        assertTrue(refused.getMessage().contains("full_attention for the first layers"), refused.getMessage());
    }

    @Test
    void aFolderWithoutConfigIsNoModel() {
        NoSuchFileException refused = assertThrows(NoSuchFileException.class, () -> DecoderConfig.read(folder));
        assertTrue(refused.getMessage().contains("a folder of a pretrained model has a config.json"), refused.getMessage());
    }
}
