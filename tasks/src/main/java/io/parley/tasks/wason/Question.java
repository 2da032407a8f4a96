package io.parley.tasks.wason;

import io.parley.core.task.Split;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** A rule and four cards, one of each kind, in some order. Immutable. */
final class Question {
    /** The 24 orders of four things. */
    static final int[][] ORDERS = orders();

    private static final Kind[] KINDS = Kind.values();
    private static final int[][] INSTANCES = instances();

    private final Rule rule;
    private final String cards;
    private final int[] cardOfPart = new int[Stances.CARDS];
    private final int correct;

    /** @param symbols the four symbols by kind, and {@code order[i]} the kind of the i-th card */
    private Question(Rule rule, char[] symbols, int[] order) {
        this.rule = rule;
        char[] text = new char[7];
        for (int card = 0; card < Stances.CARDS; card++) {
            text[2 * card] = symbols[order[card]];
            if (card < 3) {
                text[2 * card + 1] = ' ';
            }
            cardOfPart[rule.part(KINDS[order[card]]).ordinal()] = card;
        }
        this.cards = new String(text);
        this.correct = place(Part.CORRECT);
    }

    /**
     * A question of a split: rule, symbols and order are uniform. The rule together with the four symbols belongs to
     * one split for good, so no two splits share it.
     */
    static Question draw(Split split, RandomGenerator random) {
        int[] instances = INSTANCES[split.ordinal()];
        int instance = instances[random.nextInt(instances.length)];
        char[] symbols = new char[KINDS.length];
        int rest = instance;
        for (Kind kind : KINDS) {
            String all = kind.symbols();
            symbols[kind.ordinal()] = all.charAt(rest % all.length());
            rest /= all.length();
        }
        return new Question(Rule.values()[rest], symbols, ORDERS[random.nextInt(ORDERS.length)]);
    }

    Rule rule() {
        return rule;
    }

    /** The four symbols in their order, separated by blanks. */
    String cards() {
        return cards;
    }

    /** The correct selection. */
    int correct() {
        return correct;
    }

    /** The card that plays each part. */
    int[] cardOfPart() {
        return cardOfPart;
    }

    /** The cards that play some parts. */
    int place(int parts) {
        return place(parts, cardOfPart);
    }

    /** The same for any assignment of parts to cards, such as that of someone who cannot see them. */
    static int place(int parts, int[] cardOfPart) {
        int selection = 0;
        for (int part = 0; part < Stances.CARDS; part++) {
            selection |= (parts >> part & 1) << cardOfPart[part];
        }
        return selection;
    }

    /** The parts that some cards play, the reverse of {@link #place(int)}. */
    int parts(int selection) {
        int parts = 0;
        for (int part = 0; part < Stances.CARDS; part++) {
            parts |= (selection >> cardOfPart[part] & 1) << part;
        }
        return parts;
    }

    private static int[][] orders() {
        int[][] orders = new int[24][];
        int n = 0;
        for (int code = 0; code < 256; code++) {
            int[] order = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3};
            if ((1 << order[0] | 1 << order[1] | 1 << order[2] | 1 << order[3]) == 0xF) {
                orders[n++] = order;
            }
        }
        return orders;
    }

    /** Numbers of the instances of each split. */
    private static int[][] instances() {
        int count = Rule.values().length;
        for (Kind kind : KINDS) {
            count *= kind.symbols().length();
        }
        int[][] result = new int[Split.values().length][count];
        int[] sizes = new int[result.length];
        for (int instance = 0; instance < count; instance++) {
            int split = Split.ofInstance(instance).ordinal();
            result[split][sizes[split]++] = instance;
        }
        for (int split = 0; split < result.length; split++) {
            result[split] = Arrays.copyOf(result[split], sizes[split]);
        }
        return result;
    }
}
