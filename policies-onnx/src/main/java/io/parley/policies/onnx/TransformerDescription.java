package io.parley.policies.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.checkpoints.Architecture;
import io.parley.checkpoints.DecoderConfig;
import io.parley.checkpoints.Dtype;
import io.parley.checkpoints.RopeScaling;
import io.parley.checkpoints.TaskVocabulary;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.tokens.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the description of a {@code transformer} says of its shape and its texts.
 *
 * @param format {@code positions} (the words allowed at each) or {@code maxTokens} and {@code stop}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record TransformerDescription(Config config, List<String> words, JsonNode format) {
    static final String ID = "transformer";
    private static final double EPSILON = 1e-6;
    private static final double ROTARY_BASE = 10_000;

    /** Sizes, as those of the policy. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Config(int hidden, int layers, int heads, int intermediate, int context, boolean tiedHead) {}

    /** Llama's decoder, with as many key heads as query heads. */
    private DecoderConfig decoder(Vocabulary vocabulary) {
        return new DecoderConfig(Architecture.LLAMA, vocabulary.size(), config.hidden, config.intermediate, config.layers,
                config.heads, config.heads, config.hidden / config.heads, EPSILON, ROTARY_BASE, RopeScaling.NONE, config.context,
                config.tiedHead, false, false, false, false, 0, config.layers, Dtype.F32);
    }

    DecoderForm form() {
        Vocabulary vocabulary = vocabulary();
        return new DecoderForm(decoder(vocabulary), config.context, vocabulary, task -> {
            String otherFormat = Form.otherFormat(task, vocabulary.format());
            return otherFormat != null ? otherFormat : Form.unknownWord(task, vocabulary.words());
        });
    }

    GraphProto graph(Weights weights) throws IOException {
        String tokens = "0 ends a response, 1 to 3 begin what system, user and assistant say, 4 and on are the words, after them "
                + "in free text one for all other words.";
        return new DecoderExport(decoder(vocabulary()), config.context, tokens, weights::floats).graph();
    }

    private Vocabulary vocabulary() {
        // How long prompts get is for the context to limit.
        return TaskVocabulary.of(new TextSpec(words, Integer.MAX_VALUE, Integer.MAX_VALUE, responses()));
    }

    private ResponseFormat responses() {
        if (format.has("positions")) {
            List<List<String>> positions = new ArrayList<>();
            format.get("positions").forEach(position -> positions.add(texts(position)));
            return new ResponseFormat.Choices(positions);
        }
        return new ResponseFormat.FreeText(format.get("maxTokens").asInt(), texts(format.path("stop")));
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
