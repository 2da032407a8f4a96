package io.parley.core.dialogue;

import java.util.Arrays;
import java.util.Objects;

/**
 * What the collaborator answered.
 *
 * <p>A sampled response remembers the exact tokens it was drawn as (in a form that only the policy
 * that drew it understands), because the text alone may tokenise otherwise; and the log-probabilities
 * under which they were drawn, so that no second forward pass is needed for them.
 */
public final class Response {
    private final String text;
    private final float[] logProbs;
    private final float[] values;
    private final Object tokens;

    private Response(String text, float[] logProbs, float[] values, Object tokens) {
        this.text = Objects.requireNonNull(text, "text");
        this.logProbs = logProbs;
        this.values = values;
        this.tokens = tokens;
    }

    /** A response known by its words only, such as a demonstration. */
    public static Response of(String text) {
        return new Response(text, null, null, null);
    }

    /**
     * A response drawn by a policy.
     *
     * @param text its words
     * @param logProbs natural log-probability of each token under the sampling distribution; length = tokens
     * @param values value estimate before each token, or null when none was asked for; same length
     * @param tokens the policy's own form of the tokens; opaque to everyone else
     */
    public static Response sampled(String text, float[] logProbs, float[] values, Object tokens) {
        if (values != null && values.length != logProbs.length) {
            throw new IllegalArgumentException("values has " + values.length + " entries, logProbs " + logProbs.length);
        }
        return new Response(text, Objects.requireNonNull(logProbs), values, tokens);
    }

    public String text() {
        return text;
    }

    /** Whether a policy drew this response and its log-probabilities are known. */
    public boolean isSampled() {
        return logProbs != null;
    }

    /**
     * Natural log-probability of each token under the distribution it was drawn from. Not copied; do not write.
     *
     * @throws IllegalStateException if the response was not sampled
     */
    public float[] logProbs() {
        if (logProbs == null) {
            throw new IllegalStateException("'" + text + "' was not drawn by a policy: score it to get log-probabilities");
        }
        return logProbs;
    }

    /**
     * Value estimate before each token, as computed while sampling. Not copied; do not write.
     *
     * @throws IllegalStateException if values were not asked for when sampling
     */
    public float[] values() {
        if (values == null) {
            throw new IllegalStateException("no values: sample with SamplingConfig.withValues()");
        }
        return values;
    }

    /** The policy's own form of the tokens, or null when the response is known by its words only. */
    public Object tokens() {
        return tokens;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Response that
                && text.equals(that.text)
                && Arrays.equals(logProbs, that.logProbs)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
