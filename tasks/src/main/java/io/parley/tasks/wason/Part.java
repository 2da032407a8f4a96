package io.parley.tasks.wason;

/**
 * The part that a card plays in a rule "if P then Q". Selections are compared across rules by part, and written with
 * the letters that the parts have under the canonical rule "if vowel then even": C shows not-P, E shows Q, O shows
 * not-Q, V shows P. In that alphabet "OV" is always the correct selection.
 */
public enum Part {
    NOT_P('C'),
    Q('E'),
    NOT_Q('O'),
    P('V');

    private final char letter;

    Part(char letter) {
        this.letter = letter;
    }

    /** A set of one part, as a bit. */
    public int bit() {
        return 1 << ordinal();
    }

    /** The parts of the correct selection, as bits. */
    public static final int CORRECT = NOT_Q.bit() | P.bit();
    /** The parts that most people select first (Wason 1968): P and Q. */
    public static final int BIASED = Q.bit() | P.bit();

    /** The mapped selection: its letters in alphabetical order, or "none". */
    public static String letters(int parts) {
        if (parts == 0) {
            return "none";
        }
        StringBuilder text = new StringBuilder(4);
        for (Part part : values()) {
            if ((parts & part.bit()) != 0) {
                text.append(part.letter);
            }
        }
        return text.toString();
    }

    /** The reverse of {@link #letters}. */
    public static int ofLetters(String letters) {
        if (letters.equals("none")) {
            return 0;
        }
        int parts = 0;
        for (int i = 0; i < letters.length(); i++) {
            int found = "CEOV".indexOf(letters.charAt(i));
            if (found < 0 || parts >= 1 << found) {
                throw new IllegalArgumentException(
                        "'" + letters + "' is no mapped selection; letters of CEOV in this order, or none");
            }
            parts |= 1 << found;
        }
        return parts;
    }

    /** 0.25 for each of: has not-Q, has P, lacks Q, lacks not-P. */
    public static double fineGrained(int parts) {
        return 0.25 * Integer.bitCount(~(parts ^ CORRECT) & 0xF);
    }
}
