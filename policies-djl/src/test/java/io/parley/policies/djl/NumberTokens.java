package io.parley.policies.djl;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.tokens.TokenCodec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Texts that are token ids, for models without a tokenizer. Ids below {@code ends} end a response. */
record NumberTokens(int size, int maxResponse, int ends) implements TokenCodec {
    NumberTokens(int size, int maxResponse) {
        this(size, maxResponse, 0);
    }

    static String text(int... ids) {
        return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }

    static Prompt prompt(int... ids) {
        return new Prompt(List.of(new Segment(Role.USER, SegmentKind.QUESTION, 1, text(ids))));
    }

    private static int[] ids(String text) {
        return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    @Override
    public boolean mayEnd() {
        return ends > 0;
    }

    @Override
    public boolean ends(int id) {
        return id < ends;
    }

    @Override
    public boolean[][] allowed() {
        return null;
    }

    @Override
    public int[] encode(Prompt prompt) {
        return ids(prompt.segments().get(0).text());
    }

    @Override
    public int[] encode(Response response) {
        return ids(response.text());
    }

    @Override
    public Response decode(int[] tokens, float[] logProbs, float[] values) {
        return Response.sampled(text(tokens), logProbs, values, tokens);
    }

    @Override
    public boolean sameAs(TokenCodec other) {
        return equals(other);
    }
}
