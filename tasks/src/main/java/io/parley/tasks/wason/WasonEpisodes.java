package io.parley.tasks.wason;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Segment;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.PartnerView;
import io.parley.tasks.language.Act;
import io.parley.tasks.people.Regime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Card selection episodes. Nothing that was made for a round is changed afterwards, so that a fork shares it all.
 *
 * <p>Participants see the evidence where the collaborator does. Where it is withheld they cannot see the symbols
 * either: each imagines some, so that their stances tell nothing about the cards.
 */
final class WasonEpisodes implements Episodes {
    /** One round of all episodes: what was asked and said, and, once it is over, what came of it. */
    private static final class Round {
        final Question[] questions;
        final boolean[] visible;
        final Intervention[] interventions;
        /** The code of each suggestion, or {@link Discussion#SILENT}. */
        final int[] suggestions;
        /** Selections by episode and participant. */
        final int[][] before;
        final Script.Asked[] scenes;

        Script.Answer[] answers;
        String[] raw;
        int[][] after;
        List<Map<String, Double>> rewards;

        Round(int size) {
            questions = new Question[size];
            visible = new boolean[size];
            interventions = new Intervention[size];
            suggestions = new int[size];
            before = new int[size][];
            scenes = new Script.Asked[size];
        }

        private Round(Round asked) {
            questions = asked.questions;
            visible = asked.visible;
            interventions = asked.interventions;
            suggestions = asked.suggestions;
            before = asked.before;
            scenes = asked.scenes;
        }

        /** This round, over. */
        Round over(Script.Answer[] read, String[] texts, int[][] selections, List<Map<String, Double>> earned) {
            Round over = new Round(this);
            over.answers = read;
            over.raw = texts;
            over.after = selections;
            over.rewards = earned;
            return over;
        }
    }

    private final Wason task;
    private final EpisodeRequest request;
    /** Questions and people draw from streams of their own: another split, other numbers. */
    private final RandomStreams streams;
    private final int[][] personalities;
    private final List<Round> past = new ArrayList<>();
    /** Null when done. */
    private Round now;
    private List<Prompt> prompts;

    WasonEpisodes(Wason task, EpisodeRequest request) {
        this.task = task;
        this.request = request;
        this.streams = request.streams().derive("wason/" + request.split());
        this.personalities = new int[request.count()][task.config.participants()];
        for (int i = 0; i < personalities.length; i++) {
            for (int person = 0; person < personalities[i].length; person++) {
                personalities[i][person] = task.people.personality(streams.stream("personality", episode(i), 0, person));
            }
        }
        ask();
    }

    private WasonEpisodes(WasonEpisodes other) {
        task = other.task;
        request = other.request;
        streams = other.streams;
        personalities = other.personalities;
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
            strata[i] = evidence(now, i);
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
        return new WasonEpisodes(this);
    }

    /** The question of an episode in this round. */
    Question question(int i) {
        return now.questions[i];
    }

    boolean visible(int i) {
        return now.visible[i];
    }

    /** The code of what the partner suggests to an episode in this round; negative when it is silent. */
    int suggestion(int i) {
        return now.suggestions[i];
    }

    /** The code of the response to the same question in the round before; negative when the question is new. */
    int earlierAnswer(int i) {
        return now.scenes[i].earlier() == null ? Discussion.SILENT : past.get(past.size() - 1).answers[i].code();
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
        int round = round();
        boolean first = round == 1;
        boolean newQuestion = first || task.config.regime() == Regime.RECORD;
        Round previous = first ? null : past.get(past.size() - 1);
        Round asked = new Round(size());
        List<Prompt> shown = new ArrayList<>(size());
        double q = newQuestion ? task.config.visible().get(round - 1) : 0;
        for (int i = 0; i < size(); i++) {
            long episode = episode(i);
            if (newQuestion) {
                asked.questions[i] = Question.draw(request.split(), streams.stream("question", episode, round, 0));
                asked.visible[i] = streams.stream("visible", episode, round, 0).nextDouble() < q;
                asked.before[i] = initialSelections(asked.questions[i], asked.visible[i], episode, round);
            } else {
                asked.questions[i] = previous.questions[i];
                asked.visible[i] = previous.visible[i];
                asked.before[i] = previous.after[i];
            }
            asked.scenes[i] = new Script.Asked(request.split(), streams, episode, round, asked.questions[i], asked.before[i],
                    newQuestion ? null : previous.before[i]);
            asked.interventions[i] = request.partner().intervene(new View(i, asked), request.streams());
            asked.suggestions[i] = asked.interventions[i].silent()
                    ? Discussion.SILENT
                    : Stances.parse(asked.interventions[i].suggestion(), "the partner's suggestion");
            shown.add(prompt(first ? null : prompts.get(i), previous, asked, i));
        }
        now = asked;
        prompts = List.copyOf(shown);
    }

    private int[] initialSelections(Question question, boolean visible, long episode, int round) {
        int[] selections = new int[task.config.participants()];
        for (int person = 0; person < selections.length; person++) {
            RandomGenerator random = streams.stream("initial", episode, round, person);
            int parts = task.selections.initialParts(random);
            selections[person] = visible
                    ? question.place(parts)
                    : Question.place(parts, Question.ORDERS[random.nextInt(Question.ORDERS.length)]);
        }
        return selections;
    }

    private static boolean truthful(Round round, int i) {
        return round.suggestions[i] == Stances.ofSelection(round.questions[i].correct());
    }

    private Prompt prompt(Prompt earlier, Round previous, Round asked, int i) {
        int round = round();
        Script script = task.script;
        List<Segment> segments = new ArrayList<>(6 * round + 1);
        if (earlier == null) {
            segments.add(script.rules());
        } else {
            segments.addAll(earlier.segments());
            segments.add(script.response(round - 1, previous.answers[i].code(), previous.raw[i]));
            // An open question is not settled before the end.
            boolean settled = previous.visible[i] && task.config.regime() == Regime.RECORD;
            script.settle(round - 1, settled, previous.questions[i], segments);
        }
        script.ask(asked.scenes[i], asked.visible[i], segments);
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
        return now.over(answers, raw, after, rewards);
    }

    /** Selections of the participants of an episode after a response; all change their minds at once. */
    private int[] discuss(int i, int response) {
        int[] before = now.before[i];
        int[] after = new int[before.length];
        Question question = now.questions[i];
        Discussion.Situation situation = new Discussion.Situation(
                now.visible[i] ? question.cardOfPart() : null, question.correct(), response, now.suggestions[i]);
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

    private static String evidence(Round round, int i) {
        return round.visible[i] ? "visible" : "withheld";
    }

    /** The partner's view of the round that is about to be asked. */
    private final class View implements PartnerView {
        private final int row;
        private final Round asked;
        private final Question question;

        View(int row, Round asked) {
            this.row = row;
            this.asked = asked;
            this.question = asked.questions[row];
        }

        @Override
        public long episode() {
            return WasonEpisodes.this.episode(row);
        }

        @Override
        public int round() {
            return WasonEpisodes.this.round();
        }

        @Override
        public int rounds() {
            return task.rounds();
        }

        @Override
        public Prompt prompt() {
            List<Segment> segments = new ArrayList<>(List.of(task.script.rules()));
            for (int round = 1; round <= past.size(); round++) {
                Round over = past.get(round - 1);
                task.script.ask(over.scenes[row], true, segments);
                segments.add(task.script.intervention(over.scenes[row], over.interventions[row]));
                segments.add(task.script.response(round, over.answers[row].code(), over.raw[row]));
                task.script.settle(round, true, over.questions[row], segments);
            }
            task.script.ask(asked.scenes[row], true, segments);
            return new Prompt(segments);
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
                for (Round round : past) {
                    if (round.suggestions[row] != Discussion.SILENT && !truthful(round, row)) {
                        return Stances.words(round.suggestions[row]);
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

        @Override
        public List<Intervention> earlier() {
            return past.stream().map(round -> round.interventions[row]).toList();
        }
    }

    private static List<String> words(int selection) {
        return Stances.words(Stances.ofSelection(selection));
    }

    @Override
    public List<ObjectNode> log() {
        List<ObjectNode> logs = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            ObjectNode log = DialogueLog.begin("wason", request.split(), episode(i));
            log.put("regime", task.config.regime().toString());
            ArrayNode participants = log.putArray("participants");
            for (int personality : personalities[i]) {
                participants.add(task.people.personalityName(personality));
            }
            for (Round round : past) {
                logRound(round, i, log);
            }
            logs.add(log);
        }
        return logs;
    }

    private static void logRound(Round round, int i, ObjectNode log) {
        Question question = round.questions[i];
        ObjectNode node = DialogueLog.add(log, new DialogueLog.Round(
                words(question.correct()), round.visible[i], round.visible[i], round.interventions[i],
                round.raw[i], Stances.words(round.answers[i].code()), round.rewards.get(i)));
        if (round.answers[i].acts() != null) {
            DialogueLog.addSpeech(node, round.answers[i].parsed(), round.answers[i].acts().stream().map(Act::toString).toList());
            if (!round.interventions[i].silent()) {
                ((ObjectNode) node.get("intervention")).put("text", Talk.words(round.scenes[i], round.interventions[i]));
            }
        }
        node.put("rule", question.rule().text());
        addAll(node.putArray("cards"), List.of(question.cards().split(" ")));
        ObjectNode stances = node.putObject("stances");
        logSelections(stances.putArray("before"), round.before[i]);
        logSelections(stances.putArray("after"), round.after[i]);
        addAll(node.putArray("submission"), words(Discussion.majority(round.after[i])));
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
