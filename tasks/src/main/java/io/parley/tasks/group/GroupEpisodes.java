package io.parley.tasks.group;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How episodes with a group go: a round is asked, the partner intervenes, the collaborator responds, and the participants make up
 * their minds. What is asked, and what comes of the responses, a task writes. Nothing that was made for a round is changed
 * afterwards, so that a fork shares it all.
 *
 * @param <A> what a round asks in all episodes
 * @param <R> a round of all episodes that is over
 */
public abstract class GroupEpisodes<A extends GroupEpisodes.Asked, R extends GroupEpisodes.Round<A>> implements Episodes {
    /** In place of the code of a suggestion or an answer: there is none. */
    public static final int SILENT = -1;

    /** What a round asks in all episodes. */
    public abstract static class Asked {
        private final Intervention[] interventions;
        private final int[] suggestions;

        protected Asked(int size) {
            interventions = new Intervention[size];
            suggestions = new int[size];
        }

        /** What the partner says in an episode. */
        public final Intervention intervention(int i) {
            return interventions[i];
        }

        /** The code of what it suggests, or {@link #SILENT}. */
        public final int suggestion(int i) {
            return suggestions[i];
        }

        /** Whether the collaborator sees the evidence. */
        protected abstract boolean visible(int i);

        /** The correct stances, as words. */
        protected abstract List<String> solution(int i);
    }

    /** What a response says. */
    public interface Answer {
        /** As words. */
        List<String> stances();

        /** Whether it could be read. */
        boolean parsed();

        /** What it does, sentence by sentence; null where responses are no sentences. */
        List<Act> acts();
    }

    /** A round of all episodes that is over; arrays by episode. */
    public interface Round<A extends Asked> {
        A asked();

        Answer[] answers();

        /** The responses as they came. */
        String[] raw();

        /** What was earned, by part. */
        List<Map<String, Double>> rewards();
    }

    protected final EpisodeRequest request;
    /** Questions and people draw from streams of their own: another split, other numbers. */
    protected final RandomStreams streams;
    /** By episode and participant. */
    protected final int[][] personalities;
    protected final List<R> past = new ArrayList<>();
    /** Null when done. */
    protected A now;
    private final String name;
    private final GroupTask task;
    private List<Prompt> prompts;

    /**
     * Episodes of which nothing is asked yet: a task goes on with {@link #ask()}.
     *
     * @param name the task's, in logs and random streams
     */
    protected GroupEpisodes(String name, GroupTask task, EpisodeRequest request) {
        this.name = name;
        this.task = task;
        this.request = request;
        this.streams = request.streams().derive(name + "/" + request.split());
        this.personalities = new int[request.count()][task.participants()];
        for (int i = 0; i < personalities.length; i++) {
            for (int person = 0; person < personalities[i].length; person++) {
                personalities[i][person] = task.people().personality(streams.stream("personality", episode(i), 0, person));
            }
        }
    }

    /** A fork. */
    protected GroupEpisodes(GroupEpisodes<A, R> other) {
        name = other.name;
        task = other.task;
        request = other.request;
        streams = other.streams;
        personalities = other.personalities;
        past.addAll(other.past);
        now = other.now;
        prompts = other.prompts;
    }

    /**
     * What the next round asks.
     *
     * @param previous the round before it; null in the first
     */
    protected abstract A ask(R previous);

    /** The code of what the partner suggests. */
    protected abstract int code(List<String> suggestion);

    /**
     * The round that is asked, with its responses; the state of these episodes is left as it is.
     *
     * @param last whether the dialogues end with it
     */
    protected abstract R over(List<Response> responses, boolean last);

    /** What a dialogue begins with. */
    protected abstract List<Segment> begin(int i);

    /**
     * Adds all that an episode is shown in a round before the partner speaks.
     *
     * @param partner whether it is shown to the partner, who always sees the evidence; else to the collaborator
     */
    protected abstract void show(A asked, int i, boolean partner, List<Segment> segments);

    /** What the partner says, or its silence. */
    protected abstract Segment intervention(A asked, int i);

    /** The words in which the partner says it, where all speak in words and it is not silent. */
    protected abstract String words(A asked, int i);

    /**
     * Adds the response and how the round was settled, if it was.
     *
     * @param partner whether it is shown to the partner, for whom every round is settled; else to the collaborator
     */
    protected abstract void settle(R over, int i, boolean partner, List<Segment> segments);

    /** What the partner can know of a round that is about to be asked. */
    protected abstract PartnerView view(A asked, int i);

    /** Adds to the log of an episode what the task says of the whole dialogue; nothing, unless this is overridden. */
    protected void describe(int i, ObjectNode log) {}

    /** Adds to a round's node what the task says of it. */
    protected abstract void describe(R over, int i, ObjectNode node);

    @Override
    public final int size() {
        return personalities.length;
    }

    @Override
    public final int round() {
        return past.size() + 1;
    }

    @Override
    public final boolean done() {
        return now == null;
    }

    @Override
    public final List<Prompt> prompts() {
        undone();
        return prompts;
    }

    @Override
    public final List<String> strata() {
        undone();
        String[] strata = new String[size()];
        for (int i = 0; i < strata.length; i++) {
            strata[i] = now.visible(i) ? "visible" : "withheld";
        }
        return List.of(strata);
    }

    @Override
    public final List<Map<String, Double>> score(List<Response> responses) {
        return take(responses, true).rewards();
    }

    @Override
    public final List<Map<String, Double>> step(List<Response> responses) {
        R over = take(responses, round() == task.rounds());
        past.add(over);
        if (past.size() == task.rounds()) {
            now = null;
            prompts = null;
        } else {
            ask();
        }
        return over.rewards();
    }

    private R take(List<Response> responses, boolean last) {
        undone();
        if (responses.size() != size()) {
            throw new IllegalArgumentException(responses.size() + " responses for " + size() + " episodes");
        }
        return over(responses, last);
    }

    private void undone() {
        if (now == null) {
            throw new IllegalStateException("the episodes are over after " + task.rounds() + " rounds");
        }
    }

    /** The code of what the partner suggests to an episode in this round, or {@link #SILENT}. */
    public final int suggestion(int i) {
        return now.suggestion(i);
    }

    /** Asks the next round. */
    protected final void ask() {
        R previous = past.isEmpty() ? null : past.get(past.size() - 1);
        A asked = ask(previous);
        List<Prompt> shown = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            Intervention said = request.partner().intervene(view(asked, i), request.streams());
            ((Asked) asked).interventions[i] = said;
            ((Asked) asked).suggestions[i] = said.silent() ? SILENT : code(said.suggestion());
            List<Segment> segments = new ArrayList<>(7 * round() + 5);
            if (previous == null) {
                segments.addAll(begin(i));
            } else {
                segments.addAll(prompts.get(i).segments());
                settle(previous, i, false, segments);
            }
            show(asked, i, false, segments);
            segments.add(intervention(asked, i));
            shown.add(new Prompt(segments));
        }
        now = asked;
        prompts = List.copyOf(shown);
    }

    protected final long episode(int i) {
        return request.first() + i;
    }

    @Override
    public final List<ObjectNode> log() {
        List<ObjectNode> logs = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            ObjectNode log = DialogueLog.begin(name, request.split(), episode(i));
            log.put("regime", task.regime().toString());
            ArrayNode participants = log.putArray("participants");
            for (int personality : personalities[i]) {
                participants.add(task.people().personalityName(personality));
            }
            describe(i, log);
            for (R over : past) {
                log(over, i, log);
            }
            logs.add(log);
        }
        return logs;
    }

    private void log(R over, int i, ObjectNode log) {
        A asked = over.asked();
        Answer answer = over.answers()[i];
        ObjectNode node = DialogueLog.add(log, new DialogueLog.Round(
                asked.solution(i), asked.visible(i), asked.visible(i), asked.intervention(i),
                over.raw()[i], answer.stances(), over.rewards().get(i)));
        if (answer.acts() != null) {
            DialogueLog.addSpeech(node, answer.parsed(), answer.acts().stream().map(Act::toString).toList());
            if (!asked.intervention(i).silent()) {
                ((ObjectNode) node.get("intervention")).put("text", words(asked, i));
            }
        }
        describe(over, i, node);
    }

    /** The partner's view of a round that is about to be asked. */
    protected abstract class View implements PartnerView {
        protected final A asked;
        protected final int row;

        protected View(A asked, int row) {
            this.asked = asked;
            this.row = row;
        }

        @Override
        public final long episode() {
            return GroupEpisodes.this.episode(row);
        }

        @Override
        public final int round() {
            return GroupEpisodes.this.round();
        }

        @Override
        public final int rounds() {
            return task.rounds();
        }

        @Override
        public final Prompt prompt() {
            List<Segment> segments = new ArrayList<>(begin(row));
            for (R over : past) {
                show(over.asked(), row, true, segments);
                segments.add(intervention(over.asked(), row));
                settle(over, row, true, segments);
            }
            show(asked, row, true, segments);
            return new Prompt(segments);
        }

        @Override
        public final List<Intervention> earlier() {
            return past.stream().map(over -> over.asked().intervention(row)).toList();
        }
    }
}
