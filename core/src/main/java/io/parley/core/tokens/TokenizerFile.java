package io.parley.core.tokens;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.TextSpec;
import java.util.List;

/**
 * The {@code tokenizer.json} of a {@link Vocabulary}, in the format of Hugging Face's Tokenizers: a WordLevel model over its
 * tokens, behind a split at white space and around each punctuation mark. Its ids are those of the vocabulary.
 */
public final class TokenizerFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerFile() {}

    /** The file's text; the same for the same words. */
    public static String of(TextSpec text) {
        ObjectNode file = JSON.createObjectNode().put("version", "1.0");
        file.putNull("truncation");
        file.putNull("padding");
        file.putArray("added_tokens");
        file.putNull("normalizer");
        ObjectNode split = file.putObject("pre_tokenizer").put("type", "Sequence");
        split.withArray("pretokenizers").addObject().put("type", "WhitespaceSplit");
        split.withArray("pretokenizers").addObject().put("type", "Punctuation").put("behavior", "Isolated");
        file.putNull("post_processor");
        file.putNull("decoder");
        ObjectNode model = file.putObject("model").put("type", "WordLevel");
        ObjectNode ids = model.putObject("vocab");
        List<String> tokens = Vocabulary.tokens(text);
        for (int id = 0; id < tokens.size(); id++) {
            ids.put(tokens.get(id), id);
        }
        model.put("unk_token", Vocabulary.UNKNOWN);
        return file.toPrettyString();
    }
}
