package io.parley.core.policy;

import io.parley.core.dialogue.Prompt;
import java.util.List;
import java.util.Objects;

/**
 * What to compute beside the log-probabilities of the response tokens.
 *
 * @param values value estimate before each token
 * @param entropy entropy of the distribution of each token, nats
 * @param smoothing ε: scores are those of (1 − ε)·π + ε·uniform over the tokens allowed at the position; 0 for π itself.
 *     Entropies are always those of π itself
 * @param divergences full categorical divergences to compute, each reduced to one number a token inside the policy
 */
public record ScoreRequest(boolean values, boolean entropy, double smoothing, List<Divergence> divergences) {
    public ScoreRequest {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("smoothing is " + smoothing + "; at least 0 and below 1");
        }
        divergences = List.copyOf(divergences);
    }

    /**
     * KL(π(·|prompt, a_&lt;t) ‖ (1 − ε)·target(·|target prompt, a_&lt;t) + ε·uniform), in nats, at each token of the
     * response, where π is the policy that scores. The target's side carries no gradient.
     *
     * @param target the policy on the right: the scoring policy itself or a {@link TrainablePolicy#snapshot()} of it
     * @param targetPrompts the prompts on the right, one a row
     * @param smoothing ε of the right side, in [0, 1); uniform over the tokens allowed at the position
     */
    public record Divergence(Policy target, List<Prompt> targetPrompts, double smoothing) {
        public Divergence {
            Objects.requireNonNull(target, "target");
            if (!(smoothing >= 0 && smoothing < 1)) {
                throw new IllegalArgumentException("smoothing is " + smoothing + "; at least 0 and below 1");
            }
        }
    }

    /** Log-probabilities only. */
    public static ScoreRequest logProbs() {
        return new ScoreRequest(false, false, 0, List.of());
    }

    public ScoreRequest withValues() {
        return new ScoreRequest(true, entropy, smoothing, divergences);
    }

    public ScoreRequest withEntropy() {
        return new ScoreRequest(values, true, smoothing, divergences);
    }

    /** @param epsilon in [0, 1) */
    public ScoreRequest withSmoothing(double epsilon) {
        return new ScoreRequest(values, entropy, epsilon, divergences);
    }

    public ScoreRequest withDivergences(List<Divergence> more) {
        return new ScoreRequest(values, entropy, smoothing, more);
    }
}
