package io.parley.benchmarks.play;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.PartnerView;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** A person is the partner of a policy, episode by episode, and is told each time what the silent twin answered. */
public final class Play {
    private final Task task;
    private final Policy policy;
    private final RandomStreams streams;
    private final PrintWriter out;
    private final Board board;
    private final Consumer<List<ObjectNode>> record;

    /**
     * @param seed the same seed gives the same questions, and the same answers to the same suggestions
     * @param record told after every round the logs of all episodes so far, the twin's answers included
     */
    public Play(Task task, Policy policy, long seed, PrintWriter out, Consumer<List<ObjectNode>> record) {
        this.task = task;
        this.policy = policy;
        this.streams = new RandomStreams(seed).derive("play");
        this.out = out;
        this.board = new Board(out, task);
        this.record = record;
    }

    /** Plays with a person, until they leave or all episodes are over. */
    public void withPerson(BufferedReader in, int episodes) {
        board.introduce();
        play(new Person(in, out, board, task, episodes), episodes);
    }

    /** Plays with the partner of recorded episodes. */
    public void withRecorded(List<JsonNode> logs) {
        play(new Replay(logs, board), logs.size());
    }

    private void play(Partner partner, int episodes) {
        List<ObjectNode> logs = List.of();
        for (int episode = 0; episode < episodes && !partner.gone(); episode++) {
            logs = episode(partner, episode, logs);
        }
        summarise(logs);
        out.flush();
    }

    /** @return {@code before} and, once a round of it was played, this episode's log */
    private List<ObjectNode> episode(Partner partner, int episode, List<ObjectNode> before) {
        List<ObjectNode> logs = before;
        Heard heard = new Heard(partner);
        Episodes here = begin(heard, episode);
        Episodes twin = begin((view, random) -> Intervention.SILENCE, episode);
        while (!here.done() && !partner.gone()) {
            Response response = answer(here, episode);
            Response alone = answer(twin, episode);
            // Ahead of the step, which asks the partner for the next round.
            heard.waiting = true;
            ObjectNode log = after(here, response);
            ObjectNode twinLog = after(twin, alone);
            heard.waiting = false;
            board.tell(heard.solution, heard.said, lastAnswer(log), lastAnswer(twinLog), here.strata().get(0));
            Scorer.mergeTwin(log, twinLog);
            logs = new ArrayList<>(before);
            logs.add(log.put(DialogueLog.PARTNER, "person"));
            record.accept(logs);
            here.step(List.of(response));
            twin.step(List.of(alone));
        }
        return logs;
    }

    private Episodes begin(InterventionAgent partner, int episode) {
        return task.begin(new EpisodeRequest(Split.TEST, episode, 1, partner, streams));
    }

    /** The log once this is said. */
    private static ObjectNode after(Episodes episodes, Response said) {
        Episodes ahead = episodes.fork();
        ahead.step(List.of(said));
        return ahead.log().get(0);
    }

    private static Board.Answer lastAnswer(ObjectNode log) {
        JsonNode rounds = log.get(DialogueLog.ROUNDS);
        JsonNode response = rounds.get(rounds.size() - 1).get(DialogueLog.RESPONSE);
        List<String> stances = new ArrayList<>();
        response.get("stances").forEach(stance -> stances.add(stance.asText()));
        return new Board.Answer(response.get("raw").asText(), stances);
    }

    private Response answer(Episodes episodes, int episode) {
        List<Prompt> prompts = policy.fit(episodes.prompts());
        return policy.sample(prompts, SamplingConfig.standard(),
                List.of(streams.stream("sample", episode, episodes.round(), 0))).get(0);
    }

    /** Remembers what its partner said last, and what was right. */
    private static final class Heard implements InterventionAgent {
        private final Partner partner;
        private List<String> solution;
        private Intervention said;
        /** While a round is looked ahead to, nobody is asked. */
        private boolean waiting;

        Heard(Partner partner) {
            this.partner = partner;
        }

        @Override
        public Intervention intervene(PartnerView view, RandomStreams streams) {
            if (waiting) {
                return Intervention.SILENCE;
            }
            solution = view.trueSuggestion();
            said = partner.intervene(view, streams);
            return said;
        }
    }

    private void summarise(List<ObjectNode> logs) {
        out.println();
        if (logs.isEmpty()) {
            board.say("No round was played.");
            return;
        }
        Map<String, Metric> metrics = Scorer.score(logs);
        board.say("It took over " + hits(metrics.get("uptake"), false) + " suggestions, and was right in "
                + hits(metrics.get("accuracy"), false) + " rounds.");
        out.println();
        out.println("How often it listened");
        out.println("when it should have");
        row(metrics, "  no evidence, wrong alone; you true, now and before", "ignoring", true);
        out.println("when it should not have");
        row(metrics, "  saw the evidence, right alone; you false", "mimicry", false);
        row(metrics, "  no evidence; caught you in a falsehood before", "overTrust", false);
    }

    private void row(Map<String, Metric> metrics, String text, String name, boolean complement) {
        Metric metric = metrics.get(name);
        String value = metric.value() == null ? "no such round" : String.format(Locale.ROOT, "%s %.2f",
                name.equals("overTrust") ? "over-trust" : name, metric.value());
        out.println(String.format(Locale.ROOT, "%-52s  %-8s  %s", text,
                metric.value() == null ? "-" : hits(metric, complement), value));
    }

    /** Such as "2 of 3". */
    private static String hits(Metric metric, boolean complement) {
        long hits = metric.value() == null ? 0 : Math.round(metric.value() * metric.count());
        return (complement ? metric.count() - hits : hits) + " of " + metric.count();
    }
}
