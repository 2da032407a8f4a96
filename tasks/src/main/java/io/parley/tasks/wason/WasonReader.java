package io.parley.tasks.wason;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.task.Split;
import io.parley.tasks.counterfactuals.Mask;
import io.parley.tasks.language.Act;
import io.parley.tasks.language.Wordings;
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
        return text.format().equals(new ResponseFormat.Choices(Collections.nCopies(Stances.CARDS, Stances.WORDS)))
                || Talk.speaks(text);
    }

    /**
     * How an answer is said in words: all wordings that a scripted policy may choose.
     *
     * @param suggestion the partner's, null when it is silent; one takes over by agreeing
     */
    public static List<String> wordings(List<String> answer, List<String> suggestion) {
        int selection = Stances.turned(Stances.parse(answer, "answer"));
        return Wordings.of(answer.equals(suggestion) ? Act.AGREE : Act.ASSERT, Split.TRAIN).stream()
                .map(template -> Talk.GRAMMAR.write(template, selection))
                .toList();
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
                List<String> suggestion = suggestion(segment.text());
                if (suggestion != null) {
                    suggestions.put(segment.round(), suggestion);
                }
            } else if (segment.kind() == SegmentKind.OUTCOME && !empty(segment.text())) {
                List<String> claimed = suggestions.get(segment.round());
                if (claimed != null) {
                    record = record.with(claimed.equals(outcome(segment.text())));
                }
            } else if (segment.kind() == SegmentKind.QUESTION) {
                rule = Rule.ofText(between(segment.text(), Talk.QUESTION));
            } else if (segment.kind() == SegmentKind.EVIDENCE) {
                cards = segment.text();
            }
        }
        if (rule == null || cards == null) {
            throw new IllegalArgumentException("the prompt is none of the card selection task; round " + now
                    + " has no question or no evidence:\n" + prompt);
        }
        boolean hidden = cards.startsWith(Texts.HIDDEN) || cards.equals(Talk.HIDDEN);
        List<List<String>> open = hidden ? PAIRS : List.of(correct(rule, between(cards, Talk.SHOWN)));
        return new Reading(now, open, suggestions.get(now), record);
    }

    /** Null for words of the partner's own that cannot be read. */
    private static List<String> suggestion(String text) {
        if (text.startsWith(Talk.PARTNER)) {
            return Talk.suggested(text.substring(Talk.PARTNER.length())).map(WasonReader::words).orElse(null);
        }
        // The first word is the tone.
        return Stances.words(Stances.parse(text.substring(text.indexOf(' ') + 1), "intervention"));
    }

    private static List<String> outcome(String text) {
        return text.startsWith(Talk.SETTLED)
                ? words(CardContent.ofCards(between(text, Talk.SETTLED)).orElseThrow())
                : Stances.words(Stances.parse(text, "outcome"));
    }

    /** What stands between such a beginning and a full stop; all of a text that begins otherwise. */
    private static String between(String text, String beginning) {
        return text.startsWith(beginning) ? text.substring(beginning.length(), text.length() - 1) : text;
    }

    private static List<String> words(int selection) {
        return Stances.words(Stances.ofSelection(selection));
    }

    private static List<String> correct(Rule rule, String cards) {
        int correct = 0;
        List<String> symbols = List.of(cards.split(" "));
        for (int card = 0; card < symbols.size(); card++) {
            if ((rule.part(Kind.ofSymbol(symbols.get(card))).bit() & Part.CORRECT) != 0) {
                correct |= 1 << card;
            }
        }
        return words(correct);
    }

    private static List<List<String>> pairs() {
        List<List<String>> pairs = new ArrayList<>();
        for (int pair : Stances.PAIRS) {
            pairs.add(words(pair));
        }
        return List.copyOf(pairs);
    }

    private static boolean empty(String text) {
        return text.startsWith(Mask.FILLER);
    }
}
