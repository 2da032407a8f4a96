package io.parley.benchmarks.contracts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyExporter;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.TrainingContext;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Task, policies and algorithms together, in words. */
class FullPressTest {
    private static final PluginContext CONTEXT = PluginContext.standalone(1);
    private static final InterventionAgent PARTNER =
            CONTEXT.plugins().find(InterventionAgentProvider.class, "mixed").configured(PluginSpec.of("mixed"), CONTEXT);
    private static final float TOLERANCE = 1e-5f;

    private static Task task(Map<String, Object> configuration) {
        return CONTEXT.plugins().find(TaskProvider.class, "wason").configured(PluginSpec.of("wason", configuration), CONTEXT);
    }

    private static TrainablePolicy transformer(Task task, int hidden) {
        PluginSpec spec = PluginSpec.of("transformer", Map.of("hidden", hidden, "layers", 2, "context", 2048));
        return (TrainablePolicy) CONTEXT.plugins().find(PolicyProvider.class, "transformer").configured(spec, task.text(), CONTEXT);
    }

    private static void clone(Task task, TrainablePolicy policy, Map<String, Object> configuration) {
        CONTEXT.plugins().find(AlgorithmProvider.class, "bc").configured(PluginSpec.of("bc", configuration), CONTEXT).train(
                new TrainingContext(task, PARTNER, (prompt, response, parts) -> 0, 0, List.of(), new RandomStreams(3),
                        (responses, metrics) -> {}, () -> false, CONTEXT), policy);
    }

    /** What was shown and answered in each round. */
    private record Played(List<Prompt> prompts, List<Response> responses, List<ObjectNode> logs) {}

    private static Played play(Task task, Policy policy, int count, Split split) {
        RandomStreams streams = new RandomStreams(5);
        Episodes episodes = task.begin(new EpisodeRequest(split, 0, count, PARTNER, streams));
        Played played = new Played(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        while (!episodes.done()) {
            List<RandomGenerator> draws = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                draws.add(streams.stream("sample", i, episodes.round(), 0));
            }
            List<Response> responses = policy.sample(episodes.prompts(), SamplingConfig.standard(), draws);
            played.prompts.addAll(episodes.prompts());
            played.responses.addAll(responses);
            episodes.step(responses);
        }
        played.logs.addAll(episodes.log());
        return played;
    }

    /** The paper's length: one growing sequence, sampled with what is kept from round to round, scored by one forward. */
    @Test
    void fifteenRoundsAtOnceAreFifteenRoundsOneByOne(@TempDir Path folder) throws IOException {
        Task task = task(Map.of("press", "full", "regime", "single"));
        try (TrainablePolicy policy = transformer(task, 32); TrainablePolicy again = transformer(task, 32)) {
            clone(task, policy, Map.of("demonstrations", 90, "epochs", 2, "batchSize", 30, "learningRate", 0.01));
            int count = 3;
            Played played = play(task, policy, count, Split.TEST);
            assertEquals(15 * count, played.prompts.size());
            assertTrue(played.responses.stream().mapToInt(r -> r.logProbs().length).distinct().count() > 3, "unequal lengths");
            Scores together = policy.score(played.prompts, played.responses, ScoreRequest.logProbs().withValues());
            policy.save(folder.resolve("policy"));
            assertTrue(Files.size(folder.resolve("policy/tokenizer.json")) > 0);
            again.load(folder.resolve("policy"));
            Path file = folder.resolve("policy.onnx");
            CONTEXT.plugins().find(PolicyExporter.class, "onnx")
                    .export(folder.resolve("policy"), JsonNodeFactory.instance.objectNode(), file);
            PluginSpec frozen = PluginSpec.of("onnx", Map.of("path", file.toString()));
            try (Policy exported = CONTEXT.plugins().find(PolicyProvider.class, "onnx").configured(frozen, task.text(), CONTEXT)) {
                Scores served = exported.score(played.prompts, played.responses, ScoreRequest.logProbs());
                for (int i = 0; i < played.prompts.size(); i++) {
                    List<Prompt> prompt = played.prompts.subList(i, i + 1);
                    // Its words alone, so that it is split into tokens anew.
                    List<Response> words = List.of(Response.of(played.responses.get(i).text()));
                    Scores alone = again.score(prompt, words, ScoreRequest.logProbs().withValues());
                    assertArrayEquals(together.logProbs()[i], alone.logProbs()[0], TOLERANCE);
                    assertArrayEquals(together.values()[i], alone.values()[0], TOLERANCE);
                    assertArrayEquals(together.logProbs()[i], played.responses.get(i).logProbs(), TOLERANCE);
                    assertArrayEquals(together.logProbs()[i], served.logProbs()[i], TOLERANCE);
                }
            }
        }
    }

    /** In half a minute of training; docs/language.md has what more of it gives, which is above 0.99. */
    @Test
    void aCloneSpeaksInWholeSentencesAndDoesWhatPeopleDo() {
        Task task = task(Map.of("press", "full", "rounds", 1, "participants", 2));
        Map<String, Object> start = Map.of("demonstrations", 6_000, "epochs", 6, "batchSize", 16, "learningRate", 0.003, "decay", true);
        try (TrainablePolicy policy = transformer(task, 32)) {
            clone(task, policy, start);
            Played played = play(task, policy, 2000, Split.TRAIN);
            Map<String, Metric> metrics = Scorer.score(played.logs);
            assertTrue(metrics.get("parsed").value() >= 0.95, "parsed " + metrics.get("parsed").value());
            Set<String> said = new HashSet<>();
            played.logs.forEach(log -> said.addAll(acts(log)));
            Set<String> demonstrated = demonstrated(task, 6000);
            Set<String> both = new HashSet<>(demonstrated);
            both.retainAll(said);
            assertTrue(both.size() >= 0.8 * demonstrated.size(), both.size() + " of " + demonstrated + " used: " + said);
        }
    }

    /** Each act of a response with the stances of the response. */
    private static Set<String> acts(JsonNode log) {
        Set<String> acts = new HashSet<>();
        for (JsonNode round : log.get("rounds")) {
            round.at("/response/acts").forEach(act -> acts.add(act.asText() + " " + round.at("/response/stances")));
        }
        return acts;
    }

    /** The acts of as many demonstrated dialogues, as the task reads them. */
    private static Set<String> demonstrated(Task task, int episodes) {
        int rounds = task.rounds();
        List<Response> all = task.demonstrations(
                        new DemonstrationRequest(episodes * rounds, 0.3, PARTNER, List.of(), new RandomStreams(3)))
                .stream().map(demonstration -> demonstration.response()).toList();
        Episodes played = task.begin(new EpisodeRequest(Split.TRAIN, 0, episodes, PARTNER, new RandomStreams(3)));
        for (int round = 0; round < rounds; round++) {
            int now = round;
            played.step(IntStream.range(0, episodes).mapToObj(i -> all.get(i * rounds + now)).toList());
        }
        Set<String> acts = new HashSet<>();
        played.log().forEach(log -> acts.addAll(acts(log)));
        return acts;
    }
}
