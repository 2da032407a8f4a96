package io.parley.tasks.weights;

/** How one side compares with another: the three propositions of a question, in this order, and the outcomes of a weighing. */
enum Relation {
    LIGHTER("<"),
    EQUAL("="),
    HEAVIER(">");

    private final String sign;

    Relation(String sign) {
        this.sign = sign;
    }

    String sign() {
        return sign;
    }

    /** A set of one relation, as a bit. */
    int bit() {
        return 1 << ordinal();
    }

    /** How the sides compare when they are exchanged. */
    Relation mirrored() {
        return values()[2 - ordinal()];
    }

    static Relation of(int left, int right) {
        return left < right ? LIGHTER : left == right ? EQUAL : HEAVIER;
    }
}
