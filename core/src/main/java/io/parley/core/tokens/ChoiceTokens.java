package io.parley.core.tokens;

import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;

/** Responses of one word a position as indices into the words allowed there. Immutable. */
public final class ChoiceTokens {
    private final ResponseFormat.Choices format;
    private final List<Map<String, Integer>> indices;
    private final int most;

    /** What a sampled response remembers. */
    private record Tokens(ResponseFormat.Choices format, int[] choices) {}

    public ChoiceTokens(ResponseFormat.Choices format) {
        this.format = format;
        this.most = format.positions().stream().mapToInt(List::size).max().orElseThrow();
        this.indices = format.positions().stream().map(allowed -> {
            Map<String, Integer> index = new HashMap<>();
            for (String word : allowed) {
                index.put(word, index.size());
            }
            return index;
        }).toList();
    }

    /** T: number of tokens of every response. */
    public int positions() {
        return indices.size();
    }

    /** K: the most words allowed at any position. */
    public int most() {
        return most;
    }

    /** Number of words allowed at a position. */
    public int allowed(int position) {
        return format.positions().get(position).size();
    }

    /**
     * The index of each word of a response; do not write.
     *
     * @throws IllegalArgumentException if the response is not one word of each position's list
     */
    public int[] choices(Response response) {
        if (response.tokens() instanceof Tokens tokens && (tokens.format() == format || tokens.format().equals(format))) {
            return tokens.choices();
        }
        StringTokenizer words = new StringTokenizer(response.text());
        if (words.countTokens() != positions()) {
            throw new IllegalArgumentException("the response '" + response.text() + "' has " + words.countTokens()
                    + " words; " + positions() + " are wanted, one for each position");
        }
        int[] choices = new int[positions()];
        for (int t = 0; t < choices.length; t++) {
            String word = words.nextToken();
            Integer index = indices.get(t).get(word);
            if (index == null) {
                throw new IllegalArgumentException("word " + (t + 1) + " of the response '" + response.text()
                        + "' is '" + word + "'; allowed there: " + String.join(", ", format.positions().get(t)));
            }
            choices[t] = index;
        }
        return choices;
    }

    /** A drawn response. */
    public Response response(int[] choices, float[] logProbs, float[] values) {
        StringBuilder text = new StringBuilder();
        for (int t = 0; t < choices.length; t++) {
            text.append(t == 0 ? "" : " ").append(format.positions().get(t).get(choices[t]));
        }
        return Response.sampled(text.toString(), logProbs, values, new Tokens(format, choices));
    }
}
