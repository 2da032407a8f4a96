package io.parley.tasks.wason;

import static io.parley.tasks.language.GroupText.user;

import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.task.Intervention;
import io.parley.core.task.Intervention.Tone;
import io.parley.tasks.counterfactuals.Mask;
import io.parley.tasks.language.GroupText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The words of a dialogue. Every round has the same number of words in the same places: question 4, evidence 4,
 * participants 4, intervention 5 and, once it is over, response 4 and outcome 4. Segments are made once and shared by
 * all prompts, all but the evidence.
 */
final class Texts implements Script {
    static final String FILLER = Mask.FILLER;
    static final String HIDDEN = "hidden";
    static final String SILENCE = String.join(" ", Collections.nCopies(5, FILLER));
    private static final String NO_OUTCOME = String.join(" ", Collections.nCopies(4, FILLER));
    private static final String RULES = "turn the cards that could break the rule";

    private final Segment rules = new Segment(Role.SYSTEM, SegmentKind.RULES, 0, RULES);
    private final int participants;
    private final Segment[][] questions;
    private final Segment[] hidden;
    private final Segment[][] counts;
    private final Segment[][][] interventions;
    private final Segment[] silences;
    private final Segment[][] responses;
    private final Segment[][] outcomes;
    private final Segment[] open;

    Texts(int rounds, int participants) {
        this.participants = participants;
        String[] countTexts = GroupText.counts(participants, Stances.CARDS);
        questions = new Segment[rounds + 1][];
        hidden = new Segment[rounds + 1];
        counts = new Segment[rounds + 1][];
        interventions = new Segment[rounds + 1][][];
        silences = new Segment[rounds + 1];
        responses = new Segment[rounds + 1][];
        outcomes = new Segment[rounds + 1][];
        open = new Segment[rounds + 1];
        for (int round = 1; round <= rounds; round++) {
            questions[round] = new Segment[Rule.values().length];
            for (Rule rule : Rule.values()) {
                questions[round][rule.ordinal()] = user(SegmentKind.QUESTION, round, rule.text());
            }
            hidden[round] = evidence(round, String.join(" ", Collections.nCopies(4, HIDDEN)));
            counts[round] = new Segment[countTexts.length];
            for (int i = 0; i < countTexts.length; i++) {
                counts[round][i] = user(SegmentKind.PARTICIPANTS, round, countTexts[i]);
            }
            interventions[round] = new Segment[Tone.values().length][Stances.COUNT];
            responses[round] = new Segment[Stances.COUNT];
            outcomes[round] = new Segment[Stances.COUNT];
            for (int code = 0; code < Stances.COUNT; code++) {
                for (Tone tone : Tone.values()) {
                    interventions[round][tone.ordinal()][code] =
                            user(SegmentKind.INTERVENTION, round, GroupText.word(tone) + " " + Stances.text(code));
                }
                responses[round][code] = new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, Stances.text(code));
                outcomes[round][code] = user(SegmentKind.OUTCOME, round, Stances.text(code));
            }
            silences[round] = user(SegmentKind.INTERVENTION, round, SILENCE);
            open[round] = user(SegmentKind.OUTCOME, round, NO_OUTCOME);
        }
    }

    @Override
    public Segment rules() {
        return rules;
    }

    @Override
    public void ask(Asked asked, boolean visible, List<Segment> segments) {
        int round = asked.round();
        segments.add(questions[round][asked.question().rule().ordinal()]);
        segments.add(evidence(round, asked.question(), visible));
        segments.add(participants(round, asked.before()));
    }

    /** The cards, or four face-down marks. */
    private Segment evidence(int round, Question question, boolean visible) {
        return visible ? evidence(round, question.cards()) : hidden[round];
    }

    /** How many participants turn each card. */
    private Segment participants(int round, int[] selections) {
        int index = 0;
        for (int card = Stances.CARDS - 1; card >= 0; card--) {
            int count = 0;
            for (int selection : selections) {
                count += selection >> card & 1;
            }
            index = index * (participants + 1) + count;
        }
        return counts[round][index];
    }

    @Override
    public Segment intervention(Asked asked, Intervention intervention) {
        return intervention.silent()
                ? silences[asked.round()]
                : interventions[asked.round()][intervention.tone().ordinal()][
                        Stances.parse(intervention.suggestion(), "the partner's suggestion")];
    }

    @Override
    public Segment response(int round, int code, String raw) {
        return responses[round][code];
    }

    @Override
    public void settle(int round, boolean settled, Question question, List<Segment> segments) {
        segments.add(settled ? outcomes[round][Stances.ofSelection(question.correct())] : open[round]);
    }

    @Override
    public Answer read(String response) {
        return new Answer(Stances.parse(response, "response"), true, null);
    }

    @Override
    public String answer(int code, int suggestion, int earlier, RandomGenerator random) {
        return Stances.text(code);
    }

    @Override
    public TextSpec spec() {
        Set<String> words = new LinkedHashSet<>(List.of(FILLER, HIDDEN));
        words.addAll(Stances.WORDS);
        for (Tone tone : Tone.values()) {
            words.add(GroupText.word(tone));
        }
        for (int n = 0; n <= participants; n++) {
            words.add("n" + n);
        }
        for (Rule rule : Rule.values()) {
            words.addAll(List.of(rule.text().split(" ")));
        }
        for (Kind kind : Kind.values()) {
            kind.symbols().chars().forEach(symbol -> words.add(Character.toString(symbol)));
        }
        List<String> rulesWords = List.of(RULES.split(" "));
        words.addAll(rulesWords);
        int rounds = questions.length - 1;
        return new TextSpec(new ArrayList<>(words), rulesWords.size(), 17 * rounds + 8 * (rounds - 1),
                new ResponseFormat.Choices(Collections.nCopies(Stances.CARDS, Stances.WORDS)));
    }

    private static Segment evidence(int round, String text) {
        return user(SegmentKind.EVIDENCE, round, text);
    }
}
