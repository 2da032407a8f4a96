package io.parley.tasks.weights;

import java.util.ArrayList;
import java.util.List;

/**
 * What the blocks weigh: red 10 g, the other four 10 to 50 g in tens. An assignment is a number below {@link #COUNT}, in base 5
 * with blue's tens, less one, least significant.
 */
final class Assignment {
    static final int COUNT = 625;
    /** The published instance: red 10, blue 10, green 20, purple 30, yellow 50. */
    static final int CANONICAL = of(10, 20, 30, 50);

    private static final Block[] BLOCKS = Block.values();
    private static final int[][] WEIGHTS = weights();

    private Assignment() {}

    static int of(int blue, int green, int purple, int yellow) {
        return (blue + 5 * green + 25 * purple + 125 * yellow) / 10 - 156;
    }

    /** In grams. */
    static int weight(int assignment, Block block) {
        return WEIGHTS[assignment][block.ordinal()];
    }

    /** @param blocks a set, as bits */
    static int weight(int assignment, int blocks) {
        int sum = 0;
        for (Block block : BLOCKS) {
            sum += (blocks & block.bit()) == 0 ? 0 : weight(assignment, block);
        }
        return sum;
    }

    /** Such as "red 10 blue 10 green 20 purple 30 yellow 50". */
    static String text(int assignment) {
        List<String> words = new ArrayList<>();
        for (Block block : BLOCKS) {
            words.add(block.word() + " " + weight(assignment, block));
        }
        return String.join(" ", words);
    }

    private static int[][] weights() {
        int[][] weights = new int[COUNT][BLOCKS.length];
        for (int assignment = 0; assignment < COUNT; assignment++) {
            weights[assignment][0] = 10;
            for (int block = 1, rest = assignment; block < BLOCKS.length; block++, rest /= 5) {
                weights[assignment][block] = 10 * (rest % 5 + 1);
            }
        }
        return weights;
    }
}
