package io.parley.tasks.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One or two blocks against one or two others, and how the scale came to rest. Immutable; there is one object of each.
 */
final class Weighing {
    /** The sets of one or two blocks, as bits. */
    static final List<Integer> SIDES = sides();

    private static final int SETS = 1 << Block.values().length;
    private static final List<Weighing> LIST = new ArrayList<>();
    private static final Weighing[][][] TABLE = new Weighing[SETS][SETS][];
    private static final Map<String, Weighing> BY_TEXT = new HashMap<>();

    static {
        for (int left : SIDES) {
            for (int right : SIDES) {
                if ((left & right) == 0) {
                    TABLE[left][right] = new Weighing[Relation.values().length];
                    for (Relation outcome : Relation.values()) {
                        Weighing weighing = new Weighing(LIST.size(), left, right, outcome);
                        LIST.add(weighing);
                        TABLE[left][right][outcome.ordinal()] = weighing;
                        BY_TEXT.put(weighing.text, weighing);
                    }
                }
            }
        }
    }

    /** All weighings with all outcomes, possible or not. */
    static final List<Weighing> ALL = Collections.unmodifiableList(LIST);

    private final int index;
    private final int left;
    private final int right;
    private final Relation outcome;
    private final String text;
    private final Worlds worlds;

    private Weighing(int index, int left, int right, Relation outcome) {
        this.index = index;
        this.left = left;
        this.right = right;
        this.outcome = outcome;
        text = side(left) + " " + outcome.sign() + " " + side(right);
        worlds = Worlds.where(assignment ->
                Relation.of(Assignment.weight(assignment, left), Assignment.weight(assignment, right)) == outcome);
    }

    /** @throws IllegalArgumentException if a side has not one or two blocks, or a block is on both */
    static Weighing of(int left, int right, Relation outcome) {
        if (TABLE[left][right] == null) {
            throw new IllegalArgumentException("'" + side(left) + "' cannot be weighed against '" + side(right)
                    + "'; one or two blocks on each side, none on both");
        }
        return TABLE[left][right][outcome.ordinal()];
    }

    /** What the scale shows. */
    static Weighing weigh(int left, int right, int assignment) {
        return of(left, right, Relation.of(Assignment.weight(assignment, left), Assignment.weight(assignment, right)));
    }

    /** Whether the scale can be loaded so. */
    static boolean possible(int left, int right) {
        return left < SETS && right < SETS && TABLE[left][right] != null;
    }

    /** @throws IllegalArgumentException if it is the text of none */
    static Weighing ofText(String text) {
        Weighing weighing = BY_TEXT.get(text);
        if (weighing == null) {
            throw new IllegalArgumentException("'" + text + "' is no weighing; such as '" + LIST.get(0).text + "'");
        }
        return weighing;
    }

    /** One word, such as "blue+green". */
    static String side(int blocks) {
        List<String> words = new ArrayList<>();
        for (Block block : Block.values()) {
            if ((blocks & block.bit()) != 0) {
                words.add(block.word());
            }
        }
        return String.join("+", words);
    }

    /** Place in {@link #ALL}. */
    int index() {
        return index;
    }

    int left() {
        return left;
    }

    int right() {
        return right;
    }

    Relation outcome() {
        return outcome;
    }

    /** The same with the sides exchanged. */
    Weighing mirrored() {
        return of(right, left, outcome.mirrored());
    }

    /** Three words, such as "blue+green < purple". */
    String text() {
        return text;
    }

    /** The assignments in which it comes out so. */
    Worlds worlds() {
        return worlds;
    }

    private static List<Integer> sides() {
        List<Integer> sides = new ArrayList<>();
        for (int blocks = 1; blocks < 1 << Block.values().length; blocks++) {
            if (Integer.bitCount(blocks) <= 2) {
                sides.add(blocks);
            }
        }
        return List.copyOf(sides);
    }
}
