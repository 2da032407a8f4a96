package io.parley.tasks.wason;

import io.parley.tasks.language.Content;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What sentences of the card selection task are about: the selection of cards that are to be turned, by position.
 *
 * <pre>{@code
 * content  = "we turn ", cards ;
 * cards    = "no card" | "card ", position | "cards ", position, { ", ", position }, " and ", position ;
 * position = "one" | "two" | "three" | "four" | "1" | "2" | "3" | "4" ;
 * }</pre>
 *
 * <p>It writes positions as words and in order; it reads digits and any order too. No position stands twice.
 */
final class CardContent implements Content<Integer> {
    private static final List<String> POSITIONS = List.of("one", "two", "three", "four");
    private static final String[] TEXTS = texts();

    /** "no card", "card two", "cards one and four". */
    static String cards(int selection) {
        return TEXTS[selection];
    }

    /** The reverse of {@link #cards}, empty if it is none; never throws. */
    static Optional<Integer> ofCards(String text) {
        if (text.equals(TEXTS[0])) {
            return Optional.of(0);
        }
        boolean many = text.startsWith("cards ");
        if (!many && !text.startsWith("card ")) {
            return Optional.empty();
        }
        // "a, b and c": between the last two stands "and", between the others a comma.
        String list = text.substring(many ? 6 : 5);
        int last = list.lastIndexOf(" and ");
        if (many != last >= 0) {
            return Optional.empty();
        }
        List<String> names = new ArrayList<>(List.of(many ? list.substring(0, last).split(", ", -1) : new String[] {list}));
        if (many) {
            names.add(list.substring(last + 5));
        }
        int selection = 0;
        for (String name : names) {
            int card = name.length() == 1 ? "1234".indexOf(name) : POSITIONS.indexOf(name);
            if (card < 0 || (selection >> card & 1) == 1) {
                return Optional.empty();
            }
            selection |= 1 << card;
        }
        return Optional.of(selection);
    }

    @Override
    public String write(Integer selection) {
        return "we turn " + TEXTS[selection];
    }

    @Override
    public Optional<Integer> read(String clause) {
        return clause.startsWith("we turn ") ? ofCards(clause.substring(8)) : Optional.empty();
    }

    @Override
    public List<String> words() {
        List<String> words = new ArrayList<>(List.of("we", "turn", "no", "card", "cards", "and", ","));
        words.addAll(POSITIONS);
        return words;
    }

    private static String[] texts() {
        String[] texts = new String[1 << Stances.CARDS];
        texts[0] = "no card";
        for (int selection = 1; selection < texts.length; selection++) {
            List<String> names = new ArrayList<>();
            for (int card = 0; card < Stances.CARDS; card++) {
                if ((selection >> card & 1) == 1) {
                    names.add(POSITIONS.get(card));
                }
            }
            int last = names.size() - 1;
            texts[selection] = last == 0
                    ? "card " + names.get(0)
                    : "cards " + String.join(", ", names.subList(0, last)) + " and " + names.get(last);
        }
        return texts;
    }
}
