package io.parley.benchmarks.contracts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Segment;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyExporter;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.Demonstration;
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
import io.parley.tasks.scoring.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Task, policies and algorithms together, in words. */
class FullPressTest {
    private static final PluginContext CONTEXT = PluginContext.standalone(1);
    private static final InterventionAgent PARTNER =
            CONTEXT.plugins().find(InterventionAgentProvider.class, "mixed").configured(PluginSpec.of("mixed"), CONTEXT);
    /** That of the dialogues which {@code bc} shows where nobody names another. */
    private static final InterventionAgent DEMONSTRATED = CONTEXT.plugins().find(InterventionAgentProvider.class, "mixed")
            .configured(PluginSpec.of("mixed", Map.of("helpful", 0.5, "silent", 0.15)), CONTEXT);
    private static final float TOLERANCE = 1e-5f;

    private static Task task(Map<String, Object> configuration) {
        return task("wason", configuration);
    }

    private static Task task(String id, Map<String, Object> configuration) {
        return CONTEXT.plugins().find(TaskProvider.class, id).configured(PluginSpec.of(id, configuration), CONTEXT);
    }

    private static TrainablePolicy transformer(Task task, int hidden, long seed) {
        PluginSpec spec = PluginSpec.of("transformer", Map.of("hidden", hidden, "layers", 2, "context", 2048));
        return (TrainablePolicy) CONTEXT.plugins().find(PolicyProvider.class, "transformer")
                .configured(spec, task.text(), PluginContext.standalone(seed));
    }

    private static void clone(Task task, TrainablePolicy policy, Map<String, Object> configuration, long seed) {
        CONTEXT.plugins().find(AlgorithmProvider.class, "bc").configured(PluginSpec.of("bc", configuration), CONTEXT).train(
                new TrainingContext(task, PARTNER, (prompt, response, parts) -> 0, 0, List.of(), new RandomStreams(seed),
                        (responses, metrics) -> {}, () -> false), policy);
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
        try (TrainablePolicy policy = transformer(task, 32, 1); TrainablePolicy again = transformer(task, 32, 2)) {
            clone(task, policy, Map.of("demonstrations", 90, "epochs", 2, "batchSize", 30, "learningRate", 0.01), 3);
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
                    .configured(PluginSpec.of("onnx"), CONTEXT.plugins(), folder.resolve("policy"),
                            JsonNodeFactory.instance.objectNode(), file);
            PluginSpec frozen = PluginSpec.of("onnx", Map.of("path", file.toString()));
            try (Policy exported = CONTEXT.plugins().find(PolicyProvider.class, "onnx")
                    .configured(frozen, task.text(), CONTEXT)) {
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

    /**
     * What a pretrained model's policy keeps from sampling and of its frozen layers is the same, whoever scores counterfactual
     * states beside it.
     */
    @ParameterizedTest
    @CsvSource({"reward, prefix, 3", "loss, prefix, 3", "reward, prefix, 1", "loss, prefix, 1", "reward, mask, 1",
            "loss, mask, 1"})
    void withoutWeightIcrIsPpoBitForBitOnAPretrainedModel(String place, String counterfactual, int layers, @TempDir Path folder)
            throws IOException {
        Task task = task(Map.of("press", "full", "regime", "record", "rounds", 2, "participants", 2));
        Map<String, Object> ppo = Map.of("rolloutEpisodes", 12, "miniBatchSize", 8, "epochs", 2, "learningRate", 0.01);
        byte[] plain = trained(task, PluginSpec.of("ppo", ppo), layers, 48, folder.resolve("ppo"));
        byte[] icr = trained(task, PluginSpec.of("icr", Map.of(
                "counterfactual", counterfactual, "lambda", 0, "place", place, "ppo", ppo)), layers, 48, folder.resolve("icr"));
        assertArrayEquals(plain, icr);
        assertFalse(Arrays.equals(plain, trained(task, PluginSpec.of("ppo", ppo), layers, 24, folder.resolve("half"))),
                "it learns");
    }

    /** The sentence of {@code prefix} makes one side longer, so that it alone no longer fits in some rounds. */
    @Test
    void aPretrainedModelForgetsTheSameRoundsOnBothSidesOfACounterfactual() {
        Task task = task(Map.of("press", "full", "regime", "record", "rounds", 6, "participants", 2));
        Counterfactual prefix = CONTEXT.plugins().find(CounterfactualProvider.class, "prefix")
                .configured(PluginSpec.of("prefix"), CONTEXT);
        PluginSpec model = PluginSpec.of("causal-lm", Map.of(
                "path", "../checkpoints/src/test/models/lm-smoke", "context", 700, "maxResponse", 24));
        try (Policy policy = CONTEXT.plugins().find(PolicyProvider.class, "causal-lm").configured(model, task.text(), CONTEXT)) {
            List<Prompt> shown = task.demonstrations(
                            new DemonstrationRequest(120, 0.3, DEMONSTRATED, List.of(), new RandomStreams(4))).stream()
                    .map(demonstration -> demonstration.prompt()).toList();
            List<Prompt> cuts = prefix.cut(shown, new RandomStreams(4).stream("counterfactual", 0, 0, 0));
            int forgot = 0;
            int forSake = 0;
            for (int i = 0; i < shown.size(); i++) {
                List<Prompt> pair = policy.fit(List.of(shown.get(i), cuts.get(i)));
                assertEquals(said(pair.get(0)), said(pair.get(1)));
                assertEquals(pair, pair.stream().map(prompt -> policy.fit(List.of(prompt)).get(0)).toList(), "both fit");
                forgot += said(pair.get(0)).size() < said(shown.get(i)).size() ? 1 : 0;
                forSake += policy.fit(List.of(shown.get(i))).get(0).equals(pair.get(0)) ? 0 : 1;
            }
            assertTrue(forgot > 0 && forgot < shown.size(), forgot + " of " + shown.size() + " forgot a round");
            assertTrue(forSake > 0, "no round was forgotten for the sake of the other side");
        }
    }

    /** What of a prompt belongs to a round. */
    private static List<Segment> said(Prompt prompt) {
        return prompt.segments().stream().filter(segment -> segment.round() > 0).toList();
    }

    /** The file of what an algorithm makes of a small random model. */
    private static byte[] trained(Task task, PluginSpec algorithm, int layers, long budget, Path folder) throws IOException {
        PluginSpec model = PluginSpec.of("causal-lm", Map.of(
                "path", "../checkpoints/src/test/models/lm-smoke", "rank", 2, "layers", layers, "maxResponse", 24));
        try (TrainablePolicy policy = (TrainablePolicy) CONTEXT.plugins().find(PolicyProvider.class, "causal-lm")
                .configured(model, task.text(), CONTEXT)) {
            CONTEXT.plugins().find(AlgorithmProvider.class, algorithm.id()).configured(algorithm, CONTEXT).train(
                    // Few answers of a random model can be read: what is rewarded here is how long they are.
                    new TrainingContext(task, PARTNER, (prompt, response, parts) -> response.text().length() / 100.0,
                            budget, List.of(), new RandomStreams(3), (responses, metrics) -> {}, () -> false), policy);
            policy.save(folder);
        }
        return Files.readAllBytes(folder.resolve(PolicyFiles.PARAMETERS));
    }

    /** In half a minute of training; docs/language.md has what more of it gives, which is {@link #theDocumentedCloneSpeaks}. */
    @Test
    void aCloneSpeaksInWholeSentencesAndDoesWhatPeopleDo() {
        Task task = task(Map.of("press", "full", "rounds", 1, "participants", 2));
        Map<String, Object> start = Map.of("demonstrations", 6_000, "epochs", 6, "batchSize", 16, "learningRate", 0.003,
                "lrSchedule", "linear");
        Clone clone = clone(task, 32, start, 3, Split.TRAIN);
        assertTrue(clone.parsed >= 0.95, clone.toString());
        assertTrue(clone.coverage() >= 0.8, clone.toString());
    }

    /** The clones of docs/language.md, in minutes of training each: {@code -Dparley.documented=true}. */
    @ParameterizedTest
    @CsvSource({"wason, 1", "wason, 2", "wason, 3", "weights, 1"})
    @EnabledIfSystemProperty(named = "parley.documented", matches = "true")
    void theDocumentedCloneSpeaks(String id, long seed) {
        Task task = task(id, Map.of("press", "full", "rounds", 1, "participants", 2));
        Map<String, Object> start = Map.of("demonstrations", 16_000, "epochs", 6, "batchSize", 32, "learningRate", 0.003,
                "lrSchedule", "linear");
        Clone clone = clone(task, 64, start, seed, Split.TEST);
        System.out.println(id + ", seed " + seed + ": " + clone);
        assertTrue(clone.parsed >= 0.99, clone.toString());
        assertTrue(clone.coverage() >= 0.8, clone.toString());
    }

    /**
     * @param parsed share of its utterances that could be read
     * @param used demonstrated pairs of act and stances that it uses
     * @param unused those that it does not, with how often they are demonstrated
     */
    private record Clone(double parsed, Set<String> used, Map<String, Long> unused) {
        double coverage() {
            return (double) used.size() / (used.size() + unused.size());
        }

        @Override
        public String toString() {
            return "parsed " + parsed + ", " + used.size() + " of " + (used.size() + unused.size())
                    + " demonstrated pairs of act and stances used; not used, with how often they are demonstrated: " + unused;
        }
    }

    private static Clone clone(Task task, int hidden, Map<String, Object> start, long seed, Split split) {
        try (TrainablePolicy policy = transformer(task, hidden, seed)) {
            clone(task, policy, start, seed);
            Played played = play(task, policy, 2000, split);
            Map<String, Long> unused = demonstrated(task, (int) start.get("demonstrations") / task.rounds(), seed);
            Set<String> used = new HashSet<>();
            played.logs.forEach(log -> acts(log).filter(act -> unused.remove(act) != null).forEach(used::add));
            return new Clone(Scorer.score(played.logs).get("parsed").value(), used, unused);
        }
    }

    /** Each act of a response with the stances of the response. */
    private static Stream<String> acts(JsonNode log) {
        List<String> acts = new ArrayList<>();
        for (JsonNode round : log.get("rounds")) {
            round.at("/response/acts").forEach(act -> acts.add(act.asText() + " " + round.at("/response/stances")));
        }
        return acts.stream();
    }

    /** The acts of the demonstrated dialogues, as the task reads them, with how often each is met. */
    private static Map<String, Long> demonstrated(Task task, int episodes, long seed) {
        int rounds = task.rounds();
        RandomStreams streams = new RandomStreams(seed);
        List<Demonstration> all = task.demonstrations(
                new DemonstrationRequest(episodes * rounds, 0.3, DEMONSTRATED, List.of(), streams));
        Episodes played =
                task.begin(new EpisodeRequest(Split.TRAIN, 0, episodes, DEMONSTRATED, streams.derive("demonstrations")));
        for (int round = 0; round < rounds; round++) {
            int now = round;
            List<Demonstration> here = IntStream.range(0, episodes).mapToObj(i -> all.get(i * rounds + now)).toList();
            assertEquals(here.stream().map(Demonstration::prompt).toList(), played.prompts(), "other episodes");
            played.step(here.stream().map(Demonstration::response).toList());
        }
        return played.log().stream().flatMap(FullPressTest::acts)
                .collect(Collectors.groupingBy(act -> act, TreeMap::new, Collectors.counting()));
    }
}
