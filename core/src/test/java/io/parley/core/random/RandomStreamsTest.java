package io.parley.core.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {

    @Property(tries = 200)
    void aKeyAlwaysGivesTheSameNumbers(@ForAll long seed, @ForAll long episode, @ForAll int round, @ForAll int row) {
        RandomStreams streams = new RandomStreams(seed);
        double first = streams.stream("sample", episode, round, row).nextDouble();
        streams.stream("partner", episode, round, row).nextDouble();
        assertEquals(first, new RandomStreams(seed).stream("sample", episode, round, row).nextDouble());
    }

    @Test
    void neighbouringKeysShareNoFirstNumber() {
        Set<Long> seen = new HashSet<>();
        int keys = 0;
        for (long seed = 0; seed < 4; seed++) {
            RandomStreams streams = new RandomStreams(seed);
            for (String purpose : new String[] {"sample", "partner", "task"}) {
                for (int episode = 0; episode < 50; episode++) {
                    for (int round = 0; round < 4; round++) {
                        for (int row = 0; row < 3; row++) {
                            seen.add(streams.stream(purpose, episode, round, row).nextLong());
                            seen.add(streams.derive(purpose).stream(purpose, episode, round, row).nextLong());
                            keys += 2;
                        }
                    }
                }
            }
        }
        assertEquals(keys, seen.size());
    }

    /** Pearson's chi-square over 16 cells of pairs of neighbouring streams, 15 degrees of freedom: 0.999 quantile 37.7. */
    @Test
    void firstNumbersOfNeighbouringEpisodesAreUniformAndIndependent() {
        RandomStreams streams = new RandomStreams(7);
        int n = 40_000;
        int[][] cells = new int[4][4];
        for (int episode = 0; episode < n; episode++) {
            int a = (int) (4 * streams.stream("sample", episode, 1, 0).nextDouble());
            int b = (int) (4 * streams.stream("sample", episode + 1, 1, 0).nextDouble());
            cells[a][b]++;
        }
        double chiSquare = 0;
        for (int[] row : cells) {
            for (int count : row) {
                chiSquare += Math.pow(count - n / 16.0, 2) / (n / 16.0);
            }
        }
        assertTrue(chiSquare < 37.7, "chi-square with 15 degrees of freedom exceeds its 0.999 quantile: " + chiSquare);
    }

    @Test
    void aDerivedComponentHasStreamsOfItsOwn() {
        RandomStreams streams = new RandomStreams(1);
        assertNotEquals(streams.stream("x", 0, 0, 0).nextLong(), streams.derive("a").stream("x", 0, 0, 0).nextLong());
        assertNotEquals(
                streams.derive("a").stream("x", 0, 0, 0).nextLong(), streams.derive("b").stream("x", 0, 0, 0).nextLong());
    }

    /** Pearson's chi-square over the 24 orders of 4, 23 degrees of freedom: 0.999 quantile 49.7. */
    @Test
    void everyPermutationIsEquallyLikely() {
        RandomStreams streams = new RandomStreams(5);
        int n = 24_000;
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < n; i++) {
            counts.merge(Arrays.toString(streams.permutation(4, "minibatch", i, 0, 0)), 1, Integer::sum);
        }
        assertEquals(24, counts.size());
        double chiSquare = counts.values().stream().mapToDouble(c -> Math.pow(c - n / 24.0, 2) / (n / 24.0)).sum();
        assertTrue(chiSquare < 49.7, "chi-square " + chiSquare);
    }
}
