package io.parley.policies.onnx;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import java.util.List;

/** What the description of an {@code mlp} says of its shape and its texts. */
@JsonIgnoreProperties(ignoreUnknown = true)
record MlpDescription(Config config, Text text) {
    static final String ID = "mlp";

    /** @param activation {@code relu} or {@code gelu} */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Config(List<Integer> hidden, String activation) {}

    /** A {@link TextSpec}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Text(List<String> words, int maxSystemWords, int maxDialogueWords, List<List<String>> choices) {
        TextSpec spec() {
            return new TextSpec(words, maxSystemWords, maxDialogueWords, new ResponseFormat.Choices(choices));
        }
    }

    /** Units of the last hidden layer. */
    int last() {
        return config.hidden().get(config.hidden().size() - 1);
    }
}
