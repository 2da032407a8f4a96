package io.parley.tasks.wason;

import java.util.Locale;

/** What a card shows. The letters, in this order, are the alphabet of mapped selections. */
public enum Kind {
    CONSONANT("BDFGKLMT"),
    EVEN("2468"),
    ODD("13579"),
    VOWEL("AEIOU");

    private final String symbols;

    Kind(String symbols) {
        this.symbols = symbols;
    }

    /** The symbols of this kind, one character each. */
    public String symbols() {
        return symbols;
    }

    /** The word for it in a rule. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if the symbol is on no card */
    public static Kind ofSymbol(String symbol) {
        if (symbol.length() == 1) {
            for (Kind kind : values()) {
                if (kind.symbols.indexOf(symbol.charAt(0)) >= 0) {
                    return kind;
                }
            }
        }
        throw new IllegalArgumentException("'" + symbol + "' is on no card; one of "
                + CONSONANT.symbols + EVEN.symbols + ODD.symbols + VOWEL.symbols);
    }
}
