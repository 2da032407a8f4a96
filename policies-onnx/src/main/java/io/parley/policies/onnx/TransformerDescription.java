package io.parley.policies.onnx;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.tokens.Vocabulary;
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

    /** Sizes, as those of the policy. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Config(int hidden, int layers, int heads, int intermediate, int context, boolean tiedHead) {
        /** Width of a head. */
        int head() {
            return hidden / heads;
        }
    }

    Vocabulary vocabulary() {
        // How long prompts get is for the context to limit.
        TextSpec text = new TextSpec(words, Integer.MAX_VALUE, Integer.MAX_VALUE, responses());
        return text.format() instanceof ResponseFormat.FreeText ? FreeText.vocabulary(text) : new Vocabulary(text);
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
