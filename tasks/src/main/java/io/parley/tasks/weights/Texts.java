package io.parley.tasks.weights;

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
 * The words of a dialogue. Every round has the same number of words in the same places: question 2, each weighing 3,
 * participants 3, intervention 4 and, once it is over, response 3, or 5 with what is weighed, and outcome 3. A round shows two
 * weighings in the record regime, and one in the single regime: what the collaborator weighed in the round before. What a
 * dialogue begins with stands in the system message, since it holds in all rounds. Segments are made once and shared by all
 * prompts, all but the responses that weigh.
 */
final class Texts implements Script {
    static final String FILLER = Mask.FILLER;
    private static final String EMPTY = "- - -";
    private static final String SILENCE = "- - - -";

    private final boolean weighs;
    private final int participants;
    private final int rounds;
    private final Segment rules;
    private final Segment noProof;
    private final Segment[] proofs = new Segment[Weighing.ALL.size()];
    private final Segment[][] questions;
    private final Segment[][] weighings;
    private final Segment[] noWeighing;
    private final Segment[][] counts;
    private final Segment[][][] interventions;
    private final Segment[] silences;
    private final Segment[][] responses;
    private final Segment[][] outcomes;
    private final Segment[] open;

    /** @param weighs whether the collaborator may weigh, and a dialogue begins with a proof or none */
    Texts(int rounds, int participants, boolean weighs) {
        this.rounds = rounds;
        this.participants = participants;
        this.weighs = weighs;
        rules = new Segment(Role.SYSTEM, SegmentKind.RULES, 0, rulesText(weighs));
        noProof = new Segment(Role.SYSTEM, SegmentKind.EVIDENCE, 0, EMPTY);
        for (Weighing weighing : Weighing.ALL) {
            proofs[weighing.index()] = new Segment(Role.SYSTEM, SegmentKind.EVIDENCE, 0, weighing.text());
        }
        String[] countTexts = GroupText.counts(participants, Stances.PROPOSITIONS);
        questions = new Segment[rounds + 1][];
        weighings = new Segment[rounds + 1][];
        noWeighing = new Segment[rounds + 1];
        counts = new Segment[rounds + 1][];
        interventions = new Segment[rounds + 1][][];
        silences = new Segment[rounds + 1];
        responses = new Segment[rounds + 1][];
        outcomes = new Segment[rounds + 1][];
        open = new Segment[rounds + 1];
        for (int round = 1; round <= rounds; round++) {
            int r = round;
            questions[r] = segments(Question.ALL.stream().map(q -> user(SegmentKind.QUESTION, r, q.text())).toList());
            weighings[r] = segments(Weighing.ALL.stream().map(w -> user(SegmentKind.EVIDENCE, r, w.text())).toList());
            noWeighing[r] = user(SegmentKind.EVIDENCE, r, EMPTY);
            counts[r] = new Segment[countTexts.length];
            for (int i = 0; i < countTexts.length; i++) {
                counts[r][i] = user(SegmentKind.PARTICIPANTS, r, countTexts[i]);
            }
            interventions[r] = new Segment[Tone.values().length][Stances.COUNT];
            responses[r] = new Segment[Stances.COUNT];
            outcomes[r] = new Segment[Stances.COUNT];
            for (int code = 0; code < Stances.COUNT; code++) {
                for (Tone tone : Tone.values()) {
                    interventions[r][tone.ordinal()][code] =
                            user(SegmentKind.INTERVENTION, r, GroupText.word(tone) + " " + Stances.text(code));
                }
                responses[r][code] = response(r, Stances.text(code));
                outcomes[r][code] = user(SegmentKind.OUTCOME, r, Stances.text(code));
            }
            silences[r] = user(SegmentKind.INTERVENTION, r, SILENCE);
            open[r] = user(SegmentKind.OUTCOME, r, EMPTY);
        }
    }

    private static String rulesText(boolean weighs) {
        return "red weighs 10 how does the first compare with the second" + (weighs ? " and what do you weigh" : "");
    }

    @Override
    public List<Segment> begin(List<Weighing> proof) {
        List<Segment> segments = new ArrayList<>(List.of(rules));
        if (weighs) {
            for (int i = 0; i < Instances.PROOF; i++) {
                segments.add(i < proof.size() ? proofs[proof.get(i).index()] : noProof);
            }
        }
        return segments;
    }

    @Override
    public void ask(Scene scene, List<Segment> segments) {
        segments.add(questions[scene.round()][scene.question().index()]);
        for (Weighing weighing : scene.shown()) {
            segments.add(weighing == null ? noWeighing[scene.round()] : weighings[scene.round()][weighing.index()]);
        }
    }

    /** How many participants hold each answer. */
    @Override
    public void hear(Scene scene, List<Segment> segments) {
        int base = participants + 1;
        int[] holders = Beliefs.counts(scene.before(), scene.question());
        segments.add(counts[scene.round()][holders[0] + base * (holders[1] + base * holders[2])]);
    }

    @Override
    public Segment intervention(Scene scene, Intervention intervention) {
        return intervention.silent()
                ? silences[scene.round()]
                : interventions[scene.round()][intervention.tone().ordinal()][
                        Stances.parse(intervention.suggestion(), "the partner's suggestion")];
    }

    @Override
    public Segment response(int round, Action action, String raw) {
        return weighs ? response(round, action.text(true)) : responses[round][action.stances()];
    }

    @Override
    public void settle(int round, Question question, Relation answer, List<Segment> segments) {
        segments.add(answer == null ? open[round] : outcomes[round][Stances.ofAnswer(answer)]);
    }

    @Override
    public Answer read(String response, Question question) {
        return new Answer(Action.parse(response, weighs), true, null);
    }

    @Override
    public String answer(Question question, Action action, int suggestion, int earlier, RandomGenerator random) {
        return action.text(weighs);
    }

    @Override
    public TextSpec spec() {
        Set<String> words = new LinkedHashSet<>(List.of(FILLER));
        words.addAll(Stances.WORDS);
        for (Tone tone : Tone.values()) {
            words.add(GroupText.word(tone));
        }
        for (int n = 0; n <= participants; n++) {
            words.add("n" + n);
        }
        for (Relation relation : Relation.values()) {
            words.add(relation.sign());
        }
        Weighing.SIDES.forEach(side -> words.add(Weighing.side(side)));
        for (int grams : Question.REFERENCES) {
            words.add(String.valueOf(grams));
        }
        List<String> rulesWords = List.of(rules.text().split(" "));
        words.addAll(rulesWords);
        List<List<String>> positions = new ArrayList<>(Collections.nCopies(Stances.PROPOSITIONS, Stances.WORDS));
        if (weighs) {
            positions.addAll(List.of(Action.LOADS, Action.LOADS));
            words.addAll(Action.LOADS);
        }
        int system = rulesWords.size() + (weighs ? 3 * Instances.PROOF : 0);
        int asked = 9 + 3 * (weighs ? 1 : Rounds.WEIGHINGS);
        return new TextSpec(new ArrayList<>(words), system, asked * rounds + (positions.size() + 3) * (rounds - 1),
                new ResponseFormat.Choices(positions));
    }

    private static Segment[] segments(List<Segment> segments) {
        return segments.toArray(Segment[]::new);
    }

    private static Segment response(int round, String text) {
        return new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, text);
    }
}
