package io.parley.core.tokens;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.TextSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Words as token ids for a decoder that is trained from scratch: one token a word of the task, one that ends a response,
 * and one for each role. A prompt is rendered segment by segment, a role token wherever the role changes, and ends with
 * the assistant's; so the rendering of a prompt that grew by appending begins with the rendering of the shorter one.
 * Immutable.
 */
public final class Vocabulary {
    /** Ends a free response. */
    public static final int END = 0;
    /** Token of a role: this plus the role's ordinal. */
    private static final int FIRST_ROLE = 1;
    /** Token of the first word. */
    public static final int FIRST_WORD = FIRST_ROLE + Role.values().length;

    private final List<String> words;
    private final ResponseFormat format;
    private final Map<String, Integer> ids = new HashMap<>();

    /** @throws IllegalArgumentException if a choice is not one of the words */
    public Vocabulary(TextSpec text) {
        words = text.words();
        format = text.format();
        for (String word : words) {
            ids.put(word, FIRST_WORD + ids.size());
        }
        if (format instanceof ResponseFormat.Choices choices) {
            for (List<String> position : choices.positions()) {
                position.forEach(word -> id(word, "a choice"));
            }
        }
    }

    /** Number of tokens. */
    public int size() {
        return FIRST_WORD + words.size();
    }

    /** The words of the task; the tokens from {@link #FIRST_WORD} on. */
    public List<String> words() {
        return words;
    }

    public ResponseFormat format() {
        return format;
    }

    /** The most tokens of a response. */
    public int maxResponse() {
        return format instanceof ResponseFormat.Choices choices
                ? choices.positions().size()
                : ((ResponseFormat.FreeText) format).maxTokens();
    }

    /** Whether a response may end before {@link #maxResponse()} tokens. */
    public boolean mayEnd() {
        return format instanceof ResponseFormat.FreeText;
    }

    /** Which tokens a response may have, by position and token; one row where every position allows the same. */
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
            allowed[0][id] = id == END || id >= FIRST_WORD;
        }
        return allowed;
    }

    /** Token ids of a prompt, at least two. Kept with the prompt; do not write. */
    public int[] encode(Prompt prompt) {
        return prompt.memo(this, this::render);
    }

    private int[] render(Prompt prompt) {
        List<Integer> tokens = new ArrayList<>();
        Role role = null;
        for (Segment segment : prompt.segments()) {
            if (segment.role() != role) {
                role = segment.role();
                tokens.add(FIRST_ROLE + role.ordinal());
            }
            for (String word : split(segment.text())) {
                tokens.add(id(word, "the prompt"));
            }
        }
        tokens.add(FIRST_ROLE + Role.ASSISTANT.ordinal());
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Token ids of a response; do not write.
     *
     * @throws IllegalArgumentException if this format does not allow it
     */
    public int[] encode(Response response) {
        if (response.tokens() instanceof Tokens drawn && drawn.speaks(this)) {
            return drawn.ids;
        }
        List<String> spoken = split(response.text());
        if (format instanceof ResponseFormat.Choices choices) {
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
        if (spoken.size() > maxResponse()) {
            throw new IllegalArgumentException("response '" + response.text() + "' has " + spoken.size() + " words, at most "
                    + maxResponse() + " are allowed");
        }
        int[] tokens = new int[Math.min(spoken.size() + 1, maxResponse())];
        for (int t = 0; t < spoken.size(); t++) {
            tokens[t] = id(spoken.get(t), "a response");
        }
        if (spoken.size() < tokens.length) {
            tokens[spoken.size()] = END;
        }
        return tokens;
    }

    /** A response from its tokens. */
    public Response decode(int[] tokens, float[] logProbs, float[] values) {
        StringBuilder text = new StringBuilder();
        for (int token : tokens) {
            if (token >= FIRST_WORD) {
                text.append(text.isEmpty() ? "" : " ").append(words.get(token - FIRST_WORD));
            }
        }
        return Response.sampled(text.toString(), logProbs, values, new Tokens(this, tokens));
    }

    private int id(String word, String where) {
        Integer id = ids.get(word);
        if (id == null) {
            throw new IllegalArgumentException("'" + word + "' in " + where + " is not one of the task's " + words.size() + " words");
        }
        return id;
    }

    private static List<String> split(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? List.of() : List.of(stripped.split("\\s+"));
    }

    /** The tokens of a response as they were drawn. */
    private record Tokens(Vocabulary vocabulary, int[] ids) {
        boolean speaks(Vocabulary other) {
            return vocabulary == other || vocabulary.words.equals(other.words) && vocabulary.format.equals(other.format);
        }
    }
}
