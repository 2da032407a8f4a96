package io.parley.policies.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnx.proto.OnnxMl.GraphProto;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.checkpoints.ChatTokens;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.DecoderConfig;
import io.parley.checkpoints.TrainedModel;
import io.parley.core.dialogue.ResponseFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the description of a {@code causal-lm} says of its texts. Its shape and its tokens stand in files of its base, which go
 * with the graph as they are.
 *
 * @param instructions words that begin the system message of every prompt
 * @param template variables of the chat template
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record CausalLmDescription(Config config, String instructions, Map<String, Object> template) {
    static final String ID = TrainedModel.POLICY;
    /** A file of protocol buffers ends at 2 GiB; what is not parameters of the graph is far below this. */
    private static final long MOST_BYTES = Integer.MAX_VALUE - (64L << 20);

    /** Most tokens of a prompt and its response together, and of a response. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Config(int context, int maxResponse) {}

    CausalLmDescription {
        if (config == null) {
            throw new IllegalArgumentException("it does not say config.context and config.maxResponse");
        }
        instructions = instructions == null ? "" : instructions;
        template = template == null ? Map.of() : template;
    }

    /** @throws IOException if the model is too large for one file */
    GraphProto graph(TrainedModel model) throws IOException {
        DecoderConfig decoder = model.base().config();
        requireFits(decoder);
        String tokens = "as tokenizer.json under parley.checkpoint in the metadata numbers them.";
        return new DecoderExport(decoder, config.context, tokens, (name, shape) -> model.merged(name).toFloats()).graph();
    }

    static void requireFits(DecoderConfig decoder) throws IOException {
        long bytes = DecoderExport.bytes(decoder);
        if (bytes > MOST_BYTES) {
            throw new IOException(String.format(Locale.ROOT, "the model has %,d bytes in float32, and an ONNX file holds at most "
                    + "%,d; --to hf writes it as a checkpoint", bytes, MOST_BYTES));
        }
    }

    /** The text of each file by its name. */
    static ObjectNode files(Checkpoint base) throws IOException {
        ObjectNode files = JsonNodeFactory.instance.objectNode();
        for (String name : ChatTokens.FILES) {
            Path file = base.folder().resolve(name);
            if (Files.exists(file)) {
                files.put(name, Files.readString(file));
            }
        }
        return files;
    }

    /**
     * @param place names in messages where the files come from
     * @param files as {@link #files} gave them
     */
    DecoderForm form(Path place, ObjectNode files) throws IOException {
        Map<String, byte[]> contents = new HashMap<>();
        files.properties().forEach(file -> contents.put(file.getKey(), file.getValue().asText().getBytes(UTF_8)));
        return new DecoderForm(DecoderConfig.of(place, contents), config.context,
                ChatTokens.of(place, contents, config.maxResponse, instructions, template),
                task -> task.format() instanceof ResponseFormat.FreeText ? null
                        : "it answers in free text, the task wants " + Form.inWords(task.format()));
    }
}
