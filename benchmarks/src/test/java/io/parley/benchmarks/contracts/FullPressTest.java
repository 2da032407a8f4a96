package io.parley.benchmarks.contracts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.TrainingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
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
        PluginSpec spec = PluginSpec.of("transformer", Map.of("hidden", hidden, "layers", 2));
        return (TrainablePolicy) CONTEXT.plugins().find(PolicyProvider.class, "transformer").configured(spec, task.text(), CONTEXT);
    }

    private static void clone(Task task, TrainablePolicy policy, Map<String, Object> configuration) {
        CONTEXT.plugins().find(AlgorithmProvider.class, "bc").configured(PluginSpec.of("bc", configuration), CONTEXT).train(
                new TrainingContext(task, PARTNER, (prompt, response, parts) -> 0, 0, List.of(), new RandomStreams(3),
                        (responses, metrics) -> {}, () -> false, CONTEXT), policy);
    }

    /** What was shown and answered in each round. */
    private record Played(List<Prompt> prompts, List<Response> responses) {}

    private static Played play(Task task, Policy policy, int count, Split split) {
        RandomStreams streams = new RandomStreams(5);
        Episodes episodes = task.begin(new EpisodeRequest(split, 0, count, PARTNER, streams));
        Played played = new Played(new ArrayList<>(), new ArrayList<>());
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
}
