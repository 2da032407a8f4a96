package io.parley.policies.onnx;

/** The distribution of one token, in double precision. */
final class TokenDistribution {
    /** Logits below are of tokens that are not allowed. */
    private static final float NEVER = -1e8f;

    private final double[] logProbs;
    private final double uniform;

    /** @param logits of every token; at least one is allowed */
    TokenDistribution(float[] logits) {
        float most = Float.NEGATIVE_INFINITY;
        int allowed = 0;
        for (float logit : logits) {
            most = Math.max(most, logit);
            allowed += logit > NEVER ? 1 : 0;
        }
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit - (double) most);
        }
        double shift = most + Math.log(total);
        logProbs = new double[logits.length];
        for (int k = 0; k < logits.length; k++) {
            logProbs[k] = logits[k] > NEVER ? logits[k] - shift : Double.NEGATIVE_INFINITY;
        }
        uniform = 1.0 / allowed;
    }

    /** Natural logarithm of (1 − ε)·p(token) + ε / (number of allowed tokens). */
    float logProb(int token, double smoothing) {
        return (float) mixed(token, smoothing);
    }

    private double mixed(int token, double smoothing) {
        if (smoothing == 0) {
            return logProbs[token];
        }
        return Math.log((1 - smoothing) * Math.exp(logProbs[token]) + smoothing * uniform);
    }

    /** In nats. */
    float entropy() {
        double sum = 0;
        for (double logProb : logProbs) {
            if (logProb > Double.NEGATIVE_INFINITY) {
                sum -= Math.exp(logProb) * logProb;
            }
        }
        return (float) sum;
    }

    /** KL(this ‖ (1 − ε)·other + ε·uniform), in nats. */
    float divergence(TokenDistribution other, double smoothing) {
        double sum = 0;
        for (int k = 0; k < logProbs.length; k++) {
            if (logProbs[k] > Double.NEGATIVE_INFINITY) {
                sum += Math.exp(logProbs[k]) * (logProbs[k] - other.mixed(k, smoothing));
            }
        }
        return (float) sum;
    }
}
