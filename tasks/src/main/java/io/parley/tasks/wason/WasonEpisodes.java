package io.parley.tasks.wason;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Segment;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.PartnerView;
import io.parley.tasks.group.GroupEpisodes;
import io.parley.tasks.people.Regime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Card selection episodes.
 *
 * <p>Participants see the evidence where the collaborator does. Where it is withheld they cannot see the symbols
 * either: each imagines some, so that their stances tell nothing about the cards.
 */
final class WasonEpisodes extends GroupEpisodes<WasonEpisodes.Asked, WasonEpisodes.Round> {
    /** What a round asks in all episodes. */
    static final class Asked extends GroupEpisodes.Asked {
        final Question[] questions;
        final boolean[] visible;
        /** Selections by episode and participant. */
        final int[][] before;
        final Script.Asked[] scenes;

        Asked(int size) {
            super(size);
            questions = new Question[size];
            visible = new boolean[size];
            before = new int[size][];
            scenes = new Script.Asked[size];
        }

        @Override
        protected boolean visible(int i) {
            return visible[i];
        }

        @Override
        protected List<String> solution(int i) {
            return words(questions[i].correct());
        }
    }

    /** @param after selections by episode and participant */
    record Round(Asked asked, Script.Answer[] answers, String[] raw, int[][] after, List<Map<String, Double>> rewards)
            implements GroupEpisodes.Round<Asked> {}

    private final Wason task;

    WasonEpisodes(Wason task, EpisodeRequest request) {
        super("wason", task, request);
        this.task = task;
        ask();
    }

    private WasonEpisodes(WasonEpisodes other) {
        super(other);
        task = other.task;
    }

    @Override
    public Episodes fork() {
        return new WasonEpisodes(this);
    }

    /** The question of an episode in this round. */
    Question question(int i) {
        return now.questions[i];
    }

    boolean visible(int i) {
        return now.visible[i];
    }

    /** The code of the response to the same question in the round before; negative when the question is new. */
    int earlierAnswer(int i) {
        return now.scenes[i].earlier() == null ? SILENT : past.get(past.size() - 1).answers[i].code();
    }

    @Override
    protected Asked ask(Round previous) {
        int round = round();
        boolean newQuestion = previous == null || task.config.regime() == Regime.RECORD;
        double q = newQuestion ? task.config.visible().get(round - 1) : 0;
        Asked asked = new Asked(size());
        for (int i = 0; i < size(); i++) {
            long episode = episode(i);
            if (newQuestion) {
                asked.questions[i] = Question.draw(request.split(), streams.stream("question", episode, round, 0));
                asked.visible[i] = streams.stream("visible", episode, round, 0).nextDouble() < q;
                asked.before[i] = initialSelections(asked.questions[i], asked.visible[i], episode, round);
            } else {
                asked.questions[i] = previous.asked.questions[i];
                asked.visible[i] = previous.asked.visible[i];
                asked.before[i] = previous.after[i];
            }
            asked.scenes[i] = new Script.Asked(request.split(), streams, episode, round, asked.questions[i], asked.before[i],
                    newQuestion ? null : previous.asked.before[i]);
        }
        return asked;
    }

    private int[] initialSelections(Question question, boolean visible, long episode, int round) {
        int[] selections = new int[task.participants()];
        for (int person = 0; person < selections.length; person++) {
            RandomGenerator random = streams.stream("initial", episode, round, person);
            int parts = task.selections.initialParts(random);
            selections[person] = visible
                    ? question.place(parts)
                    : Question.place(parts, Question.ORDERS[random.nextInt(Question.ORDERS.length)]);
        }
        return selections;
    }

    @Override
    protected int code(List<String> suggestion) {
        return Stances.parse(suggestion, "the partner's suggestion");
    }

    @Override
    protected List<Segment> begin(int i) {
        return List.of(task.script.rules());
    }

    @Override
    protected void show(Asked asked, int i, boolean partner, List<Segment> segments) {
        task.script.ask(asked.scenes[i], partner || asked.visible[i], segments);
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
        int round = over.asked.scenes[i].round();
        segments.add(task.script.response(round, over.answers[i].code(), over.raw[i]));
        // For the collaborator an open question is not settled before the end.
        boolean settled = partner || over.asked.visible[i] && task.config.regime() == Regime.RECORD;
        task.script.settle(round, settled, over.asked.questions[i], segments);
    }

    @Override
    protected Round over(List<Response> responses, boolean last) {
        int size = size();
        Script.Answer[] answers = new Script.Answer[size];
        String[] raw = new String[size];
        int[][] after = new int[size][];
        List<Map<String, Double>> rewards = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            raw[i] = responses.get(i).text();
            answers[i] = task.script.read(raw[i]);
            after[i] = discuss(i, answers[i].code());
            int correct = now.questions[i].correct();
            double own = !answers[i].parsed() ? -task.config.formatPenalty()
                    : answers[i].code() == Stances.ofSelection(correct) ? 1 : 0;
            double group = last && Discussion.majority(after[i]) == correct ? 1 : 0;
            double growth = Integer.bitCount(agreed(after[i])) - Integer.bitCount(agreed(now.before[i]));
            rewards.add(Map.of("own", own, "group", group, "commonGround", growth));
        }
        return new Round(now, answers, raw, after, rewards);
    }

    /** Selections of the participants of an episode after a response; all change their minds at once. */
    private int[] discuss(int i, int response) {
        int[] before = now.before[i];
        int[] after = new int[before.length];
        Question question = now.questions[i];
        Discussion.Situation situation = new Discussion.Situation(
                now.visible[i] ? question.cardOfPart() : null, question.correct(), response, now.suggestion(i));
        for (int person = 0; person < after.length; person++) {
            RandomGenerator random = streams.stream("discuss", episode(i), round(), person);
            after[person] = task.discussion.next(person, personalities[i][person], before, situation, random);
        }
        return after;
    }

    /** The cards on which all participants have the same stance. */
    static int agreed(int[] selections) {
        int all = 0xF;
        int none = 0xF;
        for (int selection : selections) {
            all &= selection;
            none &= ~selection;
        }
        return all | none;
    }

    @Override
    protected PartnerView view(Asked asked, int i) {
        return new CardsView(asked, i);
    }

    private final class CardsView extends View {
        private final Question question;

        CardsView(Asked asked, int i) {
            super(asked, i);
            question = asked.questions[i];
        }

        @Override
        public List<String> trueSuggestion() {
            return words(question.correct());
        }

        /**
         * While the question stands, the same as before: someone who changes what they claim gives themselves away.
         */
        @Override
        public List<String> falseSuggestion(RandomGenerator random) {
            int index = random.nextInt(Stances.PAIRS.length - 1);
            if (task.config.regime() == Regime.SINGLE) {
                for (Round over : past) {
                    int said = over.asked.suggestion(row);
                    if (said != SILENT && said != Stances.ofSelection(question.correct())) {
                        return Stances.words(said);
                    }
                }
            }
            for (int pair : Stances.PAIRS) {
                if (pair != question.correct() && index-- == 0) {
                    return words(pair);
                }
            }
            throw new AssertionError("the correct selection is one of six");
        }

        @Override
        public List<String> biasedSuggestion() {
            return words(question.place(Part.BIASED));
        }

        @Override
        public Optional<String> position() {
            return Optional.of(Part.letters(question.parts(Discussion.majority(asked.before[row]))));
        }

        @Override
        public List<String> suggestion(String position) {
            return words(question.place(Part.ofLetters(position)));
        }
    }

    private static List<String> words(int selection) {
        return Stances.words(Stances.ofSelection(selection));
    }

    @Override
    protected void describe(Round over, int i, ObjectNode node) {
        Question question = over.asked.questions[i];
        node.put("rule", question.rule().text());
        addAll(node.putArray("cards"), List.of(question.cards().split(" ")));
        ObjectNode stances = node.putObject("stances");
        logSelections(stances.putArray("before"), over.asked.before[i]);
        logSelections(stances.putArray("after"), over.after[i]);
        addAll(node.putArray("submission"), words(Discussion.majority(over.after[i])));
    }

    private static void logSelections(ArrayNode node, int[] selections) {
        for (int selection : selections) {
            addAll(node.addArray(), words(selection));
        }
    }

    private static void addAll(ArrayNode node, List<String> words) {
        words.forEach(node::add);
    }
}
