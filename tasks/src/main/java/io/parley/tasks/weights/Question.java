package io.parley.tasks.weights;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a block compares with another or with a reference weight. Red's 10 g settle none of the 26. A block is compared with 10 g
 * by comparing it with red. Immutable.
 */
final class Question {
    /** Grams that a block is compared with. */
    static final int[] REFERENCES = {20, 30, 40, 50};
    static final List<Question> ALL = all();

    private static final Map<String, Question> BY_TEXT = new HashMap<>();

    static {
        ALL.forEach(question -> BY_TEXT.put(question.text, question));
    }

    private final int index;
    private final Block block;
    /** Null when the block is compared with a weight. */
    private final Block other;
    private final int grams;
    private final String text;
    private final Worlds[] worlds = new Worlds[Relation.values().length];

    private Question(int index, Block block, Block other, int grams) {
        this.index = index;
        this.block = block;
        this.other = other;
        this.grams = grams;
        this.text = block.word() + " " + (other == null ? String.valueOf(grams) : other.word());
        for (Relation relation : Relation.values()) {
            worlds[relation.ordinal()] = Worlds.where(assignment -> relation(assignment) == relation);
        }
    }

    /** Place in {@link #ALL}. */
    int index() {
        return index;
    }

    Block block() {
        return block;
    }

    /** The block that it is compared with; null when that is a weight. */
    Block other() {
        return other;
    }

    /** The weight that the block is compared with, in grams; red's where that is {@link #other}; else 0. */
    int grams() {
        return grams;
    }

    /** Two words, such as "blue green" or "blue 30". */
    String text() {
        return text;
    }

    /** @throws IllegalArgumentException if it is the text of no question */
    static Question ofText(String text) {
        Question question = BY_TEXT.get(text);
        if (question == null) {
            throw new IllegalArgumentException("'" + text + "' is no question; such as '" + ALL.get(0).text + "'");
        }
        return question;
    }

    /** The answer. */
    Relation relation(int assignment) {
        int right = other == null ? grams : Assignment.weight(assignment, other);
        return Relation.of(Assignment.weight(assignment, block), right);
    }

    /** The assignments in which the answer is this one. */
    Worlds where(Relation answer) {
        return worlds[answer.ordinal()];
    }

    /** The answers that are possible, as bits; one where the evidence entails it. */
    int open(Worlds possible) {
        int open = 0;
        for (Relation relation : Relation.values()) {
            open |= possible.meets(where(relation)) ? relation.bit() : 0;
        }
        return open;
    }

    private static List<Question> all() {
        List<Question> all = new ArrayList<>();
        Block[] blocks = Block.values();
        for (int x = 1; x < blocks.length; x++) {
            all.add(new Question(all.size(), blocks[x], Block.RED, 10));
            for (int grams : REFERENCES) {
                all.add(new Question(all.size(), blocks[x], null, grams));
            }
            for (int y = x + 1; y < blocks.length; y++) {
                all.add(new Question(all.size(), blocks[x], blocks[y], 0));
            }
        }
        return List.copyOf(all);
    }
}
