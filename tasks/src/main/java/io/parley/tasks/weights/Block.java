package io.parley.tasks.weights;

import java.util.Locale;

/** A block. Only {@link #RED}'s weight is known: 10 g. */
enum Block {
    RED,
    BLUE,
    GREEN,
    PURPLE,
    YELLOW;

    /** A set of one block, as a bit. */
    int bit() {
        return 1 << ordinal();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
