package io.parley.tasks.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.PartnerView;
import io.parley.tasks.group.GroupEpisodes;
import io.parley.tasks.people.People;
import io.parley.tasks.people.Regime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Episodes of the weights task.
 *
 * <p>Participants see the weighings that the collaborator sees. Their guesses are about weights that they imagine, so that they
 * tell nothing about the blocks; where the weighings entail the answer some find it.
 */
final class WeightsEpisodes extends GroupEpisodes<WeightsEpisodes.Asked, WeightsEpisodes.Round> {
    /** What a round asks in all episodes. */
    static final class Asked extends GroupEpisodes.Asked {
        final Question[] questions;
        final int[] assignments;
        /** What this round shows for the first time; an entry is null where nothing was weighed. */
        final List<List<Weighing>> shown;
        /** What all that was shown leaves possible. */
        final Worlds[] possible;
        /** The answers that it leaves open, as bits. */
        final int[] open;
        /** Beliefs by episode and participant. */
        final long[][] before;
        final CommonGround[] groundBefore;
        final Script.Scene[] scenes;

        Asked(int size) {
            super(size);
            questions = new Question[size];
            assignments = new int[size];
            shown = new ArrayList<>(size);
            possible = new Worlds[size];
            open = new int[size];
            before = new long[size][];
            groundBefore = new CommonGround[size];
            scenes = new Script.Scene[size];
        }

        @Override
        protected boolean visible(int i) {
            return Integer.bitCount(open[i]) == 1;
        }

        Relation answer(int i) {
            return questions[i].relation(assignments[i]);
        }

        @Override
        protected List<String> solution(int i) {
            return Stances.words(Stances.ofAnswer(answer(i)));
        }
    }

    /** @param after beliefs by episode and participant */
    record Round(
            Asked asked,
            Script.Answer[] answers,
            String[] raw,
            long[][] after,
            CommonGround[] groundAfter,
            List<Map<String, Double>> rewards)
            implements GroupEpisodes.Round<Asked> {}

    private final Weights task;
    /** Places of the questions of the single regime in their order, by episode. */
    private final int[][] orders;
    /** The weighings that each dialogue begins with. */
    private final List<List<Weighing>> proofs;

    WeightsEpisodes(Weights task, EpisodeRequest request) {
        super("weights", task, request);
        this.task = task;
        this.orders = new int[request.count()][];
        this.proofs = new ArrayList<>(Collections.nCopies(request.count(), List.of()));
        ask();
    }

    private WeightsEpisodes(WeightsEpisodes other) {
        super(other);
        task = other.task;
        orders = other.orders;
        proofs = other.proofs;
    }

    @Override
    public Episodes fork() {
        return new WeightsEpisodes(this);
    }

    /** The question of an episode in this round. */
    Question question(int i) {
        return now.questions[i];
    }

    /** The answer, where the weighings entail it; else null. */
    Relation shown(int i) {
        return now.visible(i) ? now.answer(i) : null;
    }

    /** The code of the response to the same question of this dialogue, when it was asked before; negative when it was not. */
    int earlierAnswer(int i) {
        // The questions come again after all of them, in the same order.
        int before = past.size() - Question.ALL.size();
        return task.weighs() && before >= 0 ? past.get(before).answers[i].action().stances() : SILENT;
    }

    @Override
    protected Asked ask(Round previous) {
        Asked asked = new Asked(size());
        for (int i = 0; i < size(); i++) {
            if (task.config.regime() == Regime.RECORD) {
                askAnew(asked, i);
            } else if (previous == null) {
                begin(asked, i);
            } else {
                goOn(asked, previous, i);
            }
            asked.open[i] = asked.questions[i].open(asked.possible[i]);
            asked.scenes[i] = new Script.Scene(request.split(), streams, episode(i), round(), asked.questions[i],
                    asked.shown.get(i), asked.before[i]);
        }
        return asked;
    }

    private void askAnew(Asked asked, int i) {
        int round = round();
        long episode = episode(i);
        boolean visible = streams.stream("visible", episode, round, 0).nextDouble() < task.config.visible().get(round - 1);
        Rounds.Drawn drawn = Rounds.draw(request.split(), visible, streams.stream("question", episode, round, 0));
        asked.questions[i] = drawn.question();
        asked.assignments[i] = drawn.assignment();
        asked.shown.add(drawn.weighings());
        asked.possible[i] = drawn.weighings().get(0).worlds().and(drawn.weighings().get(1).worlds());
        long[] beliefs = new long[task.participants()];
        for (int person = 0; person < beliefs.length; person++) {
            Relation answer = task.guesses.on(drawn.question(), visible ? asked.answer(i) : null,
                    streams.stream("initial", episode, round, person));
            beliefs[person] = Beliefs.with(Beliefs.NONE, drawn.question(), answer);
        }
        asked.before[i] = beliefs;
        asked.groundBefore[i] = CommonGround.NONE.with(beliefs);
    }

    private void begin(Asked asked, int i) {
        long episode = episode(i);
        RandomGenerator random = streams.stream("question", episode, 0, 0);
        asked.assignments[i] = task.config.instance() == WeightsConfig.Instance.CANONICAL
                ? Assignment.CANONICAL
                : Instances.draw(request.split(), random);
        boolean visible = streams.stream("visible", episode, 0, 0).nextDouble() < task.config.visible().get(0);
        Worlds possible = Worlds.ALL;
        if (visible) {
            proofs.set(i, Instances.proof(asked.assignments[i], random));
            for (Weighing weighing : proofs.get(i)) {
                possible = possible.and(weighing.worlds());
            }
        }
        asked.possible[i] = possible;
        asked.shown.add(Collections.singletonList(null));
        orders[i] = streams.permutation(Question.ALL.size(), "order", episode, 0, 0);
        asked.questions[i] = Question.ALL.get(orders[i][0]);
        long[] beliefs = new long[task.participants()];
        for (int person = 0; person < beliefs.length; person++) {
            beliefs[person] = task.guesses.onAll(streams.stream("initial", episode, 0, person));
        }
        asked.before[i] = beliefs;
        asked.groundBefore[i] = CommonGround.NONE.with(beliefs);
    }

    private void goOn(Asked asked, Round previous, int i) {
        asked.assignments[i] = previous.asked.assignments[i];
        Weighing weighing = previous.answers[i].action().weigh(asked.assignments[i]);
        asked.shown.add(Collections.singletonList(weighing));
        asked.possible[i] = weighing == null ? previous.asked.possible[i] : previous.asked.possible[i].and(weighing.worlds());
        asked.questions[i] = Question.ALL.get(orders[i][(round() - 1) % orders[i].length]);
        asked.before[i] = previous.after[i];
        asked.groundBefore[i] = previous.groundAfter[i];
    }

    @Override
    protected int code(List<String> suggestion) {
        return Stances.parse(suggestion, "the partner's suggestion");
    }

    @Override
    protected List<Segment> begin(int i) {
        return task.script.begin(proofs.get(i));
    }

    @Override
    protected void show(Asked asked, int i, boolean partner, List<Segment> segments) {
        Script.Scene scene = asked.scenes[i];
        task.script.ask(scene, segments);
        if (partner) {
            segments.add(new Segment(Role.USER, SegmentKind.EVIDENCE, scene.round(), Assignment.text(asked.assignments[i])));
        }
        task.script.hear(scene, segments);
    }

    @Override
    protected Segment intervention(Asked asked, int i) {
        return task.script.intervention(asked.scenes[i], asked.intervention(i));
    }

    @Override
    protected String words(Asked asked, int i) {
        return Talk.words(asked.scenes[i], asked.intervention(i));
    }

    @Override
    protected void settle(Round over, int i, boolean partner, List<Segment> segments) {
        Asked asked = over.asked;
        int round = asked.scenes[i].round();
        segments.add(task.script.response(round, over.answers[i].action(), over.raw[i]));
        task.script.settle(round, asked.questions[i], partner || asked.visible(i) ? asked.answer(i) : null, segments);
    }

    @Override
    protected Round over(List<Response> responses, boolean last) {
        int size = size();
        Script.Answer[] answers = new Script.Answer[size];
        String[] raw = new String[size];
        long[][] after = new long[size][];
        CommonGround[] ground = new CommonGround[size];
        List<Map<String, Double>> rewards = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            raw[i] = responses.get(i).text();
            answers[i] = task.script.read(raw[i], now.questions[i]);
            int stances = answers[i].action().stances();
            after[i] = discuss(i, Stances.answer(stances));
            ground[i] = now.groundBefore[i].with(after[i]);
            double own = !answers[i].parsed() ? -task.config.formatPenalty() : stances == Stances.ofAnswer(now.answer(i)) ? 1 : 0;
            double group = last ? groupScore(i, after[i]) : 0;
            double growth = ground[i].size() - now.groundBefore[i].size();
            rewards.add(Map.of("own", own, "group", group, "commonGround", growth));
        }
        return new Round(now, answers, raw, after, ground, rewards);
    }

    /** Of the answer that the group submits or, where it submits weights, the share of the four blocks that it has right. */
    private double groupScore(int i, long[] beliefs) {
        if (!task.weighs()) {
            return Beliefs.majority(beliefs, now.questions[i]) == now.answer(i) ? 1 : 0;
        }
        int right = 0;
        for (Block block : Block.values()) {
            boolean found = Beliefs.majorityWeight(beliefs, block) == Assignment.weight(now.assignments[i], block);
            right += block != Block.RED && found ? 1 : 0;
        }
        return right / (Block.values().length - 1.0);
    }

    /** Beliefs of the participants of an episode after a response; all change their minds at once. */
    private long[] discuss(int i, Relation response) {
        Question question = now.questions[i];
        long[] before = now.before[i];
        long[] after = before.clone();
        Relation majority = Beliefs.majority(before, question);
        for (int person = 0; person < after.length; person++) {
            RandomGenerator random = streams.stream("discuss", episode(i), round(), person);
            Relation own = Beliefs.answer(before[person], question);
            boolean right = own != null && now.visible(i) && own == now.answer(i);
            // Each pair has a round, which is the whole deliberation of it.
            People.Source source = task.people().source(personalities[i][person], now.visible(i), right, Regime.RECORD, random);
            Relation taken = switch (source) {
                case OWN -> null;
                case MAJORITY -> majority;
                case PEER -> Beliefs.answer(before[(person + 1 + random.nextInt(before.length - 1)) % before.length], question);
                case COLLABORATOR -> response;
                case PARTNER -> now.suggestion(i) == SILENT ? null : Stances.answer(now.suggestion(i));
                case EVIDENCE -> now.answer(i);
                case SECOND_THOUGHTS -> secondThought(question, own, random);
            };
            after[person] = taken == null ? after[person] : Beliefs.with(after[person], question, taken);
        }
        return after;
    }

    /** Another answer than one's own, as imagined weights give it. */
    private static Relation secondThought(Question question, Relation own, RandomGenerator random) {
        Relation thought;
        do {
            thought = Guesses.imagined(question, random);
        } while (thought == own);
        return thought;
    }

    @Override
    protected PartnerView view(Asked asked, int i) {
        return new BlocksView(asked, i);
    }

    private final class BlocksView extends View {
        BlocksView(Asked asked, int i) {
            super(asked, i);
        }

        @Override
        public List<String> trueSuggestion() {
            return asked.solution(row);
        }

        /**
         * Where the weighings do not entail the answer, uniform over the wrong answers that they leave open, so that they do not
         * expose it; else over both wrong ones. A question that is asked again gets the same, if it still is one of these.
         */
        @Override
        public List<String> falseSuggestion(RandomGenerator random) {
            int wrong = (asked.visible(row) ? 0b111 : asked.open[row]) & ~asked.answer(row).bit();
            int index = random.nextInt(Integer.bitCount(wrong));
            for (Round over : past) {
                int suggestion = over.asked.suggestion(row);
                Relation said = suggestion == SILENT ? null : Stances.answer(suggestion);
                boolean again = task.weighs() && over.asked.questions[row] == asked.questions[row];
                if (again && said != null && (wrong & said.bit()) != 0) {
                    return Stances.words(suggestion);
                }
            }
            for (; index > 0; index--) {
                wrong &= wrong - 1;
            }
            return Stances.words(Stances.ofAnswer(Relation.values()[Integer.numberOfTrailingZeros(wrong)]));
        }

        /** That they weigh the same: what someone says who has not yet told them apart. No figures of people are known. */
        @Override
        public List<String> biasedSuggestion() {
            return Stances.words(Stances.ofAnswer(Relation.EQUAL));
        }
    }

    /** What the dialogue begins with. */
    @Override
    protected void describe(int i, ObjectNode log) {
        if (!task.weighs()) {
            return;
        }
        ArrayNode weighings = log.putArray("weighings");
        proofs.get(i).forEach(weighing -> weighings.add(weighing.text()));
        Asked first = past.isEmpty() ? now : past.get(0).asked;
        ArrayNode all = log.putArray("beliefs");
        for (long beliefs : first.before[i]) {
            ObjectNode own = all.addObject();
            for (Question question : Question.ALL) {
                Relation answer = Beliefs.answer(beliefs, question);
                if (answer != null) {
                    own.put(question.text(), answer.sign());
                }
            }
        }
    }

    @Override
    protected void describe(Round over, int i, ObjectNode node) {
        Asked asked = over.asked;
        Question question = asked.questions[i];
        node.put("question", question.text());
        ObjectNode weights = node.putObject("weights");
        for (Block block : Block.values()) {
            weights.put(block.word(), Assignment.weight(asked.assignments[i], block));
        }
        ArrayNode weighings = node.putArray("weighings");
        asked.shown.get(i).stream().filter(weighing -> weighing != null).forEach(weighing -> weighings.add(weighing.text()));
        ObjectNode stances = node.putObject("stances");
        logAnswers(stances.putArray("before"), asked.before[i], question);
        logAnswers(stances.putArray("after"), over.after[i], question);
        ArrayNode submission = node.putArray("submission");
        if (task.weighs()) {
            Arrays.stream(Block.values()).filter(block -> block != Block.RED)
                    .forEach(block -> submission.add(Beliefs.majorityWeight(over.after[i], block)));
        } else {
            Stances.words(Stances.ofAnswer(Beliefs.majority(over.after[i], question))).forEach(submission::add);
        }
    }

    private static void logAnswers(ArrayNode node, long[] beliefs, Question question) {
        for (long own : beliefs) {
            ArrayNode words = node.addArray();
            Stances.words(Stances.ofAnswer(Beliefs.answer(own, question))).forEach(words::add);
        }
    }
}
