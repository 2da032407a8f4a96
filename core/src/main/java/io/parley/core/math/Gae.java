package io.parley.core.math;

/**
 * Generalised advantage estimation (Schulman et al., "High-dimensional continuous control using generalized
 * advantage estimation", ICLR 2016): A_t = Σ_{l ≥ 0} (γλ)^l δ_{t+l} with δ_t = r_t + γ·V_{t+1} − V_t.
 */
public final class Gae {
    private Gae() {}

    /**
     * Advantages along one episode that ends after its last step.
     *
     * @param rewards r_t
     * @param values V_t, same length
     * @param discounts γ that discounts what follows step t, same length; the last is not used
     * @param lambda λ in [0, 1]
     * @return A_t, same length; the return that the value should meet is A_t + V_t
     */
    public static float[] advantages(float[] rewards, float[] values, float[] discounts, double lambda) {
        int n = rewards.length;
        if (values.length != n || discounts.length != n) {
            throw new IllegalArgumentException(
                    "rewards, values and discounts have " + n + ", " + values.length + " and " + discounts.length + " entries");
        }
        float[] advantages = new float[n];
        double next = 0;
        double nextValue = 0;
        for (int t = n - 1; t >= 0; t--) {
            double discount = t == n - 1 ? 0 : discounts[t];
            double delta = rewards[t] + discount * nextValue - values[t];
            next = delta + discount * lambda * next;
            advantages[t] = (float) next;
            nextValue = values[t];
        }
        return advantages;
    }
}
