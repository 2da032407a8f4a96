package io.parley.tasks.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.PartnerView;
import io.parley.tasks.language.Act;
import io.parley.tasks.people.People;
import io.parley.tasks.people.Regime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Episodes of the weights task. Nothing that was made for a round is changed afterwards, so that a fork shares it all.
 *
 * <p>Participants see the weighings that the collaborator sees. Their guesses are about weights that they imagine, so that they
 * tell nothing about the blocks; where the weighings entail the answer some find it.
 */
final class WeightsEpisodes implements Episodes {
    private static final int SILENT = -1;

    /** One round of all episodes: what was asked and said, and, once it is over, what came of it. */
    private static final class Round {
        final Question[] questions;
        final int[] assignments;
        /** What this round shows for the first time; an entry is null where nothing was weighed. */
        final List<List<Weighing>> shown;
        /** What all that was shown leaves possible. */
        final Worlds[] possible;
        /** The answers that it leaves open, as bits. */
        final int[] open;
        final Intervention[] interventions;
        /** The code of each suggestion, or {@link #SILENT}. */
        final int[] suggestions;
        /** Beliefs by episode and participant. */
        final long[][] before;
        final CommonGround[] groundBefore;

        final Script.Scene[] scenes;

        Script.Answer[] answers;
        String[] raw;
        long[][] after;
        CommonGround[] groundAfter;
        List<Map<String, Double>> rewards;

        Round(int size) {
            questions = new Question[size];
            assignments = new int[size];
            shown = new ArrayList<>(size);
            possible = new Worlds[size];
            open = new int[size];
            interventions = new Intervention[size];
            suggestions = new int[size];
            before = new long[size][];
            groundBefore = new CommonGround[size];
            scenes = new Script.Scene[size];
        }

        private Round(Round asked) {
            questions = asked.questions;
            assignments = asked.assignments;
            shown = asked.shown;
            possible = asked.possible;
            open = asked.open;
            interventions = asked.interventions;
            suggestions = asked.suggestions;
            before = asked.before;
            groundBefore = asked.groundBefore;
            scenes = asked.scenes;
        }

        /** This round, over. */
        Round over(
                Script.Answer[] read,
                String[] texts,
                long[][] beliefs,
                CommonGround[] ground,
                List<Map<String, Double>> earned) {
            Round over = new Round(this);
            over.answers = read;
            over.raw = texts;
            over.after = beliefs;
            over.groundAfter = ground;
            over.rewards = earned;
            return over;
        }

        boolean visible(int i) {
            return Integer.bitCount(open[i]) == 1;
        }

        Relation answer(int i) {
            return questions[i].relation(assignments[i]);
        }
    }

    private final Weights task;
    private final EpisodeRequest request;
    /** Questions and people draw from streams of their own: another split, other numbers. */
    private final RandomStreams streams;
    private final int[][] personalities;
    /** Places of the questions of the single regime in their order, by episode. */
    private final int[][] orders;
    /** The weighings that each dialogue begins with. */
    private final List<List<Weighing>> proofs;
    private final List<Round> past = new ArrayList<>();
    /** Null when done. */
    private Round now;
    private List<Prompt> prompts;

    WeightsEpisodes(Weights task, EpisodeRequest request) {
        this.task = task;
        this.request = request;
        this.streams = request.streams().derive("weights/" + request.split());
        this.personalities = new int[request.count()][task.config.participants()];
        this.orders = new int[request.count()][];
        this.proofs = new ArrayList<>(Collections.nCopies(request.count(), List.of()));
        for (int i = 0; i < personalities.length; i++) {
            for (int person = 0; person < personalities[i].length; person++) {
                personalities[i][person] = task.people.personality(streams.stream("personality", episode(i), 0, person));
            }
        }
        ask();
    }

    private WeightsEpisodes(WeightsEpisodes other) {
        task = other.task;
        request = other.request;
        streams = other.streams;
        personalities = other.personalities;
        orders = other.orders;
        proofs = other.proofs;
        past.addAll(other.past);
        now = other.now;
        prompts = other.prompts;
    }

    @Override
    public int size() {
        return personalities.length;
    }

    @Override
    public int round() {
        return past.size() + 1;
    }

    @Override
    public boolean done() {
        return now == null;
    }

    @Override
    public List<Prompt> prompts() {
        undone();
        return prompts;
    }

    @Override
    public List<String> strata() {
        undone();
        String[] strata = new String[size()];
        for (int i = 0; i < strata.length; i++) {
            strata[i] = now.visible(i) ? "visible" : "withheld";
        }
        return List.of(strata);
    }

    @Override
    public List<Map<String, Double>> score(List<Response> responses) {
        undone();
        return over(responses, true).rewards;
    }

    @Override
    public List<Map<String, Double>> step(List<Response> responses) {
        undone();
        Round over = over(responses, round() == task.rounds());
        past.add(over);
        if (past.size() == task.rounds()) {
            now = null;
            prompts = null;
        } else {
            ask();
        }
        return over.rewards;
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

    /** The code of what the partner suggests to an episode in this round; negative when it is silent. */
    int suggestion(int i) {
        return now.suggestions[i];
    }

    /** The code of the response to the same question of this dialogue, when it was asked before; negative when it was not. */
    int earlierAnswer(int i) {
        // The questions come again after all of them, in the same order.
        int before = past.size() - Question.ALL.size();
        return task.weighs() && before >= 0 ? past.get(before).answers[i].action().stances() : SILENT;
    }

    private long episode(int i) {
        return request.first() + i;
    }

    private void undone() {
        if (now == null) {
            throw new IllegalStateException("the episodes are over after " + task.rounds() + " rounds");
        }
    }

    private void ask() {
        Round previous = past.isEmpty() ? null : past.get(past.size() - 1);
        Round asked = new Round(size());
        List<Prompt> shown = new ArrayList<>(size());
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
            asked.interventions[i] = request.partner().intervene(new View(i, asked), request.streams());
            asked.suggestions[i] = asked.interventions[i].silent()
                    ? SILENT
                    : Stances.parse(asked.interventions[i].suggestion(), "the partner's suggestion");
            shown.add(prompt(previous == null ? null : prompts.get(i), previous, asked, i));
        }
        now = asked;
        prompts = List.copyOf(shown);
    }

    private void askAnew(Round asked, int i) {
        int round = round();
        long episode = episode(i);
        boolean visible = streams.stream("visible", episode, round, 0).nextDouble() < task.config.visible().get(round - 1);
        Rounds.Drawn drawn = Rounds.draw(request.split(), visible, streams.stream("question", episode, round, 0));
        asked.questions[i] = drawn.question();
        asked.assignments[i] = drawn.assignment();
        asked.shown.add(drawn.weighings());
        asked.possible[i] = drawn.weighings().get(0).worlds().and(drawn.weighings().get(1).worlds());
        long[] beliefs = new long[task.config.participants()];
        for (int person = 0; person < beliefs.length; person++) {
            Relation answer = task.guesses.on(drawn.question(), visible ? asked.answer(i) : null,
                    streams.stream("initial", episode, round, person));
            beliefs[person] = Beliefs.with(Beliefs.NONE, drawn.question(), answer);
        }
        asked.before[i] = beliefs;
        asked.groundBefore[i] = CommonGround.NONE.with(beliefs);
    }

    private void begin(Round asked, int i) {
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
        long[] beliefs = new long[task.config.participants()];
        for (int person = 0; person < beliefs.length; person++) {
            beliefs[person] = task.guesses.onAll(streams.stream("initial", episode, 0, person));
        }
        asked.before[i] = beliefs;
        asked.groundBefore[i] = CommonGround.NONE.with(beliefs);
    }

    private void goOn(Round asked, Round previous, int i) {
        asked.assignments[i] = previous.assignments[i];
        Weighing weighing = previous.answers[i].action().weigh(asked.assignments[i]);
        asked.shown.add(Collections.singletonList(weighing));
        asked.possible[i] = weighing == null ? previous.possible[i] : previous.possible[i].and(weighing.worlds());
        asked.questions[i] = Question.ALL.get(orders[i][(round() - 1) % orders[i].length]);
        asked.before[i] = previous.after[i];
        asked.groundBefore[i] = previous.groundAfter[i];
    }

    private Prompt prompt(Prompt earlier, Round previous, Round asked, int i) {
        int round = round();
        Script script = task.script;
        List<Segment> segments = new ArrayList<>(7 * round + 5);
        if (earlier == null) {
            segments.addAll(script.begin(proofs.get(i)));
        } else {
            segments.addAll(earlier.segments());
            segments.add(script.response(round - 1, previous.answers[i].action(), previous.raw[i]));
            script.settle(round - 1, previous.questions[i], previous.visible(i) ? previous.answer(i) : null, segments);
        }
        script.ask(asked.scenes[i], segments);
        script.hear(asked.scenes[i], segments);
        segments.add(script.intervention(asked.scenes[i], asked.interventions[i]));
        return new Prompt(segments);
    }

    /** The round with its responses; the state of these episodes is left as it is. */
    private Round over(List<Response> responses, boolean last) {
        int size = size();
        if (responses.size() != size) {
            throw new IllegalArgumentException(responses.size() + " responses for " + size + " episodes");
        }
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
        return now.over(answers, raw, after, ground, rewards);
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
            People.Source source = task.people.source(personalities[i][person], now.visible(i), right, Regime.RECORD, random);
            Relation taken = switch (source) {
                case OWN -> null;
                case MAJORITY -> majority;
                case PEER -> Beliefs.answer(before[(person + 1 + random.nextInt(before.length - 1)) % before.length], question);
                case COLLABORATOR -> response;
                case PARTNER -> now.suggestions[i] == SILENT ? null : Stances.answer(now.suggestions[i]);
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

    /** The partner's view of the round that is about to be asked. */
    private final class View implements PartnerView {
        private final int row;
        private final Round asked;

        View(int row, Round asked) {
            this.row = row;
            this.asked = asked;
        }

        @Override
        public long episode() {
            return WeightsEpisodes.this.episode(row);
        }

        @Override
        public int round() {
            return WeightsEpisodes.this.round();
        }

        @Override
        public int rounds() {
            return task.rounds();
        }

        @Override
        public Prompt prompt() {
            List<Segment> segments = new ArrayList<>(task.script.begin(proofs.get(row)));
            for (int round = 1; round <= past.size(); round++) {
                Round over = past.get(round - 1);
                addRound(segments, round, over);
                segments.add(task.script.intervention(over.scenes[row], over.interventions[row]));
                segments.add(task.script.response(round, over.answers[row].action(), over.raw[row]));
                task.script.settle(round, over.questions[row], over.answer(row), segments);
            }
            addRound(segments, round(), asked);
            return new Prompt(segments);
        }

        private void addRound(List<Segment> segments, int round, Round shown) {
            task.script.ask(shown.scenes[row], segments);
            segments.add(new Segment(Role.USER, SegmentKind.EVIDENCE, round, Assignment.text(shown.assignments[row])));
            task.script.hear(shown.scenes[row], segments);
        }

        @Override
        public List<String> trueSuggestion() {
            return Stances.words(Stances.ofAnswer(asked.answer(row)));
        }

        /**
         * Where the weighings do not entail the answer, uniform over the wrong answers that they leave open, so that they do not
         * expose it; else over both wrong ones. A question that is asked again gets the same, if it still is one of these.
         */
        @Override
        public List<String> falseSuggestion(RandomGenerator random) {
            int wrong = (asked.visible(row) ? 0b111 : asked.open[row]) & ~asked.answer(row).bit();
            int index = random.nextInt(Integer.bitCount(wrong));
            for (Round round : past) {
                Relation said = round.suggestions[row] == SILENT ? null : Stances.answer(round.suggestions[row]);
                if (task.weighs() && round.questions[row] == asked.questions[row] && said != null && (wrong & said.bit()) != 0) {
                    return Stances.words(round.suggestions[row]);
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

        @Override
        public List<Intervention> earlier() {
            return past.stream().map(round -> round.interventions[row]).toList();
        }
    }

    @Override
    public List<ObjectNode> log() {
        List<ObjectNode> logs = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            ObjectNode log = DialogueLog.begin("weights", request.split(), episode(i));
            log.put("regime", task.config.regime().toString());
            ArrayNode participants = log.putArray("participants");
            for (int personality : personalities[i]) {
                participants.add(task.people.personalityName(personality));
            }
            if (task.weighs()) {
                logDialogue(i, log);
            }
            for (Round round : past) {
                logRound(round, i, log);
            }
            logs.add(log);
        }
        return logs;
    }

    /** What the dialogue begins with. */
    private void logDialogue(int i, ObjectNode log) {
        ArrayNode weighings = log.putArray("weighings");
        proofs.get(i).forEach(weighing -> weighings.add(weighing.text()));
        Round first = past.isEmpty() ? now : past.get(0);
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

    private void logRound(Round round, int i, ObjectNode log) {
        Question question = round.questions[i];
        ObjectNode node = DialogueLog.add(log, new DialogueLog.Round(
                Stances.words(Stances.ofAnswer(round.answer(i))), round.visible(i), round.visible(i), round.interventions[i],
                round.raw[i], Stances.words(round.answers[i].action().stances()), round.rewards.get(i)));
        if (round.answers[i].acts() != null) {
            DialogueLog.addSpeech(node, round.answers[i].parsed(), round.answers[i].acts().stream().map(Act::toString).toList());
            if (!round.interventions[i].silent()) {
                ((ObjectNode) node.get("intervention")).put("text", Talk.words(round.scenes[i], round.interventions[i]));
            }
        }
        node.put("question", question.text());
        ObjectNode weights = node.putObject("weights");
        for (Block block : Block.values()) {
            weights.put(block.word(), Assignment.weight(round.assignments[i], block));
        }
        ArrayNode weighings = node.putArray("weighings");
        round.shown.get(i).stream().filter(weighing -> weighing != null).forEach(weighing -> weighings.add(weighing.text()));
        ObjectNode stances = node.putObject("stances");
        logAnswers(stances.putArray("before"), round.before[i], question);
        logAnswers(stances.putArray("after"), round.after[i], question);
        ArrayNode submission = node.putArray("submission");
        if (task.weighs()) {
            Arrays.stream(Block.values()).filter(block -> block != Block.RED)
                    .forEach(block -> submission.add(Beliefs.majorityWeight(round.after[i], block)));
        } else {
            Stances.words(Stances.ofAnswer(Beliefs.majority(round.after[i], question))).forEach(submission::add);
        }
    }

    private static void logAnswers(ArrayNode node, long[] beliefs, Question question) {
        for (long own : beliefs) {
            ArrayNode words = node.addArray();
            Stances.words(Stances.ofAnswer(Beliefs.answer(own, question))).forEach(words::add);
        }
    }
}
