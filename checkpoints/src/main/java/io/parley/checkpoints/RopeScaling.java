package io.parley.checkpoints;

/**
 * How rotary frequencies are changed so that a model reaches further than it was first trained for.
 *
 * @param factor how many times further, at least 1; unused without scaling
 * @param lowFrequencyFactor of {@link Kind#LLAMA3} alone, as the two below: waves longer than {@code originalContext} over
 *     this are slowed by the whole factor
 * @param highFrequencyFactor waves shorter than {@code originalContext} over this stay as they are
 * @param originalContext positions of the first training
 */
public record RopeScaling(Kind kind, double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext) {
    /** No scaling. */
    public static final RopeScaling NONE = new RopeScaling(Kind.NONE, 1, 1, 1, 0);

    /** {@code NONE}: none; {@code LINEAR}: all by the factor; {@code LLAMA3}: long waves by the factor, short ones not at all. */
    public enum Kind { NONE, LINEAR, LLAMA3 }

    /**
     * A frequency after scaling. With λ = 2π/f, L = {@code originalContext}, l and h the two factors, Llama 3 takes f where
     * λ &lt; L/h, f/factor where λ &gt; L/l, and between them (1 − s)·f/factor + s·f with s = (L/λ − l)/(h − l); equation of
     * {@code apply_scaling} in the reference code of Llama 3.1 (Meta, "llama-models", 2024).
     *
     * @param frequency radians a position, above 0
     */
    double apply(double frequency) {
        if (kind == Kind.NONE) {
            return frequency;
        }
        if (kind == Kind.LINEAR) {
            return frequency / factor;
        }
        double waves = originalContext * frequency / (2 * Math.PI);
        double share = (waves - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
        double unscaled = Math.min(1, Math.max(0, share));
        return (1 - unscaled) * frequency / factor + unscaled * frequency;
    }
}
