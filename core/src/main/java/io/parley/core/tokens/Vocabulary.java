package io.parley.core.tokens;

import ai.djl.modality.nlp.preprocess.Tokenizer;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.TextSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Words as token ids for a decoder that is trained from scratch: one token that ends a response, one for each role, one a word of
 * the task and, where responses are free text, one for every other word, such as a person's; it stands in prompts alone. A
 * prompt is rendered segment by segment, a role token wherever the role changes, and ends with the assistant's; so the rendering
 * of a prompt that grew by appending begins with the rendering of the shorter one. Thread-safe.
 */
public final class Vocabulary implements TokenCodec {
    /** Ends a free response. */
    public static final int END = 0;
    /** Token of a role: this plus the role's ordinal. */
    private static final int FIRST_ROLE = 1;
    /** Token of the first word. */
    public static final int FIRST_WORD = FIRST_ROLE + Role.values().length;

    /** The text of the token for words that are not the task's. */
    static final String UNKNOWN = "[UNK]";

    private static final int TEXTS_KEPT = 1 << 14;
    /** Marks that stand right behind a word. */
    private static final String CLOSING = ".,:;?!";

    private final List<String> words;
    private final ResponseFormat format;
    private final Function<String, List<String>> split;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, int[]> ofText = new ConcurrentHashMap<>();

    /**
     * Splits texts as the specification says.
     *
     * @throws IllegalArgumentException if a choice is not one of the words
     */
    public Vocabulary(TextSpec text) {
        this(text, text::split);
    }

    /**
     * Splits texts by a tokenizer, such as one that was made from {@link TokenizerFile}.
     *
     * @throws IllegalArgumentException if a choice is not one of the words
     */
    public Vocabulary(TextSpec text, Tokenizer tokenizer) {
        this(text, tokenizer::tokenize);
    }

    private Vocabulary(TextSpec text, Function<String, List<String>> split) {
        this.split = split;
        words = text.words();
        format = text.format();
        for (String word : words) {
            ids.put(word, FIRST_WORD + ids.size());
        }
        if (format instanceof ResponseFormat.Choices choices) {
            for (List<String> position : choices.positions()) {
                for (String word : position) {
                    if (!ids.containsKey(word)) {
                        throw unknown(word, "a choice");
                    }
                }
            }
        }
    }

    /** All tokens by id. */
    static List<String> tokens(TextSpec text) {
        List<String> tokens = new ArrayList<>(List.of("[END]"));
        for (Role role : Role.values()) {
            tokens.add("[" + role.name().toUpperCase(Locale.ROOT) + "]");
        }
        tokens.addAll(text.words());
        if (text.format() instanceof ResponseFormat.FreeText) {
            tokens.add(UNKNOWN);
        }
        return tokens;
    }

    /** The {@code tokenizer.json} of this vocabulary; null where responses are not free text, for then words are choices. */
    public String file() {
        return mayEnd() ? TokenizerFile.of(new TextSpec(words, Integer.MAX_VALUE, Integer.MAX_VALUE, format)) : null;
    }

    @Override
    public int size() {
        return FIRST_WORD + words.size() + (mayEnd() ? 1 : 0);
    }

    /** The token of words that are not the task's; there is one where responses are free text. */
    private int unknown() {
        return FIRST_WORD + words.size();
    }

    /** The words of the task; the tokens from {@link #FIRST_WORD} on. */
    public List<String> words() {
        return words;
    }

    public ResponseFormat format() {
        return format;
    }

    @Override
    public int maxResponse() {
        return format instanceof ResponseFormat.Choices choices
                ? choices.positions().size()
                : ((ResponseFormat.FreeText) format).maxTokens();
    }

    @Override
    public boolean mayEnd() {
        return format instanceof ResponseFormat.FreeText;
    }

    @Override
    public boolean ends(int id) {
        return id == END && mayEnd();
    }

    /** Which tokens a response may have, by position and token; one row where every position allows the same. Never null. */
    @Override
    public boolean[][] allowed() {
        if (format instanceof ResponseFormat.Choices choices) {
            boolean[][] allowed = new boolean[choices.positions().size()][size()];
            for (int t = 0; t < allowed.length; t++) {
                for (String word : choices.positions().get(t)) {
                    allowed[t][ids.get(word)] = true;
                }
            }
            return allowed;
        }
        boolean[][] allowed = new boolean[1][size()];
        for (int id = 0; id < size(); id++) {
            allowed[0][id] = id == END || id >= FIRST_WORD && id != unknown();
        }
        return allowed;
    }

    /**
     * Token ids of a prompt, at least two. Kept with the prompt; do not write.
     *
     * @throws IllegalArgumentException if a word is unknown and responses are not free text
     */
    @Override
    public int[] encode(Prompt prompt) {
        return prompt.memo(this, this::render);
    }

    private int[] render(Prompt prompt) {
        List<Segment> segments = prompt.segments();
        int[][] texts = new int[segments.size()][];
        int length = 1;
        Role role = null;
        for (int i = 0; i < texts.length; i++) {
            texts[i] = ids(segments.get(i).text(), "the prompt");
            length += texts[i].length + (segments.get(i).role() == role ? 0 : 1);
            role = segments.get(i).role();
        }
        int[] tokens = new int[length];
        int n = 0;
        role = null;
        for (int i = 0; i < texts.length; i++) {
            if (segments.get(i).role() != role) {
                role = segments.get(i).role();
                tokens[n++] = FIRST_ROLE + role.ordinal();
            }
            System.arraycopy(texts[i], 0, tokens, n, texts[i].length);
            n += texts[i].length;
        }
        tokens[n] = FIRST_ROLE + Role.ASSISTANT.ordinal();
        return tokens;
    }

    /** The words of a text; do not write. */
    private int[] ids(String text, String where) {
        int[] known = ofText.get(text);
        if (known == null) {
            known = split.apply(text).stream().mapToInt(word -> {
                Integer id = ids.get(word);
                if (id == null && !mayEnd()) {
                    throw unknown(word, where);
                }
                return id == null ? unknown() : id;
            }).toArray();
            if (ofText.size() >= TEXTS_KEPT) {
                ofText.clear();
            }
            ofText.put(text, known);
        }
        return known;
    }

    /**
     * Token ids of a response; do not write.
     *
     * @throws IllegalArgumentException if this format does not allow it
     */
    @Override
    public int[] encode(Response response) {
        if (response.tokens() instanceof Tokens drawn && drawn.vocabulary.sameAs(this)) {
            return drawn.ids;
        }
        if (format instanceof ResponseFormat.Choices choices) {
            List<String> spoken = split.apply(response.text());
            List<List<String>> positions = choices.positions();
            if (spoken.size() != positions.size()) {
                throw new IllegalArgumentException("response '" + response.text() + "' has " + spoken.size() + " words, expected "
                        + positions.size());
            }
            int[] tokens = new int[spoken.size()];
            for (int t = 0; t < tokens.length; t++) {
                if (!positions.get(t).contains(spoken.get(t))) {
                    throw new IllegalArgumentException("response '" + response.text() + "' has '" + spoken.get(t) + "' as word "
                            + (t + 1) + ", allowed: " + positions.get(t));
                }
                tokens[t] = ids.get(spoken.get(t));
            }
            return tokens;
        }
        int[] spoken = ids(response.text(), "a response");
        if (spoken.length > maxResponse()) {
            throw new IllegalArgumentException("response '" + response.text() + "' has " + spoken.length + " words, at most "
                    + maxResponse() + " are allowed");
        }
        for (int t = 0; t < spoken.length; t++) {
            if (spoken[t] == unknown()) {
                throw unknown(split.apply(response.text()).get(t), "a response");
            }
        }
        // Behind the words, zeros: the token that ends.
        return Arrays.copyOf(spoken, Math.min(spoken.length + 1, maxResponse()));
    }

    /** A response from its tokens: words with a blank between them, but none before a mark such as a full stop in free text. */
    @Override
    public Response decode(int[] tokens, float[] logProbs, float[] values) {
        StringBuilder text = new StringBuilder();
        for (int token : tokens) {
            if (token >= FIRST_WORD) {
                String word = words.get(token - FIRST_WORD);
                boolean closes = mayEnd() && CLOSING.contains(word);
                text.append(text.isEmpty() || closes ? "" : " ").append(word);
            }
        }
        return Response.sampled(text.toString(), logProbs, values, new Tokens(this, tokens));
    }

    @Override
    public boolean sameAs(TokenCodec other) {
        return this == other || other instanceof Vocabulary that && words.equals(that.words) && format.equals(that.format);
    }

    private IllegalArgumentException unknown(String word, String where) {
        return new IllegalArgumentException("'" + word + "' in " + where
                + " is not one of the task's " + words.size() + " words");
    }

    /** The tokens of a response as they were drawn. */
    private record Tokens(Vocabulary vocabulary, int[] ids) {}
}
