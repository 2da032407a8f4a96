package io.parley.checkpoints;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.tokens.TokenizerFile;
import io.parley.core.tokens.Vocabulary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Words of a task as tokens of a model that is trained from scratch. */
public final class TaskVocabulary {
    private TaskVocabulary() {}

    /** Where responses are free text, it goes through the tokenizer whose file is saved with a policy. */
    public static Vocabulary of(TextSpec text) {
        if (!(text.format() instanceof ResponseFormat.FreeText)) {
            return new Vocabulary(text);
        }
        byte[] file = TokenizerFile.of(text).getBytes(StandardCharsets.UTF_8);
        try {
            // It frees its native memory when it is collected, with the last policy that uses it.
            return new Vocabulary(text, HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(file), ChatTokens.AS_IT_IS));
        } catch (IOException e) {
            throw new UncheckedIOException("the tokenizer of " + text.words().size() + " words cannot be made", e);
        }
    }
}
