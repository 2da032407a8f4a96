package io.parley.tasks.weights;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.tasks.counterfactuals.Mask;
import io.parley.tasks.optimum.Reading;
import io.parley.tasks.partners.TrackRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the prompts of the weights task. Answers weigh nothing. */
public final class WeightsReader {
    private WeightsReader() {}

    /** Whether texts are those of this task. */
    public static boolean reads(TextSpec text) {
        return text.format() instanceof ResponseFormat.Choices choices && choices.positions().get(0).equals(Stances.WORDS)
                && (choices.positions().size() == Stances.PROPOSITIONS || weighs(choices));
    }

    private static boolean weighs(ResponseFormat.Choices choices) {
        return choices.positions().size() == Stances.PROPOSITIONS + 2 && choices.positions().get(Stances.PROPOSITIONS).equals(Action.LOADS);
    }

    /**
     * @param text that {@link #reads} accepts
     * @throws IllegalArgumentException if it is no prompt of this task
     */
    public static Reading read(Prompt prompt, TextSpec text) {
        boolean weighs = weighs((ResponseFormat.Choices) text.format());
        int now = prompt.round();
        Question question = null;
        Worlds possible = Worlds.ALL;
        Map<Integer, Integer> suggestions = new HashMap<>();
        TrackRecord record = TrackRecord.NONE;
        for (Segment segment : prompt.segments()) {
            boolean empty = segment.text().startsWith(Mask.FILLER);
            if (segment.kind() == SegmentKind.INTERVENTION && !empty) {
                // The first word is the tone.
                String stances = segment.text().substring(segment.text().indexOf(' ') + 1);
                suggestions.put(segment.round(), Stances.parse(stances, "intervention"));
            } else if (segment.kind() == SegmentKind.OUTCOME && !empty) {
                Integer claimed = suggestions.get(segment.round());
                if (claimed != null) {
                    record = record.with(claimed == Stances.parse(segment.text(), "outcome"));
                }
            } else if (segment.kind() == SegmentKind.EVIDENCE && !empty && (weighs || segment.round() == now)) {
                possible = possible.and(Weighing.ofText(segment.text()).worlds());
            } else if (segment.kind() == SegmentKind.QUESTION && segment.round() == now) {
                question = Question.ofText(segment.text());
            }
        }
        if (question == null) {
            throw new IllegalArgumentException("the prompt is none of the weights task; round " + now + " has no question:\n" + prompt);
        }
        List<List<String>> open = new ArrayList<>();
        for (Relation relation : Relation.values()) {
            if ((question.open(possible) & relation.bit()) != 0) {
                open.add(answer(Stances.ofAnswer(relation), weighs));
            }
        }
        Integer suggestion = suggestions.get(now);
        return new Reading(now, open, suggestion == null ? null : answer(suggestion, weighs), record);
    }

    private static List<String> answer(int stances, boolean weighs) {
        return List.of(Action.say(stances).text(weighs).split(" "));
    }
}
