package io.parley.core.random;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Random numbers by key: what is drawn for one (purpose, episode, round, row) depends on the seed and on
 * that key alone. So an episode does not depend on its batch mates or on the worker that computes it, and a
 * component that draws more numbers moves nobody else's.
 *
 * <p>Keys are mixed with the 64-bit finaliser of SplitMix (Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). Immutable and thread-safe; the
 * generators it returns are neither.
 */
public final class RandomStreams {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private final long seed;

    public RandomStreams(long seed) {
        this.seed = mix(seed + GOLDEN_GAMMA);
    }

    /**
     * A fresh generator at the beginning of the stream of a key; the same key always gives the same numbers.
     *
     * @param purpose what the numbers are for, such as "sample" or "partner"
     * @param episode index of the episode, or another running number
     * @param round round of the episode, or 0
     * @param row row within the episode (a participant, a candidate response), or 0
     */
    public RandomGenerator stream(String purpose, long episode, int round, int row) {
        long h = combine(seed, hash(purpose));
        h = combine(h, episode);
        h = combine(h, ((long) round << 32) | (row & 0xFFFFFFFFL));
        return new SplittableRandom(h);
    }

    /** A random order of 0 … n − 1 from the stream of a key (Fisher and Yates). */
    public int[] permutation(int n, String purpose, long episode, int round, int row) {
        RandomGenerator random = stream(purpose, episode, round, row);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Streams of a component of their own: no key of the result coincides with the same key here. */
    public RandomStreams derive(String component) {
        return new RandomStreams(combine(seed, ~hash(component)));
    }

    private static long combine(long h, long key) {
        return mix(h ^ mix(key + GOLDEN_GAMMA)) + GOLDEN_GAMMA;
    }

    private static long hash(String text) {
        long h = 0xCBF29CE484222325L;
        for (int i = 0; i < text.length(); i++) {
            h = (h ^ text.charAt(i)) * 0x100000001B3L;
        }
        return h;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
