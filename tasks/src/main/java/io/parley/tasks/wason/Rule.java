package io.parley.tasks.wason;

/** A conditional rule "if P then Q" over what the two sides of a card show. */
public enum Rule {
    VOWEL_EVEN(Kind.VOWEL, Kind.EVEN),
    EVEN_VOWEL(Kind.EVEN, Kind.VOWEL),
    CONSONANT_ODD(Kind.CONSONANT, Kind.ODD),
    ODD_VOWEL(Kind.ODD, Kind.VOWEL);

    private final String text;
    private final Part[] partOf = new Part[4];

    Rule(Kind p, Kind q) {
        this.text = "if " + p.word() + " then " + q.word();
        partOf[p.ordinal()] = Part.P;
        partOf[q.ordinal()] = Part.Q;
        partOf[opposite(p).ordinal()] = Part.NOT_P;
        partOf[opposite(q).ordinal()] = Part.NOT_Q;
    }

    private static Kind opposite(Kind kind) {
        return switch (kind) {
            case VOWEL -> Kind.CONSONANT;
            case CONSONANT -> Kind.VOWEL;
            case EVEN -> Kind.ODD;
            case ODD -> Kind.EVEN;
        };
    }

    /** The part that a card of some kind plays. */
    public Part part(Kind kind) {
        return partOf[kind.ordinal()];
    }

    /** Four words, such as "if vowel then even". */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException if it is the text of no rule */
    public static Rule ofText(String text) {
        for (Rule rule : values()) {
            if (rule.text.equals(text)) {
                return rule;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no rule; such as '" + VOWEL_EVEN.text() + "'");
    }
}
