package io.parley.core.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EstimatesTest {
    private static float[] numbers(RandomGenerator random, int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    @Property(tries = 100)
    void advantagesAreTheSumThatDefinesThem(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int n, @ForAll @DoubleRange(min = 0, max = 1) double lambda) {
        RandomGenerator random = new SplittableRandom(seed);
        float[] rewards = numbers(random, n);
        float[] values = numbers(random, n);
        float[] discounts = new float[n];
        for (int t = 0; t < n; t++) {
            discounts[t] = (float) random.nextDouble();
        }
        float[] found = Gae.advantages(rewards, values, discounts, lambda);
        for (int t = 0; t < n; t++) {
            double sum = 0;
            double weight = 1;
            for (int l = t; l < n; l++) {
                double next = l == n - 1 ? 0 : discounts[l] * values[l + 1];
                sum += weight * (rewards[l] + next - values[l]);
                weight *= discounts[l] * lambda;
            }
            assertEquals(sum, found[t], 1e-4);
        }
    }

    /** λ = 1: the discounted return minus the value; λ = 0: the one-step temporal difference. */
    @Property(tries = 50)
    void advantagesHaveTheirTwoLimits(@ForAll long seed, @ForAll @DoubleRange(min = 0, max = 1) double gamma) {
        RandomGenerator random = new SplittableRandom(seed);
        int n = 6;
        float[] rewards = numbers(random, n);
        float[] values = numbers(random, n);
        float[] discounts = new float[n];
        Arrays.fill(discounts, (float) gamma);
        float[] monteCarlo = Gae.advantages(rewards, values, discounts, 1);
        float[] oneStep = Gae.advantages(rewards, values, discounts, 0);
        for (int t = 0; t < n; t++) {
            double discounted = 0;
            for (int l = t; l < n; l++) {
                discounted += Math.pow((float) gamma, l - t) * rewards[l];
            }
            assertEquals(discounted - values[t], monteCarlo[t], 1e-4);
            assertEquals(rewards[t] + (t == n - 1 ? 0 : gamma * values[t + 1]) - values[t], oneStep[t], 1e-5);
        }
    }

    /** Over all outcomes: E k1 = E k3 = KL(p ‖ q), and k3 is never negative. */
    @Property(tries = 100)
    void estimatorsHaveTheExpectationsTheyClaim(@ForAll long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        int n = 5;
        double[] p = new double[n];
        double[] q = new double[n];
        double sumP = 0;
        double sumQ = 0;
        for (int a = 0; a < n; a++) {
            p[a] = 0.1 + random.nextDouble();
            q[a] = 0.1 + random.nextDouble();
            sumP += p[a];
            sumQ += q[a];
        }
        double k1 = 0;
        double k3 = 0;
        double kl = 0;
        for (int a = 0; a < n; a++) {
            p[a] /= sumP;
            q[a] /= sumQ;
            double ratio = Math.log(p[a] / q[a]);
            kl += p[a] * Math.log(p[a]) - p[a] * Math.log(q[a]);
            k1 += p[a] * KlEstimators.k1(ratio);
            k3 += p[a] * KlEstimators.k3(ratio);
            assertTrue(KlEstimators.k3(ratio) >= 0);
        }
        assertEquals(kl, k1, 1e-12);
        assertEquals(kl, k3, 1e-12);
    }

    @Property(tries = 50)
    void centredRowsHaveMeanZeroAndUnitDeviationWhateverTheirLengths(@ForAll long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        float[][] rows = new float[2 + random.nextInt(5)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = numbers(random, 1 + random.nextInt(4));
            for (int t = 0; t < rows[i].length; t++) {
                rows[i][t] = 3 + 10 * rows[i][t];
            }
        }
        float[][] white = Ragged.centre(rows, 1 / Ragged.deviation(rows));
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (int i = 0; i < rows.length; i++) {
            assertEquals(rows[i].length, white[i].length);
            for (float x : white[i]) {
                sum += x;
                squares += x * x;
                n++;
            }
        }
        assertEquals(n, Ragged.size(rows));
        assertEquals(0, sum / n, 1e-5);
        assertEquals(1, squares / (n - 1), 1e-4);
    }

    @Test
    void refusesRowsOfUnequalLength() {
        assertThrows(IllegalArgumentException.class, () -> Gae.advantages(new float[2], new float[3], new float[2], 1));
    }
}
