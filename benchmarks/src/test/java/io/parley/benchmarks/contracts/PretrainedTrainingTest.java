package io.parley.benchmarks.contracts;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.TrainingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Adapters of a pretrained model learn what is rewarded. The model is small and random, and what it says can seldom be read by a
 * task, so that the reward is one of letters.
 */
class PretrainedTrainingTest {
    private static final PluginContext CONTEXT = PluginContext.standalone(1);
    private static final InterventionAgent PARTNER =
            CONTEXT.plugins().find(InterventionAgentProvider.class, "mixed").configured(PluginSpec.of("mixed"), CONTEXT);
    private static final Task TASK = CONTEXT.plugins().find(TaskProvider.class, "wason")
            .configured(PluginSpec.of("wason", Map.of("press", "full", "rounds", 1, "participants", 2)), CONTEXT);
    private static final Map<String, Object> PPO =
            Map.of("rolloutEpisodes", 64, "miniBatchSize", 16, "epochs", 2, "learningRate", 0.03);
    /** Responses. */
    private static final int BUDGET = 512;
    private static final int EVALUATED = 512;

    static Stream<Arguments> algorithms() {
        return Stream.of(
                Arguments.of(PluginSpec.of("ppo", PPO), 3),
                Arguments.of(icr("mask", "loss"), 1),
                Arguments.of(icr("prefix", "reward"), 1));
    }

    private static PluginSpec icr(String counterfactual, String place) {
        return PluginSpec.of("icr", Map.of("counterfactual", counterfactual, "place", place, "lambda", 0.01, "ppo", PPO));
    }

    /** Share of lower-case letters; 0 of no text. */
    private static double reward(Response response) {
        String text = response.text();
        return text.isEmpty() ? 0 : (double) text.chars().filter(c -> c >= 'a' && c <= 'z').count() / text.length();
    }

    /** @param layers of three, the last that are adapted */
    private static TrainablePolicy policy(int layers) {
        PluginSpec spec = PluginSpec.of("causal-lm", Map.of(
                "path", "../checkpoints/src/test/models/lm-smoke", "rank", 4, "layers", layers, "maxResponse", 12));
        return (TrainablePolicy) CONTEXT.plugins().find(PolicyProvider.class, "causal-lm")
                .configured(spec, TASK.text(), CONTEXT);
    }

    /** @return the points of the learning curve */
    private static List<Map<String, Double>> train(PluginSpec algorithm, TrainablePolicy policy) {
        List<Map<String, Double>> curve = new ArrayList<>();
        CONTEXT.plugins().find(AlgorithmProvider.class, algorithm.id()).configured(algorithm, CONTEXT).train(
                new TrainingContext(TASK, PARTNER, (prompt, response, parts) -> reward(response), BUDGET, List.of(),
                        new RandomStreams(3), (responses, metrics) -> curve.add(metrics), () -> false), policy);
        return curve;
    }

    /** Of one answer in each of {@link #EVALUATED} states that no training meets. */
    private static double[] rewards(Policy policy) {
        RandomStreams streams = new RandomStreams(7);
        List<Prompt> prompts = TASK.begin(new EpisodeRequest(Split.TEST, 0, EVALUATED, PARTNER, streams)).prompts();
        List<RandomGenerator> draws = new ArrayList<>();
        for (int i = 0; i < EVALUATED; i++) {
            draws.add(streams.stream("sample", i, 0, 0));
        }
        return policy.sample(prompts, SamplingConfig.standard(), draws).stream()
                .mapToDouble(PretrainedTrainingTest::reward).toArray();
    }

    /** The mean gain is more than five of its standard errors above 0. */
    private static void assertGained(double[] before, double[] after) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < before.length; i++) {
            double gain = after[i] - before[i];
            sum += gain;
            squares += gain * gain;
        }
        int n = before.length;
        double mean = sum / n;
        double error = Math.sqrt((squares / n - mean * mean) / (n - 1));
        assertTrue(mean > 5 * error, "the mean reward changed by " + mean + ", with a standard error of " + error);
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void theMeanRewardRises(PluginSpec algorithm, int layers) {
        try (TrainablePolicy policy = policy(layers)) {
            double[] before = rewards(policy);
            train(algorithm, policy);
            assertGained(before, rewards(policy));
        }
    }

    @Test
    void theMarginOfPreferredAnswersGrowsAndTheMeanRewardWithIt() {
        PluginSpec dpo = PluginSpec.of("dpo", Map.of("batchSize", 16, "learningRate", 0.03, "epochs", 3));
        try (TrainablePolicy policy = policy(1)) {
            double[] before = rewards(policy);
            List<Double> margins = train(dpo, policy).stream().filter(point -> point.containsKey("margin"))
                    .map(point -> point.get("margin")).toList();
            double first = margins.get(0);
            double last = margins.get(margins.size() - 1);
            assertTrue(first > 0 && last > 2 * first, "margins of the epochs: " + margins);
            assertGained(before, rewards(policy));
        }
    }
}
