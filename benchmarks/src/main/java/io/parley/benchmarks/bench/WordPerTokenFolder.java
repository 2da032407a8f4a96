package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A checkpoint's weights with a tokenizer for which the word "17" is token 17, so that prompts and responses have the lengths
 * that they are meant to have. The last token ends a response: one out of tens of thousands that nothing leads to. The weights
 * are linked to.
 */
final class WordPerTokenFolder implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final int vocabulary;
    private final int layers;

    /** @throws IOException if the folder has no {@code config.json} or links cannot be made */
    WordPerTokenFolder(Path model) throws IOException {
        Path config = model.resolve("config.json");
        if (!Files.isRegularFile(config)) {
            throw new NoSuchFileException(config.toString(), null, "--model names the folder of a pretrained model");
        }
        JsonNode json = JSON.readTree(config.toFile());
        vocabulary = json.path("vocab_size").asInt();
        layers = json.path("num_hidden_layers").asInt();
        folder = Files.createTempDirectory("model");
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.filter(f ->
                    f.getFileName().toString().matches("config\\.json|.*\\.safetensors(\\.index\\.json)?")).toList()) {
                Files.createSymbolicLink(folder.resolve(file.getFileName()), file.toAbsolutePath());
            }
        }
        int end = vocabulary - 1;
        ObjectNode tokenizer = JSON.createObjectNode().put("version", "1.0");
        tokenizer.putArray("added_tokens").addObject().put("id", end).put("content", "<end>").put("single_word", false)
                .put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", true);
        tokenizer.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        ObjectNode words = tokenizer.putObject("model").put("type", "WordLevel").put("unk_token", "0").putObject("vocab");
        for (int id = 0; id < end; id++) {
            words.put(Integer.toString(id), id);
        }
        words.put("<end>", end);
        JSON.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
        JSON.writeValue(folder.resolve("tokenizer_config.json").toFile(), JSON.createObjectNode().put("eos_token", "<end>")
                .put("chat_template", "{% for message in messages %}{{ message['content'] + ' ' }}{% endfor %}"));
        JSON.writeValue(folder.resolve("generation_config.json").toFile(), JSON.createObjectNode().put("eos_token_id", end));
    }

    Path path() {
        return folder;
    }

    /** Words, without the end. */
    int words() {
        return vocabulary - 1;
    }

    int layers() {
        return layers;
    }

    @Override
    public void close() throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(all::add);
        }
        all.add(folder);
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
