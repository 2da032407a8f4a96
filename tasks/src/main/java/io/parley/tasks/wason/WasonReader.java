package io.parley.tasks.wason;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.tasks.counterfactuals.Mask;
import io.parley.tasks.optimum.Reading;
import io.parley.tasks.partners.TrackRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the prompts of the card selection task. */
public final class WasonReader {
    /** The selections of two cards, one of which is correct. */
    private static final List<List<String>> PAIRS = pairs();

    private WasonReader() {}

    /** Whether texts are those of this task. */
    public static boolean reads(TextSpec text) {
        return text.format().equals(new ResponseFormat.Choices(Collections.nCopies(Stances.CARDS, Stances.WORDS)));
    }

    /** @throws IllegalArgumentException if it is no prompt of this task */
    public static Reading read(Prompt prompt) {
        int now = prompt.round();
        Rule rule = null;
        String cards = null;
        Map<Integer, List<String>> suggestions = new HashMap<>();
        TrackRecord record = TrackRecord.NONE;
        for (Segment segment : prompt.segments()) {
            if (segment.kind() == SegmentKind.INTERVENTION && !empty(segment.text())) {
                // The first word is the tone.
                String stances = segment.text().substring(segment.text().indexOf(' ') + 1);
                suggestions.put(segment.round(), Stances.words(Stances.parse(stances, "intervention")));
            } else if (segment.kind() == SegmentKind.OUTCOME && !empty(segment.text())) {
                List<String> claimed = suggestions.get(segment.round());
                if (claimed != null) {
                    record = record.with(claimed.equals(Stances.words(Stances.parse(segment.text(), "outcome"))));
                }
            } else if (segment.round() == now && segment.kind() == SegmentKind.QUESTION) {
                rule = Rule.ofText(segment.text());
            } else if (segment.round() == now && segment.kind() == SegmentKind.EVIDENCE) {
                cards = segment.text();
            }
        }
        if (rule == null || cards == null) {
            throw new IllegalArgumentException("the prompt is none of the card selection task; round " + now
                    + " has no question or no evidence:\n" + prompt);
        }
        List<List<String>> open = cards.startsWith(Texts.HIDDEN) ? PAIRS : List.of(correct(rule, cards));
        return new Reading(now, open, suggestions.get(now), record);
    }

    private static List<String> correct(Rule rule, String cards) {
        int correct = 0;
        List<String> symbols = List.of(cards.split(" "));
        for (int card = 0; card < symbols.size(); card++) {
            if ((rule.part(Kind.ofSymbol(symbols.get(card))).bit() & Part.CORRECT) != 0) {
                correct |= 1 << card;
            }
        }
        return Stances.words(Stances.ofSelection(correct));
    }

    private static List<List<String>> pairs() {
        List<List<String>> pairs = new ArrayList<>();
        for (int pair : Stances.PAIRS) {
            pairs.add(Stances.words(Stances.ofSelection(pair)));
        }
        return List.copyOf(pairs);
    }

    private static boolean empty(String text) {
        return text.startsWith(Mask.FILLER);
    }
}
