package io.parley.algorithms.ppo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.InterventionAgent;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.Regularizer;
import io.parley.core.training.TrainingCheckpoint;
import io.parley.core.training.TrainingContext;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PpoTest {
    private static final PluginContext PLUGINS = PluginContext.standalone(1);
    private static final List<String> SAID = List.of(SuggestionBandit.LEFT, SuggestionBandit.RIGHT, SuggestionBandit.NONE);

    private static TabularPolicy table(SuggestionBandit task, TabularPolicy.Optimizer optimizer) {
        return new TabularPolicy((ResponseFormat.Choices) task.text().format(), optimizer);
    }

    private static TrainingContext context(
            SuggestionBandit task, InterventionAgent partner, long budget, MetricsSink metrics, BooleanSupplier cancelled) {
        return new TrainingContext(task, partner, (prompt, response, parts) -> parts.get("own"), budget, List.of(),
                new RandomStreams(7), metrics, cancelled);
    }

    private static TabularPolicy train(String id, String config, SuggestionBandit task, InterventionAgent partner, long budget) {
        TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM);
        PLUGINS.plugins().find(AlgorithmProvider.class, id).configured(new PluginSpec(id, json(config)), PLUGINS)
                .train(context(task, partner, budget, (n, m) -> {}, () -> false), policy);
        return policy;
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A_t from its definition: Σ_l (Π_{i<l} γ_{t+i}·λ)·δ_{t+l}, with γ only where a round ends. */
    @Property(tries = 50)
    void advantagesAreTheDirectSumWithDiscountsBetweenRoundsOnly(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int rounds,
            @ForAll @DoubleRange(min = 0, max = 1) double gamma, @ForAll @DoubleRange(min = 0, max = 1) double lambda) {
        RandomGenerator random = new SplittableRandom(seed);
        int episodes = 2;
        float[][] rewards = new float[episodes * rounds][];
        float[][] values = new float[episodes * rounds][];
        for (int i = 0; i < rewards.length; i++) {
            int tokens = 1 + random.nextInt(4);
            rewards[i] = numbers(random, tokens);
            values[i] = numbers(random, tokens);
        }
        float[][] found = Ppo.advantages(rewards, values, rounds, gamma, lambda);
        for (int e = 0; e < episodes; e++) {
            List<float[]> steps = new ArrayList<>();
            for (int i = e * rounds; i < (e + 1) * rounds; i++) {
                for (int t = 0; t < rewards[i].length; t++) {
                    boolean ends = t == rewards[i].length - 1;
                    steps.add(new float[] {rewards[i][t], values[i][t], ends ? (float) gamma : 1, i, t});
                }
            }
            for (int t = 0; t < steps.size(); t++) {
                double sum = 0;
                double weight = 1;
                for (int l = t; l < steps.size(); l++) {
                    double next = l + 1 < steps.size() ? steps.get(l)[2] * steps.get(l + 1)[1] : 0;
                    sum += weight * (steps.get(l)[0] + next - steps.get(l)[1]);
                    weight *= steps.get(l)[2] * lambda;
                }
                assertEquals(sum, found[(int) steps.get(t)[3]][(int) steps.get(t)[4]], 1e-4);
            }
        }
    }

    private static float[] numbers(RandomGenerator random, int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    /** What Java's side let go of is collected, and its memory given to others: a loss must not depend on it. */
    private static void overwriteFreedMemory() {
        System.gc();
        for (int i = 0; i < 2000; i++) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(4 + i % 8);
            for (int k = 0; k < 4; k++) {
                bytes.put(k, (byte) (i + 60));
            }
        }
    }

    /** One machine: every prompt has one logit pair and one value, so the loss can be written out and differenced. */
    @Test
    void lossAndGradientAgreeWithAnIndependentCalculation() {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        Ppo ppo = new Ppo(new PpoConfig(null, null, null, null, null, 0.2, 0.15, 0.7, null, null, 0.0, null, 0.03, null, null,
                null, null), PLUGINS);
        List<Regularizer> regularizers = List.of(new EntropyProvider().create(new EntropyProvider.Config(0.03), PLUGINS));
        RandomGenerator random = new SplittableRandom(3);
        int rows = 24;
        List<Prompt> prompts = new ArrayList<>();
        List<Response> responses = new ArrayList<>();
        float[][] old = new float[rows][];
        float[][] values = new float[rows][];
        float[][] advantages = new float[rows][];
        float[][] returns = new float[rows][];
        int[] state = new int[rows];
        int[] arm = new int[rows];
        for (int i = 0; i < rows; i++) {
            state[i] = i % 3;
            arm[i] = random.nextInt(2);
            prompts.add(SuggestionBandit.prompt(SAID.get(state[i])));
            responses.add(Response.of(arm[i] == 0 ? "left" : "right"));
            old[i] = new float[] {(float) (Math.log(0.5) + 0.6 * random.nextGaussian())};
            values[i] = new float[] {(float) (0.3 * random.nextGaussian())};
            advantages[i] = new float[] {(float) random.nextGaussian()};
            returns[i] = new float[] {(float) random.nextGaussian()};
        }
        double[][] theta = {{0.3, -0.2, 0.0}, {-0.1, 0.4, 0.0}, {0.2, 0.1, 0.0}};

        try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.SGD)) {
            for (int s = 0; s < 3; s++) {
                policy.setLogits(SuggestionBandit.prompt(SAID.get(s)), List.of(), theta[s][0], theta[s][1]);
            }
            policy.configureOptimizer(new OptimizerConfig(0.9, 0.999, 1e-8, 0, 0));
            Regularizer.Batch batch = new Regularizer.Batch(
                    policy, policy, prompts, List.of(), responses, prompts.stream().map(p -> "").toList());
            Ppo.Experience experience = new Ppo.Experience(prompts, responses, old, values, advantages, returns, 1.7,
                    List.of(batch));
            double expected = loss(theta, state, arm, old, values, advantages, returns);
            try (UpdateScope scope = policy.beginUpdate()) {
                // Two parts of a mini-batch add up to the whole.
                Ppo.Losses first = ppo.losses(scope, experience.rows(new int[] {0, 1, 2, 3, 4, 5, 6}), regularizers, rows);
                Ppo.Losses second = ppo.losses(scope, experience.rows(rangeFrom(7, rows)), regularizers, rows);
                assertEquals(expected, first.total().getFloat() + second.total().getFloat(), 1e-5);
                double outside = 0;
                for (int i = 0; i < rows; i++) {
                    double ratio = Math.exp(logSoftmax(theta[state[i]], arm[i]) - old[i][0]);
                    outside += Math.abs(ratio - 1) > 0.2 ? 1.0 / rows : 0;
                }
                assertEquals(outside, first.measured().toFloatArray()[2] + second.measured().toFloatArray()[2], 1e-5);
                assertTrue(outside > 0.2 && outside < 0.9, "clipping is exercised on both sides: " + outside);
                overwriteFreedMemory();
                scope.backward(first.total());
                scope.backward(second.total());
                scope.step(1);
            }
            double h = 1e-6;
            for (int s = 0; s < 3; s++) {
                double[] moved = policy.logits(SuggestionBandit.prompt(SAID.get(s)));
                for (int k = 0; k < 3; k++) {
                    double kept = theta[s][k];
                    theta[s][k] = kept + h;
                    double up = loss(theta, state, arm, old, values, advantages, returns);
                    theta[s][k] = kept - h;
                    double down = loss(theta, state, arm, old, values, advantages, returns);
                    theta[s][k] = kept;
                    double now = k < 2 ? moved[k] : policy.value(SuggestionBandit.prompt(SAID.get(s)));
                    assertEquals((up - down) / (2 * h), kept - now, 1e-5, "state " + s + ", parameter " + k);
                }
            }
        }
    }

    private static int[] rangeFrom(int from, int to) {
        int[] range = new int[to - from];
        Arrays.setAll(range, i -> from + i);
        return range;
    }

    private static double logSoftmax(double[] z, int k) {
        return z[k] - Math.log(Math.exp(z[0]) + Math.exp(z[1]));
    }

    private static double loss(double[][] theta, int[] state, int[] arm, float[][] old, float[][] values, float[][] a,
            float[][] r) {
        double sum = 0;
        for (int i = 0; i < state.length; i++) {
            double[] z = theta[state[i]];
            double ratio = Math.exp(logSoftmax(z, arm[i]) - old[i][0]);
            sum += -Math.min(ratio * a[i][0], Math.max(0.8, Math.min(1.2, ratio)) * a[i][0]);
            double moved = values[i][0] + Math.max(-0.15, Math.min(0.15, z[2] - values[i][0]));
            sum += 0.7 * 0.5 * Math.max(Math.pow(z[2] - r[i][0], 2), Math.pow(moved - r[i][0], 2));
            for (int k = 0; k < 2; k++) {
                sum += 1.7 * 0.03 * Math.exp(logSoftmax(z, k)) * logSoftmax(z, k);
            }
        }
        return sum / state.length;
    }

    private static final String FAST = "'learningRate': 0.05, 'rolloutEpisodes': 500, 'miniBatchSize': 250, "
            + "'lrSchedule': 'linear'";

    @Test
    void reachesTheOptimumOfTheBandit() {
        SuggestionBandit task = new SuggestionBandit(0.6, 1, 1);
        try (TabularPolicy policy = train("ppo", "{" + FAST + ", 'klCoefficient': 0}", task,
                SuggestionBandit.partner(0.8, 0.2), 20_000)) {
            double expected = 0;
            double[] told = {0.8 * (0.6 * 0.8 + 0.4 * 0.2), 0.8 * (0.6 * 0.2 + 0.4 * 0.8), 0.2};
            for (int s = 0; s < 3; s++) {
                double[] pi = policy.probabilities(SuggestionBandit.prompt(SAID.get(s)));
                double[] reward = task.expectedRewards(SAID.get(s), 0.8);
                expected += told[s] * (pi[0] * reward[0] + pi[1] * reward[1]);
            }
            // By hand: follow a suggestion (0.8·0.8), pull left alone (0.2·0.6).
            assertEquals(0.76, task.optimum(0.8, 0.2), 1e-12);
            assertEquals(0.76, expected, 0.01);
            assertEquals(0.6, policy.value(SuggestionBandit.prompt(SuggestionBandit.NONE)), 0.06);
        }
    }

    @Test
    void reachesTheRegularisedOptimumUnderKlToTheStart() {
        SuggestionBandit task = new SuggestionBandit(0.6, 1, 1);
        try (TabularPolicy policy =
                train("ppo", "{" + FAST + ", 'klCoefficient': 0.5}", task, SuggestionBandit.partner(0.8, 0.2), 60_000)) {
            double[] uniform = {0.5, 0.5};
            for (String said : SAID) {
                double[] best = SuggestionBandit.regularisedOptimum(
                        task.expectedRewards(said, 0.8), new double[] {0.5}, new double[][] {uniform});
                assertEquals(best[0], policy.probabilities(SuggestionBandit.prompt(said))[0], 0.03, said);
            }
        }
    }

    @Test
    void spendsExactlyTheBudgetInWholeEpisodes() {
        SuggestionBandit task = new SuggestionBandit(0.5, 3, 2);
        AtomicInteger asked = new AtomicInteger();
        InterventionAgent partner = SuggestionBandit.partner(0.8, 0);
        InterventionAgent counting = (view, streams) -> {
            asked.incrementAndGet();
            return partner.intervene(view, streams);
        };
        AtomicLong reported = new AtomicLong();
        try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
            PluginSpec spec = new PluginSpec("ppo", json("{'rolloutEpisodes': 40, 'epochs': 1}"));
            Ppo ppo = new Ppo(PLUGINS.plugins().config(new PpoProvider(), spec), PLUGINS);
            ppo.train(context(task, counting, 3 * 101, (n, m) -> reported.set(n), () -> false), policy);
            assertEquals(303, asked.get());
            assertEquals(303, reported.get());
            assertThrows(ConfigurationException.class, () ->
                    ppo.train(context(task, partner, 2, (n, m) -> {}, () -> false), policy));
        }
    }

    @Test
    void theSameSeedGivesTheSameParametersAndCurve() {
        SuggestionBandit task = new SuggestionBandit(0.6, 2, 2);
        List<Map<Long, Map<String, Double>>> curves = new ArrayList<>();
        List<double[]> parameters = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            Map<Long, Map<String, Double>> curve = new TreeMap<>();
            try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
                new Ppo(PpoConfig.defaults(), PLUGINS)
                        .train(context(task, SuggestionBandit.partner(0.7, 0.1), 3000, (n, m) -> curve.put(n, Map.copyOf(m)),
                                () -> false), policy);
                parameters.add(policy.logits(SuggestionBandit.prompt("left", "right")));
            }
            curves.add(curve);
        }
        assertEquals(curves.get(0), curves.get(1));
        assertArrayEquals(parameters.get(0), parameters.get(1));
        assertFalse(Arrays.equals(new double[2], parameters.get(0)), "training moved the table");
    }

    @Test
    void stopsWhenCancelled() {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        AtomicInteger points = new AtomicInteger();
        try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
            assertThrows(CancellationException.class, () -> new Ppo(PpoConfig.defaults(), PLUGINS).train(
                    context(task, SuggestionBandit.partner(0.8, 0), 100_000, (n, m) -> points.incrementAndGet(),
                            () -> points.get() == 2),
                    policy));
        }
        assertEquals(2, points.get());
    }

    /** Of four rollouts of two epochs, in one go, and cut off after the first or the third. */
    @ParameterizedTest
    @CsvSource({"constant, 0.5 0.5 0.5 0.5", "linear, 0.5 0.375 0.25 0.125"})
    void theLearningRateFollowsTheScheduleAlsoWhenTrainingGoesOn(String schedule, String perRollout) {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        List<Double> expected = Stream.of(perRollout.split(" ")).map(Double::valueOf)
                .flatMap(rate -> Stream.of(rate, rate)).toList();
        for (int cut : new int[] {1, 3, 5}) {
            List<Double> rates = new ArrayList<>();
            List<List<Double>> counted = new ArrayList<>();
            AtomicInteger points = new AtomicInteger();
            Kept kept = new Kept();
            try (TabularPolicy table = table(task, TabularPolicy.Optimizer.ADAM)) {
                PpoConfig config = PLUGINS.plugins().config(new PpoProvider(), new PluginSpec("ppo", json("{'lrSchedule': '"
                        + schedule + "', 'learningRate': 0.5, 'rolloutEpisodes': 8, 'epochs': 2}")));
                TrainingContext context = new TrainingContext(task, SuggestionBandit.partner(0.8, 0),
                        (prompt, response, parts) -> parts.get("own"), 32, List.of(), new RandomStreams(7),
                        (n, m) -> {
                            points.incrementAndGet();
                            counted.add(List.of(m.get("updates"), m.get("tokens")));
                        }, () -> points.get() == cut, kept);
                TrainablePolicy policy = recording(table, rates);
                if (cut < 4) {
                    assertThrows(CancellationException.class, () -> new Ppo(config, PLUGINS).train(context, policy));
                    assertEquals(expected.subList(0, 2 * cut), rates);
                    points.set(10);
                }
                new Ppo(config, PLUGINS).train(context, policy);
            }
            assertEquals(expected, rates);
            assertEquals(List.of(List.of(2.0, 8.0), List.of(4.0, 16.0), List.of(6.0, 24.0), List.of(8.0, 32.0)), counted,
                    "updates, and tokens of responses of one token");
        }
    }

    /** Keeps every state, and leaves the policy as it is. */
    private static final class Kept implements TrainingCheckpoint {
        private Record state;

        @Override
        public <S extends Record> Optional<S> restore(TrainablePolicy policy, Class<S> type) {
            return Optional.ofNullable(type.cast(state));
        }

        @Override
        public void keep(TrainablePolicy policy, Record now) {
            state = now;
        }
    }

    private static TrainablePolicy recording(TabularPolicy table, List<Double> rates) {
        return override(TrainablePolicy.class, table, "beginUpdate", none -> {
            UpdateScope scope = table.beginUpdate();
            return override(UpdateScope.class, scope, "step", args -> {
                rates.add((Double) args[0]);
                return scope.step((Double) args[0]);
            });
        });
    }

    private static <T> T override(Class<T> type, T object, String name, Function<Object[], Object> own) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) ->
                method.getName().equals(name) ? own.apply(args) : method.invoke(object, args)));
    }

    /** Ziegler et al.: the coefficient moves by at most a fifth of n/horizon a rollout, towards the target. */
    @Test
    void theControllerRaisesTheCoefficientAboveTheTargetAndLowersItBelow() {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.SGD);
                TabularPolicy reference = table(task, TabularPolicy.Optimizer.SGD)) {
            Prompt prompt = SuggestionBandit.prompt("left");
            Response response = Response.sampled("left", new float[] {(float) Math.log(0.9)}, null, null);
            Regularizer.Batch batch = new Regularizer.Batch(
                    policy, reference, List.of(prompt, prompt), List.of(), List.of(response, response), List.of("", ""));
            double kl = Math.log(0.9) - Math.log(0.5);
            KlReference above = new KlReference(new KlReferenceProvider.Config(0.1, kl / 1.1, 8.0));
            KlReference below = new KlReference(new KlReferenceProvider.Config(0.1, 10.0, 8.0));
            Map<String, Double> metrics = new TreeMap<>();
            assertEquals(-0.1 * kl, above.rollout(batch, metrics)[1][0], 1e-6);
            assertEquals(kl, metrics.get("kl"), 1e-6);
            assertEquals(-0.1 * (1 + 0.1 * 2 / 8) * kl, above.rollout(batch, metrics)[0][0], 1e-6);
            below.rollout(batch, metrics);
            below.rollout(batch, metrics);
            assertEquals(0.1 * (1 - 0.2 * 2 / 8), metrics.get("klCoefficient"), 1e-9);
            KlReference hasty = new KlReference(new KlReferenceProvider.Config(0.1, 10.0, 0.01));
            hasty.rollout(batch, metrics);
            hasty.rollout(batch, metrics);
            assertEquals(0.1 * 0.8, metrics.get("klCoefficient"), 1e-9, "two hundred horizons move it by a fifth too");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{'regularizers': [{'id': 'kl-reference', 'target': 6}]} | set klCoefficient to 0",
        "{'entropyCoefficient': 0.01, 'regularizers': ['entropy']} | set entropyCoefficient to 0"
    })
    void refusesAPenaltyThatWouldActTwice(String config, String mend) {
        ConfigurationException e = assertThrows(ConfigurationException.class,
                () -> PLUGINS.plugins().config(new PpoProvider(), new PluginSpec("ppo", json(config))));
        assertTrue(e.getMessage().contains(mend), e.getMessage());
    }

    @Test
    void keepsAReferenceOnlyForARegulariserThatNeedsOne() {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        for (double klCoefficient : new double[] {0, 0.1}) {
            AtomicInteger snapshots = new AtomicInteger();
            try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
                TrainablePolicy counting = override(TrainablePolicy.class, policy, "snapshot", none -> {
                    snapshots.incrementAndGet();
                    return policy.snapshot();
                });
                String config = "{'klCoefficient': " + klCoefficient + ", 'regularizers': ['entropy']}";
                new Ppo(PLUGINS.plugins().config(new PpoProvider(), new PluginSpec("ppo", json(config))), PLUGINS)
                        .train(context(task, SuggestionBandit.partner(0.8, 0), 64, (n, m) -> {}, () -> false), counting);
                assertEquals(klCoefficient > 0 ? 1 : 0, snapshots.get());
                Regularizer.Batch without = new Regularizer.Batch(policy, null, List.of(), List.of(), List.of(), List.of());
                assertTrue(assertThrows(IllegalStateException.class, without::reference).getMessage().contains("Need.REFERENCE"));
            }
        }
    }

    @Test
    void thePathSpecificObjectiveNeverTrainsOnASuggestion() {
        SuggestionBandit task = new SuggestionBandit(0.7, 1, 1);
        try (TabularPolicy policy = train("pso-intent",
                "{'shown': 'bandit-mask', 'learningRate': 0.05, 'klCoefficient': 0}", task,
                SuggestionBandit.partner(0.9, 0), 5000)) {
            assertArrayEquals(new double[] {0, 0}, policy.logits(SuggestionBandit.prompt("right")));
            assertTrue(policy.probabilities(SuggestionBandit.prompt("none"))[0] > 0.9, "alone, the left arm is better");
        }
    }

    /** By default a mask cuts this round alone, and a prefix cuts nothing. */
    @Test
    void thePathSpecificObjectiveIsRefusedWhereASuggestionStays() {
        for (String shown : new String[] {"'mask'", "{'id': 'mask', 'turns': 'current'}", "'prefix'"}) {
            ConfigurationException e = assertThrows(ConfigurationException.class,
                    () -> pathSpecific("{'shown': " + shown + "}"));
            assertEquals("shown", e.path());
            assertEquals("shown: '" + (shown.contains("mask") ? "mask" : "prefix") + "' leaves interventions in the prompt; the "
                    + "path-specific objective needs every round cut, such as {id: mask, turns: all}", e.getMessage());
        }
        pathSpecific("{'shown': {'id': 'mask', 'turns': 'all'}}");
        pathSpecific("{}");
    }

    private static void pathSpecific(String config) {
        PLUGINS.plugins().find(AlgorithmProvider.class, "pso-intent")
                .configured(new PluginSpec("pso-intent", json(config)), PLUGINS);
    }

    @Test
    void theVariantsAreDefaultsOfTheSameClass() {
        PpoConfig config = PpoConfig.defaults();
        assertEquals(List.of(), new PpoProvider().counterfactuals(config, PLUGINS));
        assertEquals(List.of(PluginSpec.of("prefix")), new PpoCfProvider().counterfactuals(config, PLUGINS));
        assertEquals(List.of(new PluginSpec("mask", json("{'turns': 'all'}"))),
                new PsoIntentProvider().counterfactuals(config, PLUGINS));
    }

    @Test
    void refusesWhatCannotBeTrained() {
        ConfigurationException unknown = assertThrows(ConfigurationException.class,
                () -> train("ppo", "{'regularizers': ['entropy', {'id': 'entropi'}]}", new SuggestionBandit(0.5, 1, 1),
                        SuggestionBandit.partner(1, 0), 10));
        assertEquals("regularizers[1].id", unknown.path());
        ConfigurationException negative = assertThrows(ConfigurationException.class,
                () -> train("ppo", "{'clip': -0.1}", new SuggestionBandit(0.5, 1, 1), SuggestionBandit.partner(1, 0), 10));
        assertEquals("clip is -0.1; above 0", negative.getMessage());
    }
}
