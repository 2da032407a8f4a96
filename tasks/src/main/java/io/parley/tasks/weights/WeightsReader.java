package io.parley.tasks.weights;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the prompts of the weights task. Answers weigh nothing; in words, an answer is a clause. */
public final class WeightsReader {
    private WeightsReader() {}

    /** Whether texts are those of this task. */
    public static boolean reads(TextSpec text) {
        return Talk.speaks(text) || text.format() instanceof ResponseFormat.Choices choices
                && choices.positions().get(0).equals(Stances.WORDS)
                && (choices.positions().size() == Stances.PROPOSITIONS || weighs(choices));
    }

    /**
     * How an answer is said in words: all wordings that a scripted policy may choose.
     *
     * @param answer a clause
     * @param suggestion the partner's, null when it is silent; one takes over by agreeing
     */
    public static List<String> wordings(List<String> answer, List<String> suggestion) {
        Claim claim = new ClaimContent().read(answer.get(0)).orElseThrow();
        return Wordings.of(answer.equals(suggestion) ? Act.AGREE : Act.ASSERT, Split.TRAIN).stream()
                .map(template -> Talk.GRAMMAR.write(template, claim))
                .toList();
    }

    private static boolean weighs(ResponseFormat.Choices choices) {
        return choices.positions().size() == Stances.PROPOSITIONS + 2
                && choices.positions().get(Stances.PROPOSITIONS).equals(Action.LOADS);
    }

    /**
     * @param text that {@link #reads} accepts
     * @throws IllegalArgumentException if it is no prompt of this task
     */
    public static Reading read(Prompt prompt, TextSpec text) {
        if (text.format() instanceof ResponseFormat.Choices choices) {
            return readStances(prompt, weighs(choices));
        }
        int now = prompt.round();
        Map<Integer, Question> questions = new HashMap<>();
        Worlds ofDialogue = Worlds.ALL;
        Worlds ofRound = Worlds.ALL;
        Map<Integer, Relation> suggestions = new HashMap<>();
        TrackRecord record = TrackRecord.NONE;
        for (Segment segment : prompt.segments()) {
            int round = segment.round();
            switch (segment.kind()) {
                case QUESTION -> questions.put(round, Talk.ofQuestion(segment.text()));
                case EVIDENCE -> {
                    Weighing weighing = Talk.weighing(segment.text());
                    if (weighing != null) {
                        ofDialogue = ofDialogue.and(weighing.worlds());
                        ofRound = round == now ? ofRound.and(weighing.worlds()) : ofRound;
                    }
                }
                case INTERVENTION -> {
                    if (segment.text().startsWith(Talk.PARTNER)) {
                        Talk.suggested(segment.text().substring(Talk.PARTNER.length()), questions.get(round))
                                .ifPresent(suggested -> suggestions.put(round, suggested));
                    }
                }
                case OUTCOME -> {
                    Relation claimed = suggestions.get(round);
                    if (claimed != null) {
                        String settled = Talk.between(segment.text(), Talk.SETTLED);
                        record = record.with(claimed == new ClaimContent().read(settled).orElseThrow().answer());
                    }
                }
                default -> { }
            }
        }
        if (!questions.containsKey(now)) {
            throw none(prompt);
        }
        // Rounds with an evidence segment each are about the same blocks; those with more are about blocks of their own.
        boolean sameBlocks = prompt.segments().stream()
                .filter(s -> s.kind() == SegmentKind.EVIDENCE && s.round() == now).count() == 1;
        int open = questions.get(now).open(sameBlocks ? ofDialogue : ofRound);
        List<List<String>> answers = new ArrayList<>();
        for (Relation relation : Relation.values()) {
            if ((open & relation.bit()) != 0) {
                answers.add(clause(questions.get(now), relation));
            }
        }
        Relation suggestion = suggestions.get(now);
        return new Reading(now, answers, suggestion == null ? null : clause(questions.get(now), suggestion), record);
    }

    private static List<String> clause(Question question, Relation answer) {
        return List.of(new ClaimContent().write(new Claim(question, answer)));
    }

    private static IllegalArgumentException none(Prompt prompt) {
        return new IllegalArgumentException(
                "the prompt is none of the weights task; round " + prompt.round() + " has no question:\n" + prompt);
    }

    private static Reading readStances(Prompt prompt, boolean weighs) {
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
            throw none(prompt);
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
