package io.parley.tasks.weights;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Stances on the three propositions of a question: that the first is {@link Relation lighter, equal, heavier}. A code is a number
 * in base 3, first proposition least significant.
 */
final class Stances {
    static final int PROPOSITIONS = 3;
    static final List<String> WORDS = List.of("support", "oppose", "unsure");
    /** Number of codes. */
    static final int COUNT = 27;
    /** Unsure of everything. */
    static final int UNSURE = COUNT - 1;

    private static final Relation[] RELATIONS = Relation.values();
    private static final List<List<String>> LISTS = new ArrayList<>();
    private static final String[] TEXTS = new String[COUNT];
    private static final Relation[] ANSWERS = new Relation[COUNT];
    private static final int[] OF_ANSWER = new int[PROPOSITIONS];
    private static final Map<String, Integer> BY_TEXT = new HashMap<>();

    static {
        for (int code = 0; code < COUNT; code++) {
            List<String> words = new ArrayList<>();
            int supported = 0;
            int opposed = 0;
            for (int proposition = 0, rest = code; proposition < PROPOSITIONS; proposition++, rest /= 3) {
                words.add(WORDS.get(rest % 3));
                supported |= (rest % 3 == 0 ? 1 : 0) << proposition;
                opposed |= (rest % 3 == 1 ? 1 : 0) << proposition;
            }
            LISTS.add(List.copyOf(words));
            TEXTS[code] = String.join(" ", words);
            BY_TEXT.put(TEXTS[code], code);
            if (Integer.bitCount(supported) == 1) {
                ANSWERS[code] = RELATIONS[Integer.numberOfTrailingZeros(supported)];
                if (Integer.bitCount(opposed) == 2) {
                    OF_ANSWER[ANSWERS[code].ordinal()] = code;
                }
            }
        }
    }

    private Stances() {}

    static List<String> words(int code) {
        return LISTS.get(code);
    }

    static String text(int code) {
        return TEXTS[code];
    }

    /** The only proposition that is supported; null if it is not one. */
    static Relation answer(int code) {
        return ANSWERS[code];
    }

    /** Supports the answer, opposes the others. Null: unsure of everything. */
    static int ofAnswer(Relation answer) {
        return answer == null ? UNSURE : OF_ANSWER[answer.ordinal()];
    }

    /** @throws IllegalArgumentException if they are not three stance words */
    static int parse(List<String> words, String who) {
        return parse(String.join(" ", words), who);
    }

    /**
     * @param who named in the message
     * @throws IllegalArgumentException if it is not three stance words
     */
    static int parse(String text, String who) {
        Integer code = BY_TEXT.get(text);
        if (code == null) {
            code = BY_TEXT.get(String.join(" ", text.trim().split("\\s+")));
        }
        if (code == null) {
            throw new IllegalArgumentException(who + " '" + text + "' is not " + PROPOSITIONS + " words of "
                    + String.join(", ", WORDS) + ", one a proposition: lighter, equal, heavier");
        }
        return code;
    }
}
