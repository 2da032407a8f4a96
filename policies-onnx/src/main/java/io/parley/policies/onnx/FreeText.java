package io.parley.policies.onnx;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.tokens.TokenizerFile;
import io.parley.core.tokens.Vocabulary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Free text through the tokenizer that is saved with a policy. */
final class FreeText {
    /** A tokenizer would else cut long texts off and put in marks that are not among the words. */
    private static final Map<String, String> AS_IT_IS = Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

    private FreeText() {}

    static Vocabulary vocabulary(TextSpec text) {
        byte[] file = TokenizerFile.of(text).getBytes(StandardCharsets.UTF_8);
        try {
            // It frees its native memory when it is collected, with the last policy that uses it.
            return new Vocabulary(text, HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(file), AS_IT_IS));
        } catch (IOException e) {
            throw new UncheckedIOException("the tokenizer of " + text.words().size() + " words cannot be made", e);
        }
    }
}
