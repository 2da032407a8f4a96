package io.parley.tasks.weights;

import java.util.ArrayList;
import java.util.List;

/**
 * What the collaborator says in a round: stances and, in the single regime, what it weighs.
 *
 * @param stances a code of {@link Stances}
 * @param left blocks on the left side, as bits; 0 for no weighing
 * @param right likewise
 */
record Action(int stances, int left, int right) {
    /** Loads no side. */
    static final String NOTHING = "nothing";
    /** What may be put on a side, as words. */
    static final List<String> LOADS = loads();

    /** A response without a weighing. */
    static Action say(int stances) {
        return new Action(stances, 0, 0);
    }

    /**
     * @param weighs whether two more words say what is weighed
     * @throws IllegalArgumentException if it is not three stance words, and a load for each side
     */
    static Action parse(String text, boolean weighs) {
        if (!weighs) {
            return say(Stances.parse(text, "response"));
        }
        String[] words = text.trim().split("\\s+");
        int loads = words.length - Stances.PROPOSITIONS;
        if (loads != 2 || !LOADS.contains(words[3]) || !LOADS.contains(words[4])) {
            throw new IllegalArgumentException("response '" + text + "' is not " + Stances.PROPOSITIONS + " words of "
                    + String.join(", ", Stances.WORDS) + " and a load for each side of the scale, of "
                    + String.join(", ", LOADS));
        }
        return new Action(Stances.parse(words[0] + " " + words[1] + " " + words[2], "response"), load(words[3]), load(words[4]));
    }

    /** What the scale shows; null if it is not loaded, or cannot be loaded so. */
    Weighing weigh(int assignment) {
        return Weighing.possible(left, right) ? Weighing.weigh(left, right, assignment) : null;
    }

    /** The words of a response. */
    String text(boolean weighs) {
        return Stances.text(stances) + (weighs ? " " + word(left) + " " + word(right) : "");
    }

    private static String word(int blocks) {
        return blocks == 0 ? NOTHING : Weighing.side(blocks);
    }

    private static int load(String word) {
        int place = LOADS.indexOf(word);
        return place == 0 ? 0 : Weighing.SIDES.get(place - 1);
    }

    private static List<String> loads() {
        List<String> loads = new ArrayList<>(List.of(NOTHING));
        Weighing.SIDES.forEach(side -> loads.add(Weighing.side(side)));
        return List.copyOf(loads);
    }
}
