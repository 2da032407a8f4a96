package io.parley.core.tokens;

import io.parley.core.policy.SamplingConfig;
import java.util.Arrays;

/**
 * Draws one token from logits: inverse transform in the order of the tokens, so that one uniform number decides. Not
 * thread-safe.
 */
public final class TokenSampler {
    private final SamplingConfig config;
    private double[] weights = new double[0];
    private double logProb;

    public TokenSampler(SamplingConfig config) {
        this.config = config;
    }

    /**
     * Draws a token.
     *
     * @param logits of the tokens, from {@code from}
     * @param count number of tokens
     * @param uniform in [0, 1)
     * @return index of the token, from 0
     */
    public int draw(float[] logits, int from, int count, double uniform) {
        if (weights.length < count) {
            weights = new double[count];
        }
        int best = 0;
        for (int k = 1; k < count; k++) {
            if (logits[from + k] > logits[from + best]) {
                best = k;
            }
        }
        if (config.temperature() == 0) {
            logProb = 0;
            return best;
        }
        double total = 0;
        for (int k = 0; k < count; k++) {
            weights[k] = Math.exp((logits[from + k] - (double) logits[from + best]) / config.temperature());
            total += weights[k];
        }
        if ((config.topK() > 0 && config.topK() < count) || config.topP() < 1) {
            total = cut(count);
        }
        double rest = uniform * total;
        int token = best;
        for (int k = 0; k < count; k++) {
            if (weights[k] > 0) {
                token = k;
                rest -= weights[k];
                if (rest < 0) {
                    break;
                }
            }
        }
        logProb = Math.log(weights[token] / total);
        return token;
    }

    /** Natural log-probability of the last token under the distribution it was drawn from. */
    public double logProb() {
        return logProb;
    }

    /** Sets the weights of tokens outside top-k and top-p to 0 (equally likely ones: the first stay); the new total. */
    private double cut(int count) {
        double[] ascending = Arrays.copyOf(weights, count);
        Arrays.sort(ascending);
        int most = config.topK() > 0 ? Math.min(config.topK(), count) : count;
        // Top-p counts what is left of the probability after top-k, as the usual order of the two filters has it.
        double within = 0;
        for (int n = 0; n < most; n++) {
            within += ascending[count - 1 - n];
        }
        double sum = 0;
        double least = 0;
        int equal = 0;
        for (int n = 0; n < most && (n == 0 || sum < config.topP() * within); n++) {
            double next = ascending[count - 1 - n];
            equal = next == least ? equal + 1 : 1;
            least = next;
            sum += next;
        }
        for (int k = 0; k < count; k++) {
            if (weights[k] < least || weights[k] == least && equal-- <= 0) {
                weights[k] = 0;
            }
        }
        return sum;
    }
}
