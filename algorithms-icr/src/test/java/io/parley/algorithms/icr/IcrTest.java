package io.parley.algorithms.icr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.Regularizer;
import io.parley.core.training.RegularizerProvider;
import io.parley.core.training.TrainingContext;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IcrTest {
    private static final PluginContext PLUGINS = PluginContext.standalone(1);
    private static final List<String> SAID = List.of(SuggestionBandit.LEFT, SuggestionBandit.RIGHT, SuggestionBandit.NONE);

    private static PluginSpec spec(String id, String config) {
        try {
            return new PluginSpec(id, (ObjectNode) new ObjectMapper().readTree(config.replace('\'', '"')));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static TabularPolicy table(SuggestionBandit task) {
        return new TabularPolicy((ResponseFormat.Choices) task.text().format(), TabularPolicy.Optimizer.ADAM);
    }

    private static void train(
            String id, String config, SuggestionBandit task, double reliability, double silent, long budget, MetricsSink metrics,
            TrainablePolicy policy) {
        TrainingContext context = new TrainingContext(task, SuggestionBandit.partner(reliability, silent),
                (prompt, response, parts) -> parts.get("own"), budget, List.of(), new RandomStreams(11), metrics,
                () -> false);
        PLUGINS.plugins().find(AlgorithmProvider.class, id).configured(spec(id, config), PLUGINS).train(context, policy);
    }

    private static String ppo(double klCoefficient) {
        return "{'learningRate': 0.05, 'lrSchedule': 'linear', 'rolloutEpisodes': 500, 'miniBatchSize': 250, 'klCoefficient': "
                + klCoefficient + "}";
    }

    /**
     * Alone, π* maximises reward − λ_H·KL to the uniform start, since s_CF is the state itself; told something, the same
     * minus λ_I·KL to π* alone. Both have the closed form of {@link SuggestionBandit#regularisedOptimum}.
     */
    @ParameterizedTest
    @CsvSource({"reward, k1", "loss, k2", "loss, full"})
    void reachesTheRegularisedOptimumOfTheBandit(String place, String estimator) {
        SuggestionBandit task = new SuggestionBandit(0.7, 1, 1);
        try (TabularPolicy policy = table(task)) {
            train("icr", "{'counterfactual': 'bandit-mask', 'place': '" + place + "', 'estimator': '" + estimator
                    + "', 'lambda': 0.4, 'ppo': " + ppo(0.3) + "}", task, 0.9, 0.3, 50_000, (n, m) -> {}, policy);
            double[] uniform = {0.5, 0.5};
            double[] alone = SuggestionBandit.regularisedOptimum(
                    task.expectedRewards(SuggestionBandit.NONE, 0.9), new double[] {0.3}, new double[][] {uniform});
            for (String said : SAID) {
                double[] best = said.equals(SuggestionBandit.NONE) ? alone : SuggestionBandit.regularisedOptimum(
                        task.expectedRewards(said, 0.9), new double[] {0.3, 0.4}, new double[][] {uniform, alone});
                assertEquals(best[0], policy.probabilities(SuggestionBandit.prompt(said))[0], 0.03, said);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reward", "loss"})
    void withoutWeightItIsPpoBitForBit(String place) {
        SuggestionBandit task = new SuggestionBandit(0.6, 2, 2);
        try (TabularPolicy plain = table(task); TabularPolicy icr = table(task)) {
            train("ppo", ppo(0.05), task, 0.8, 0.2, 3000, (n, m) -> {}, plain);
            List<Map<String, Double>> curve = new ArrayList<>();
            train("icr", "{'counterfactual': 'bandit-mask', 'lambda': 0, 'place': '" + place + "', 'ppo': " + ppo(0.05) + "}",
                    task, 0.8, 0.2, 3000, (n, m) -> curve.add(Map.copyOf(m)), icr);
            for (String a : SAID.subList(0, 2)) {
                for (String b : SAID.subList(0, 2)) {
                    Prompt prompt = SuggestionBandit.prompt(a, b);
                    assertArrayEquals(plain.logits(prompt), icr.logits(prompt));
                    assertArrayEquals(plain.logits(prompt, "left"), icr.logits(prompt, "left"));
                    assertEquals(plain.value(prompt), icr.value(prompt));
                    assertNotEquals(0, icr.value(prompt));
                }
            }
            assertTrue(curve.stream().allMatch(m -> m.containsKey("counterfactualEntropy.withheld")), "it still measures");
        }
    }

    /** At the start both distributions are uniform: two tokens of ln 2 nats, and no divergence. */
    @Test
    void reportsTheEntropyAtTheCounterfactualStateAndTheKl() {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 2);
        List<Map<String, Double>> curve = new ArrayList<>();
        try (TabularPolicy policy = table(task)) {
            train("icr", "{'counterfactual': 'bandit-mask', 'ppo': " + ppo(0) + "}", task, 1, 0, 3000,
                    (n, m) -> curve.add(Map.copyOf(m)), policy);
        }
        assertEquals(2 * Math.log(2), curve.get(0).get("counterfactualEntropy.withheld"), 1e-5);
        assertEquals(0, curve.get(0).get("counterfactualKl.withheld"), 1e-6);
        assertTrue(curve.get(curve.size() - 1).get("counterfactualKl.withheld") > 0.05);
    }

    /** The KL is to the smoothed anchor, and the entropy that of the policy that it is made of. */
    @Test
    void reportsTheEntropyBeforeSmoothingAndTheKlBehindIt() {
        SuggestionBandit task = new SuggestionBandit(0.7, 1, 1);
        try (TabularPolicy policy = table(task)) {
            train("ppo", ppo(0), task, 0.9, 0.3, 3000, (n, m) -> {}, policy);
            Prompt prompt = SuggestionBandit.prompt("left");
            Prompt cut = SuggestionBandit.prompt(SuggestionBandit.NONE);
            List<Response> drawn = policy.sample(List.of(prompt), SamplingConfig.standard(), List.of(new SplittableRandom(3)));
            double[] p = policy.probabilities(cut);
            int a = drawn.get(0).text().equals("left") ? 0 : 1;
            double logRatio = Math.log(policy.probabilities(prompt)[a]) - Math.log(0.6 * p[a] + 0.4 / 2);
            Map<String, Double> metrics = new HashMap<>();
            PLUGINS.plugins().find(RegularizerProvider.class, "counterfactual-invariance")
                    .configured(spec("counterfactual-invariance",
                            "{'counterfactual': 'bandit-mask', 'anchor': 'smoothed', 'smoothing': 0.4}"), PLUGINS)
                    .rollout(new Regularizer.Batch(
                            policy, null, List.of(prompt), List.of(List.of(cut)), drawn, List.of("s")), metrics);
            assertTrue(Math.abs(p[0] - 0.5) > 0.1, "smoothing would show");
            assertEquals(-p[0] * Math.log(p[0]) - p[1] * Math.log(p[1]), metrics.get("counterfactualEntropy.s"), 1e-5);
            assertEquals(Math.exp(-logRatio) - 1 + logRatio, metrics.get("counterfactualKl.s"), 1e-5);
        }
    }

    /** What a regulariser measures is of its own counterfactual, also behind one that has another. */
    @Test
    void eachRegulariserMeetsItsOwnCounterfactualStates() {
        SuggestionBandit task = new SuggestionBandit(0.7, 1, 2);
        List<Map<String, Double>> ends = new ArrayList<>();
        for (List<String> listed : List.of(List.of("bandit-mask"), List.of("other-arm"), List.of("other-arm", "bandit-mask"),
                List.of("bandit-mask", "other-arm"))) {
            Map<String, Double> last = new HashMap<>();
            String regularizers = listed.stream().map(id -> "{'id': 'counterfactual-invariance', 'lambda': 0, 'counterfactual': '"
                    + id + "'}").collect(Collectors.joining(", ", "'regularizers': [", "]"));
            try (TabularPolicy policy = table(task)) {
                train("ppo", SHORT + ", " + regularizers + "}", task, 0.9, 0.3, 1000, (n, m) -> last.putAll(m), policy);
            }
            ends.add(last);
        }
        assertNotEquals(ends.get(0), ends.get(1));
        assertEquals(ends.get(0), ends.get(2));
        assertEquals(ends.get(1), ends.get(3));
    }

    /** With a partner who is always right the plain objective follows; the swapped term keeps the answer given alone. */
    @Test
    void theSwappedTermHoldsThePolicyToItsOwnAnswerWhateverIsSuggested() {
        SuggestionBandit task = new SuggestionBandit(0.7, 1, 1);
        try (TabularPolicy free = table(task); TabularPolicy held = table(task)) {
            train("icr", "{'counterfactual': 'bandit-mask', 'lambda': 0, 'ppo': " + ppo(0) + "}", task, 1, 0.3, 10_000,
                    (n, m) -> {}, free);
            String regularizers = "'regularizers': [{'id': 'swapped-invariance', 'swap': {'id': 'other-arm'}, 'counterfactual': "
                    + "'bandit-mask', 'lambda': 3, 'smoothing': 0.2}]";
            train("ppo", "{'learningRate': 0.05, 'klCoefficient': 0, " + regularizers + "}", task, 1, 0.3, 10_000,
                    (n, m) -> {}, held);
            double alone = held.probabilities(SuggestionBandit.prompt("none"))[0];
            assertTrue(free.probabilities(SuggestionBandit.prompt("right"))[0] < 0.05, "follows a partner who is always right");
            assertTrue(alone > 0.9, "left is better alone");
            assertTrue(held.probabilities(SuggestionBandit.prompt("right"))[0] > 0.5, "keeps its own answer");
        }
    }

    /** Its own keys are those of the two regularisers, and nothing of the second is there when its weight is 0. */
    @ParameterizedTest
    @ValueSource(strings = {"current", "smoothed"})
    void itIsPpoWithBothRegularisersListedBitForBit(String anchor) {
        String smoothing = anchor.equals("smoothed") ? ", 'smoothing': 0.1" : "";
        String invariance = "{'id': 'counterfactual-invariance', 'counterfactual': 'bandit-mask', 'lambda': 0.2, "
                + "'anchor': '" + anchor + "'" + smoothing + "}";
        String swapped = ", {'id': 'swapped-invariance', 'counterfactual': 'bandit-mask', 'lambda': 0.7, 'smoothing': 0.1}";
        double[] both = learnt("ppo", SHORT + ", 'regularizers': [" + invariance + swapped + "]}");
        double[] one = learnt("ppo", SHORT + ", 'regularizers': [" + invariance + "]}");
        String icr = "{'counterfactual': 'bandit-mask', 'anchor': '" + anchor + "', 'ppo': " + SHORT + "}, ";
        assertArrayEquals(both, learnt("icr", icr + "'lambda': 0.2, 'swapped': 0.7, 'smoothing': 0.1}"));
        assertArrayEquals(one, learnt("icr", icr + "'lambda': 0.2, 'swapped': 0" + smoothing + "}"));
        for (String other : new String[] {"'lambda': 0.3, 'swapped': 0.7, 'smoothing': 0.1}",
            "'lambda': 0.2, 'swapped': 0.6, 'smoothing': 0.1}", "'lambda': 0.2, 'swapped': 0.7, 'smoothing': 0.2}"}) {
            assertFalse(Arrays.equals(both, learnt("icr", icr + other)), other);
        }
        assertFalse(Arrays.equals(both, one), "the swapped term matters");
    }

    private static final String SHORT = "{'learningRate': 0.05, 'rolloutEpisodes': 100, 'miniBatchSize': 50, 'epochs': 2";

    private static double[] learnt(String id, String config) {
        SuggestionBandit task = new SuggestionBandit(0.6, 1, 2);
        try (TabularPolicy policy = table(task)) {
            train(id, config, task, 0.8, 0.2, 300, (n, m) -> {}, policy);
            return SAID.stream().flatMap(first -> SAID.stream().map(second -> SuggestionBandit.prompt(first, second)))
                    .flatMapToDouble(prompt -> DoubleStream.concat(
                            Arrays.stream(policy.logits(prompt)), Arrays.stream(policy.logits(prompt, "left"))))
                    .toArray();
        }
    }

    /** Records what is scored without gradient: the rows between updates, and P(left at s_CF) inside each update. */
    private static final class Counting implements TrainablePolicy {
        private final TabularPolicy inner;
        private final Prompt cut = SuggestionBandit.prompt(SuggestionBandit.NONE);
        private boolean updating;
        private long betweenUpdates;
        private final List<Float> insideUpdates = new ArrayList<>();

        Counting(TabularPolicy inner) {
            this.inner = inner;
        }

        @Override
        public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            Scores scores = inner.score(prompts, responses, request);
            assertTrue(prompts.stream().allMatch(cut::equals), "only s_CF is scored without gradient");
            if (updating) {
                float p = (float) Math.exp(scores.logProbs()[0][0]);
                insideUpdates.add(responses.get(0).text().equals(SuggestionBandit.LEFT) ? p : 1 - p);
            } else {
                betweenUpdates += prompts.size();
            }
            return scores;
        }

        @Override
        public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
            return inner.sample(prompts, sampling, streams);
        }

        @Override
        public void configureOptimizer(OptimizerConfig config) {
            inner.configureOptimizer(config);
        }

        @Override
        public UpdateScope beginUpdate() {
            UpdateScope scope = inner.beginUpdate();
            updating = true;
            return new UpdateScope() {
                @Override
                public ScoreArrays score(List<Prompt> p, List<Response> r, ScoreRequest request) {
                    return scope.score(p, r, request);
                }

                @Override
                public NDArray array(float[][] rows, int columns) {
                    return scope.array(rows, columns);
                }

                @Override
                public void backward(NDArray loss) {
                    scope.backward(loss);
                }

                @Override
                public double step(double learningRate) {
                    return scope.step(learningRate);
                }

                @Override
                public void close() {
                    updating = false;
                    scope.close();
                }
            };
        }

        @Override
        public Policy snapshot() {
            return inner.snapshot();
        }

        @Override
        public long parameterCount() {
            return inner.parameterCount();
        }

        @Override
        public void save(Path folder) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void load(Path folder) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    private static final String LOOP =
            "'ppo': {'klCoefficient': 0, 'rolloutEpisodes': 100, 'miniBatchSize': 50, 'epochs': 2, 'learningRate': 0.05}";

    @Test
    void theRewardVariantCostsOnePassARolloutAndNothingElse() {
        try (Counting policy = new Counting(table(new SuggestionBandit(0.8, 1, 1)))) {
            train("icr", "{'counterfactual': 'bandit-mask', " + LOOP + "}", new SuggestionBandit(0.8, 1, 1), 1, 0, 1000,
                    (n, m) -> {}, policy);
            assertEquals(1000, policy.betweenUpdates);
            assertEquals(List.of(), policy.insideUpdates);
        }
    }

    /** The partner is silent half the time, so that every step also trains the state that s_CF is. */
    @Test
    void aLossVariantScoresTheCounterfactualStateAnewInEveryMiniBatch() {
        try (Counting policy = new Counting(table(new SuggestionBandit(0.8, 1, 1)))) {
            train("icr", "{'counterfactual': 'bandit-mask', 'place': 'loss', 'estimator': 'k2', " + LOOP + "}",
                    new SuggestionBandit(0.8, 1, 1), 1, 0.5, 1000, (n, m) -> {}, policy);
            assertEquals(10 * 2 * 2, policy.insideUpdates.size());
            for (int i = 1; i < policy.insideUpdates.size(); i++) {
                assertNotEquals(policy.insideUpdates.get(i - 1), policy.insideUpdates.get(i), "mini-batch " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{'place': 'loss', 'estimator': 'k1'} | E[∇log π] = 0",
        "{'place': 'loss', 'estimator': 'k3'} | KL(π_CF ‖ π)",
        "{'place': 'reward', 'estimator': 'full'} | does not depend on the token",
        "{'place': 'reward', 'estimator': 'k2'} | biased",
        "{'place': 'reward', 'estimator': 'k3'} | biased",
        "{'smoothing': 0.2} | anchor: smoothed",
        "{'place': 'loss', 'estimator': 'k2', 'bound': 2} | squared log-ratio",
        "{'lambda': -1} | at least 0"
    })
    void refusesWhatIsNotTheStatedObjective(String config, String reason) {
        PluginSpec spec = spec("icr", "{'counterfactual': 'bandit-mask'," + config.substring(1));
        for (ConfigurationException e : List.of(
                assertThrows(ConfigurationException.class,
                        () -> PLUGINS.plugins().find(AlgorithmProvider.class, "icr").configured(spec, PLUGINS)),
                assertThrows(ConfigurationException.class, () -> PLUGINS.plugins()
                        .find(RegularizerProvider.class, "counterfactual-invariance").configured(spec, PLUGINS)))) {
            assertTrue(e.getMessage().contains(reason), e.getMessage());
        }
    }

    @Test
    void anErrorNamesThePlaceInTheConfiguration() {
        for (String[] expected : new String[][] {
            {"{'counterfactual': 'masc'}", "counterfactual.id"},
            {"{'counterfactual': 'bandit-mask', 'ppo': {'regularizers': ['entropi']}}", "ppo.regularizers[0].id"},
            {"{'counterfactual': 'bandit-mask', 'ppo': {'clip': 0}}", "ppo"},
            {"{'counterfactual': 'bandit-mask', 'swapped': 0.3, 'smoothing': 1}", ""},
        }) {
            ConfigurationException e = assertThrows(ConfigurationException.class,
                    () -> PLUGINS.plugins().find(AlgorithmProvider.class, "icr").configured(spec("icr", expected[0]), PLUGINS));
            assertEquals(expected[1], e.path(), e.getMessage());
        }
    }

    @Test
    void namesTheCounterfactualsThatAStartMustMeet() {
        IcrProvider icr = new IcrProvider();
        IcrProvider.Config published = PLUGINS.plugins().config(icr, spec("icr", "{}"));
        assertEquals(List.of(PluginSpec.of("prefix")), icr.counterfactuals(published, PLUGINS));
        assertEquals("reward k1 0.1 current null null", published.place() + " " + published.estimator() + " " + published.lambda()
                + " " + published.anchor() + " " + published.smoothing() + " " + published.bound());
    }
}
