package io.parley.tasks.wason;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.tasks.counterfactuals.Mask;
import io.parley.tasks.partners.TrackRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a prompt says, and nothing else: what a scripted policy goes by.
 *
 * @param round the round that is asked
 * @param correct the correct selection, or null when the evidence is withheld
 * @param suggestion the code of the partner's suggestion, or null when it is silent or cut
 * @param record the partner's record in the earlier rounds
 */
record Reading(int round, Integer correct, Integer suggestion, TrackRecord record) {
    static Reading of(Prompt prompt) {
        int now = prompt.round();
        Rule rule = null;
        String cards = null;
        Map<Integer, Integer> suggestions = new HashMap<>();
        TrackRecord record = TrackRecord.NONE;
        for (Segment segment : prompt.segments()) {
            if (segment.kind() == SegmentKind.INTERVENTION && !empty(segment.text())) {
                // The first word is the tone.
                String stances = segment.text().substring(segment.text().indexOf(' ') + 1);
                suggestions.put(segment.round(), Stances.parse(stances, "intervention"));
            } else if (segment.kind() == SegmentKind.OUTCOME && !empty(segment.text())) {
                Integer claimed = suggestions.get(segment.round());
                if (claimed != null) {
                    record = record.with(claimed == Stances.parse(segment.text(), "outcome"));
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
        return new Reading(now, cards.startsWith(Texts.HIDDEN) ? null : correct(rule, cards), suggestions.get(now), record);
    }

    private static int correct(Rule rule, String cards) {
        int correct = 0;
        List<String> symbols = List.of(cards.split(" "));
        for (int card = 0; card < symbols.size(); card++) {
            if ((rule.part(Kind.ofSymbol(symbols.get(card))).bit() & Part.CORRECT) != 0) {
                correct |= 1 << card;
            }
        }
        return correct;
    }

    private static boolean empty(String text) {
        return text.startsWith(Mask.FILLER);
    }
}
