package io.parley.core.policy;

/**
 * How responses are drawn.
 *
 * @param temperature logits are divided by it; 0 takes the most likely token
 * @param topK only the k most likely tokens; 0 for all
 * @param topP the fewest most likely tokens whose probabilities reach it; 1 for all
 * @param values whether to keep the value estimate before each token
 */
public record SamplingConfig(double temperature, int topK, double topP, boolean values) {
    public SamplingConfig {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature is " + temperature + "; a finite number, at least 0");
        }
        if (topK < 0) {
            throw new IllegalArgumentException("topK is " + topK + "; at least 0");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("topP is " + topP + "; above 0 and at most 1");
        }
    }

    /** The policy's own distribution: temperature 1, nothing cut off, no values. */
    public static SamplingConfig standard() {
        return new SamplingConfig(1, 0, 1, false);
    }

    /** The same, with value estimates. */
    public SamplingConfig withValues() {
        return new SamplingConfig(temperature, topK, topP, true);
    }
}
