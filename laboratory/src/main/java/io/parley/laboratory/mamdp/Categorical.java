package io.parley.laboratory.mamdp;

import java.util.random.RandomGenerator;

/** Distributions over a few indices. */
final class Categorical {
    private Categorical() {}

    /** An index with the given probabilities. */
    static int draw(double[] probabilities, RandomGenerator random) {
        double left = random.nextDouble();
        int last = 0;
        for (int k = 0; k < probabilities.length; k++) {
            if (probabilities[k] > 0) {
                last = k;
                left -= probabilities[k];
                if (left < 0) {
                    return k;
                }
            }
        }
        return last;
    }

    /** All probability on one of n indices. */
    static double[] certain(int n, int index) {
        double[] p = new double[n];
        p[index] = 1;
        return p;
    }

    static double[] softmax(double[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (double z : logits) {
            max = Math.max(max, z);
        }
        double[] p = new double[logits.length];
        double sum = 0;
        for (int k = 0; k < p.length; k++) {
            p[k] = Math.exp(logits[k] - max);
            sum += p[k];
        }
        for (int k = 0; k < p.length; k++) {
            p[k] /= sum;
        }
        return p;
    }

    /** The first index whose entry is greatest, up to rounding. */
    static int greatest(double[] values) {
        int best = 0;
        for (int k = 1; k < values.length; k++) {
            best = values[k] > values[best] + 1e-9 ? k : best;
        }
        return best;
    }
}
