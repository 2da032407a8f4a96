package io.parley.core.math;

/**
 * Single-sample estimates of KL(p ‖ q) from r = log p(a) − log q(a) with a drawn from p
 * (Schulman, "Approximating KL divergence", 2020).
 */
public final class KlEstimators {
    private KlEstimators() {}

    /** k1 = r: unbiased, any sign. */
    public static double k1(double logRatio) {
        return logRatio;
    }

    /** k3 = e^(−r) − 1 + r: unbiased, never negative, low variance. */
    public static double k3(double logRatio) {
        return Math.expm1(-logRatio) + logRatio;
    }
}
