package io.parley.checkpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterBaseTest {
    @TempDir
    private Path folder;

    private boolean noted(String adapterConfig, String modelConfig) throws IOException {
        Path model = Files.createDirectories(folder.resolve("Small-Instruct"));
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        Files.writeString(model.resolve("config.json"), modelConfig);
        Files.writeString(adapter.resolve("adapter_config.json"), adapterConfig);
        return AdapterBase.note(adapter, model).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', nullValues = "none", value = {
        "someone/Small-Instruct | {} | false",
        "someone/small-instruct/ | {} | false",
        "C:\\\\models\\\\Small-Instruct | {} | false",
        "someone/Small | {} | true",
        "someone/Small | {\"_name_or_path\": \"someone/Small\"} | false",
        "someone/Small | {\"_name_or_path\": \"someone/Large\"} | true",
        "someone/Small | not JSON | true",
    })
    void anAdapterForAModelOfAnotherNameIsNoted(String told, String model, boolean noted) throws IOException {
        assertEquals(noted, noted("{\"base_model_name_or_path\": \"" + told + "\"}", model));
    }

    /** Where huggingface_hub puts what it downloads. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "models--someone--Small-Instruct/snapshots/8c1f | false",
        "models--Small-Instruct/snapshots/8c1f | false",
        "models--someone--Small/snapshots/8c1f | true",
        "models--someone--Small-Instruct/8c1f | true",
        "datasets--someone--Small-Instruct/snapshots/8c1f | true",
    })
    void aModelInTheCacheIsCalledByItsName(String place, boolean noted) throws IOException {
        Path model = Files.createDirectories(folder.resolve(place));
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        Files.writeString(adapter.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"someone/Small-Instruct\"}");
        Optional<String> note = AdapterBase.note(adapter, model);
        assertEquals(noted, note.isPresent());
        if (place.startsWith("models--someone--Small/")) {
            assertTrue(note.orElseThrow().contains("is called '8c1f' and 'Small';"), note.toString());
        }
    }

    @Test
    void nothingIsNotedWhereNothingIsSaidOrAHashIsChecked() throws IOException {
        assertFalse(noted("{}", "{}"));
        assertFalse(noted("{\"base_model_name_or_path\": null}", "{}"));
        assertTrue(noted("{\"base_model_name_or_path\": \"null\"}", "{\"_name_or_path\": null}"));
        // What was exported, and its weights replaced by those of another writer.
        String told = "{\"base_model_name_or_path\": \"else\"}";
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        Map<String, Tensor> weights = Map.of("a", Tensor.of("a", Dtype.F32, new float[1], 1));
        Safetensors.write(adapter.resolve(LoraAdapter.WEIGHTS), weights, Map.of("parley.base.sha256", "00ff"));
        assertFalse(noted(told, "{}"));
        Safetensors.write(adapter.resolve(LoraAdapter.WEIGHTS), weights, Map.of("format", "pt"));
        assertTrue(noted(told, "{}"));
    }
}
