package io.parley.core.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.QuestionTask.Question;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Episodes of a {@link QuestionTask}. */
final class QuestionEpisodes implements Episodes {
    private final QuestionTask task;
    private final EpisodeRequest request;
    /** Questions have streams of their own in each split. */
    private final RandomStreams streams;
    private final List<Dialogue> dialogues = new ArrayList<>();
    private int round = 1;

    /** One episode so far: what the collaborator is shown, what the partner is shown, and the round that is asked. */
    private static final class Dialogue {
        final List<Segment> shown = new ArrayList<>();
        final List<Segment> seen = new ArrayList<>();
        final List<Intervention> said = new ArrayList<>();
        ObjectNode log;
        Question question;

        Dialogue copy() {
            Dialogue copy = new Dialogue();
            copy.shown.addAll(shown);
            copy.seen.addAll(seen);
            copy.said.addAll(said);
            copy.log = log.deepCopy();
            copy.question = question;
            return copy;
        }

        Intervention lastSaid() {
            return said.get(said.size() - 1);
        }

        void addToBoth(Segment segment) {
            shown.add(segment);
            seen.add(segment);
        }
    }

    QuestionEpisodes(QuestionTask task, EpisodeRequest request) {
        this.task = task;
        this.request = request;
        this.streams = request.streams().derive(task.name() + "/" + request.split());
        for (int i = 0; i < request.count(); i++) {
            Dialogue dialogue = new Dialogue();
            dialogue.log = DialogueLog.begin(task.name(), request.split(), request.first() + i);
            dialogues.add(dialogue);
        }
        ask();
    }

    private QuestionEpisodes(QuestionEpisodes other) {
        task = other.task;
        request = other.request;
        streams = other.streams;
        round = other.round;
        other.dialogues.forEach(dialogue -> dialogues.add(dialogue.copy()));
    }

    private void ask() {
        for (int i = 0; i < dialogues.size(); i++) {
            Dialogue dialogue = dialogues.get(i);
            Question question = task.ask(request.split(), streams.stream("question", request.first() + i, round, 0));
            task.parse(question.solution(), "the solution");
            dialogue.question = question;
            if (!question.text().isEmpty()) {
                dialogue.addToBoth(user(SegmentKind.QUESTION, question.text()));
            }
            dialogue.seen.add(user(SegmentKind.EVIDENCE, question.evidence()));
            dialogue.shown.add(user(SegmentKind.EVIDENCE,
                    question.visible() ? question.evidence() : empty(QuestionTask.count(question.evidence()))));
            Intervention said = request.partner().intervene(new View(dialogue, request.first() + i, round), request.streams());
            dialogue.said.add(said);
            dialogue.addToBoth(user(SegmentKind.INTERVENTION, said.silent()
                    ? empty(question.solution().size())
                    : String.join(" ", task.parse(said.suggestion(), "the partner's suggestion"))));
        }
    }

    private Segment user(SegmentKind kind, String text) {
        return new Segment(Role.USER, kind, round, text);
    }

    private static String empty(int words) {
        return String.join(" ", Collections.nCopies(words, QuestionTask.EMPTY));
    }

    Question question(int i) {
        return dialogues.get(i).question;
    }

    Intervention said(int i) {
        return dialogues.get(i).lastSaid();
    }

    @Override
    public int size() {
        return dialogues.size();
    }

    @Override
    public int round() {
        return round;
    }

    @Override
    public boolean done() {
        return round > task.rounds();
    }

    @Override
    public List<Prompt> prompts() {
        undone();
        return dialogues.stream().map(dialogue -> new Prompt(dialogue.shown)).toList();
    }

    @Override
    public List<String> strata() {
        undone();
        return dialogues.stream().map(dialogue -> dialogue.question.visible() ? "visible" : "withheld").toList();
    }

    @Override
    public List<Map<String, Double>> score(List<Response> responses) {
        undone();
        if (responses.size() != size()) {
            throw new IllegalArgumentException(responses.size() + " responses for " + size() + " episodes");
        }
        List<Map<String, Double>> rewards = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            rewards.add(task.reward(dialogues.get(i).question, answer(responses.get(i))));
        }
        return rewards;
    }

    private List<String> answer(Response response) {
        return task.parse(QuestionTask.words(response.text()), "the response");
    }

    @Override
    public List<Map<String, Double>> step(List<Response> responses) {
        List<Map<String, Double>> rewards = score(responses);
        for (int i = 0; i < size(); i++) {
            Dialogue dialogue = dialogues.get(i);
            Question question = dialogue.question;
            String text = responses.get(i).text();
            DialogueLog.add(dialogue.log, new DialogueLog.Round(question.solution(), question.visible(), question.visible(),
                    dialogue.lastSaid(), text, answer(responses.get(i)), rewards.get(i)));
            String solution = String.join(" ", question.solution());
            dialogue.addToBoth(new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, text));
            dialogue.shown.add(user(SegmentKind.OUTCOME, question.visible() ? solution : empty(question.solution().size())));
            dialogue.seen.add(user(SegmentKind.OUTCOME, solution));
        }
        round++;
        if (!done()) {
            ask();
        }
        return rewards;
    }

    private void undone() {
        if (done()) {
            throw new IllegalStateException("the episodes are over after " + task.rounds() + " rounds");
        }
    }

    @Override
    public Episodes fork() {
        return new QuestionEpisodes(this);
    }

    @Override
    public List<ObjectNode> log() {
        return dialogues.stream().map(dialogue -> dialogue.log.deepCopy()).toList();
    }

    /** The partner's view of the round that is about to be asked. */
    private final class View implements PartnerView {
        private final Dialogue dialogue;
        private final long episode;
        private final int asked;

        View(Dialogue dialogue, long episode, int asked) {
            this.dialogue = dialogue;
            this.episode = episode;
            this.asked = asked;
        }

        @Override
        public long episode() {
            return episode;
        }

        @Override
        public int round() {
            return asked;
        }

        @Override
        public int rounds() {
            return task.rounds();
        }

        @Override
        public Prompt prompt() {
            return new Prompt(dialogue.seen);
        }

        @Override
        public List<String> trueSuggestion() {
            return dialogue.question.solution();
        }

        @Override
        public List<String> falseSuggestion(RandomGenerator random) {
            List<String> suggestion;
            do {
                suggestion = task.anyAnswer(random);
            } while (suggestion.equals(dialogue.question.solution()));
            return suggestion;
        }

        @Override
        public List<String> biasedSuggestion() {
            return task.bias(dialogue.question);
        }

        @Override
        public List<Intervention> earlier() {
            return List.copyOf(dialogue.said);
        }
    }
}
