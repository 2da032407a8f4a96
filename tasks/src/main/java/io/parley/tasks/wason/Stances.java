package io.parley.tasks.wason;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Stances on the four cards. A full stance is one of three words a card and is coded as a number in base 3 (first card
 * least significant); a selection is the set of cards that are turned, as bits (first card least significant).
 */
final class Stances {
    static final int CARDS = 4;
    static final List<String> WORDS = List.of("turn", "leave", "unsure");
    /** Number of codes. */
    static final int COUNT = 81;
    /** The six selections of two cards. */
    static final int[] PAIRS = {0b0011, 0b0101, 0b0110, 0b1001, 0b1010, 0b1100};

    private static final List<List<String>> LISTS = new ArrayList<>();
    private static final String[] TEXTS = new String[COUNT];
    private static final int[] TURNED = new int[COUNT];
    private static final int[] UNSURE = new int[COUNT];
    private static final int[] OF_SELECTION = new int[16];
    private static final Map<String, Integer> BY_TEXT = new HashMap<>();

    static {
        for (int code = 0; code < COUNT; code++) {
            List<String> words = new ArrayList<>();
            for (int card = 0, rest = code; card < CARDS; card++, rest /= 3) {
                words.add(WORDS.get(rest % 3));
                TURNED[code] |= (rest % 3 == 0 ? 1 : 0) << card;
                UNSURE[code] |= (rest % 3 == 2 ? 1 : 0) << card;
            }
            LISTS.add(List.copyOf(words));
            TEXTS[code] = String.join(" ", words);
            BY_TEXT.put(TEXTS[code], code);
            if (UNSURE[code] == 0) {
                OF_SELECTION[TURNED[code]] = code;
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

    /** Bits of the cards that are turned. */
    static int turned(int code) {
        return TURNED[code];
    }

    /** Bits of the cards without a stance. */
    static int unsure(int code) {
        return UNSURE[code];
    }

    /** The code that turns exactly the selected cards and leaves the others. */
    static int ofSelection(int selection) {
        return OF_SELECTION[selection];
    }

    /** @throws IllegalArgumentException if they are not four stance words */
    static int parse(List<String> words, String who) {
        int code = 0;
        for (int card = words.size() - 1; card >= 0; card--) {
            int word = WORDS.indexOf(words.get(card));
            if (word < 0 || words.size() != CARDS) {
                return parse(String.join(" ", words), who);
            }
            code = 3 * code + word;
        }
        return code;
    }

    /**
     * @param who named in the message
     * @throws IllegalArgumentException if it is not four stance words
     */
    static int parse(String text, String who) {
        Integer code = BY_TEXT.get(text);
        if (code == null) {
            code = BY_TEXT.get(String.join(" ", text.trim().split("\\s+")));
        }
        if (code == null) {
            throw new IllegalArgumentException(
                    who + " '" + text + "' is not " + CARDS + " words of " + String.join(", ", WORDS) + ", one a card");
        }
        return code;
    }
}
