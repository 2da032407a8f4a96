package io.parley.core.policy;

/**
 * AdamW (Kingma and Ba 2015; decoupled weight decay of Loshchilov and Hutter 2019).
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root of the second moment, above 0
 * @param weightDecay decoupled weight decay, at least 0
 * @param maxGradNorm the gradient is scaled down to this Euclidean norm when it is longer; 0 for no limit
 */
public record OptimizerConfig(double beta1, double beta2, double epsilon, double weightDecay, double maxGradNorm) {
    public OptimizerConfig {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new IllegalArgumentException("beta1 " + beta1 + " and beta2 " + beta2 + " must be at least 0 and below 1");
        }
        if (!(epsilon > 0) || !(weightDecay >= 0) || !(maxGradNorm >= 0)) {
            throw new IllegalArgumentException("epsilon " + epsilon + " must be above 0, weightDecay " + weightDecay
                    + " and maxGradNorm " + maxGradNorm + " at least 0");
        }
    }

    /** Adam's usual constants, no weight decay, gradient norm at most 1. */
    public static OptimizerConfig adam() {
        return new OptimizerConfig(0.9, 0.999, 1e-8, 0, 1);
    }
}
