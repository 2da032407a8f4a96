package io.parley.algorithms.dpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.InterventionAgent;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.Preference;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.Preferences;
import io.parley.core.training.Regularizer;
import io.parley.core.training.RegularizerProvider;
import io.parley.core.training.TrainingContext;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DpoTest {
    private static final PluginContext PLUGINS = PluginContext.standalone(1);

    private static PluginSpec spec(String id, String config) {
        try {
            return new PluginSpec(id, (ObjectNode) new ObjectMapper().readTree(config.replace('\'', '"')));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static TabularPolicy table(SuggestionBandit task, TabularPolicy.Optimizer optimizer) {
        return new TabularPolicy((ResponseFormat.Choices) task.text().format(), optimizer);
    }

    private static TrainingContext context(
            SuggestionBandit task, InterventionAgent partner, long budget, MetricsSink metrics, BooleanSupplier cancelled) {
        return new TrainingContext(task, partner, (prompt, response, parts) -> parts.get("own"), budget, List.of(),
                new RandomStreams(5), metrics, cancelled);
    }

    private static void train(String id, String config, TrainingContext context, TrainablePolicy policy) {
        PLUGINS.plugins().find(AlgorithmProvider.class, id).configured(spec(id, config), PLUGINS).train(context, policy);
    }

    private static double logSoftmax(double[] z, int k) {
        return z[k] - Math.log(Math.exp(z[0]) + Math.exp(z[1]));
    }

    private static final double BETA = 0.3;
    private static final Prompt PROMPT = SuggestionBandit.prompt("left", "left");
    /** Of the first word, and of the second after "left". */
    private static final double[] FIRST = {0.4, -0.7};
    private static final double[] SECOND = {1.1, 0.2};

    private static Dpo dpo(Dpo.Loss kind) {
        return new Dpo(kind, PLUGINS.plugins().config(new DpoProvider(), spec("dpo", "{'beta': " + BETA + "}")), PLUGINS);
    }

    private static TabularPolicy sayingTwoWords() {
        TabularPolicy policy = table(new SuggestionBandit(0.5, 1, 2), TabularPolicy.Optimizer.SGD);
        policy.setLogits(PROMPT, List.of(), FIRST);
        policy.setLogits(PROMPT, List.of("left"), SECOND);
        policy.configureOptimizer(new OptimizerConfig(0.9, 0.999, 1e-8, 0, 0));
        return policy;
    }

    private static Dpo.Row row(float chosenReference, float rejectedReference) {
        return new Dpo.Row(new Preference(PROMPT, Response.of("left left"), Response.of("left right")),
                chosenReference, rejectedReference, List.of());
    }

    private static double loss(Dpo.Loss kind, double h) {
        return kind == Dpo.Loss.IPO ? Math.pow(h - 1 / (2 * BETA), 2) : -Math.log(1 / (1 + Math.exp(-BETA * h)));
    }

    /** ∂loss/∂h. */
    private static double slope(Dpo.Loss kind, double h) {
        return kind == Dpo.Loss.IPO ? 2 * (h - 1 / (2 * BETA)) : -BETA / (1 + Math.exp(BETA * h));
    }

    /**
     * Loss and gradient from the papers' formulas. For a pair that differs in its second token only,
     * ∂h/∂z at the softmax of that token is (1, −1) for (chosen, rejected) = (left, right).
     */
    @ParameterizedTest
    @EnumSource(Dpo.Loss.class)
    void lossAndGradientAgreeWithTheFormula(Dpo.Loss kind) {
        float chosenReference = -0.9f;
        float rejectedReference = -0.3f;
        double perToken = kind == Dpo.Loss.IPO ? 0.5 : 1;
        double h = perToken * (logSoftmax(SECOND, 0) - logSoftmax(SECOND, 1)) - (chosenReference - rejectedReference);
        double chosenLogRatio = perToken * (logSoftmax(FIRST, 0) + logSoftmax(SECOND, 0)) - chosenReference;
        double loss = loss(kind, h);
        Dpo.Row row = row(chosenReference, rejectedReference);
        try (TabularPolicy policy = sayingTwoWords()) {
            try (UpdateScope scope = policy.beginUpdate()) {
                Dpo.Losses losses = dpo(kind).losses(scope, policy, policy, List.of(row, row, row), List.of());
                assertEquals(3 * loss, losses.total().getFloat(), 1e-5);
                assertArrayEquals(new float[] {(float) (3 * loss), (float) (3 * h), 3, (float) (3 * chosenLogRatio)},
                        losses.measured().toFloatArray(), 1e-5f);
                scope.backward(losses.total().div(scope.constant(3)));
                scope.step(1);
            }
            double[] moved = policy.logits(PROMPT, "left");
            assertEquals(SECOND[0] - slope(kind, h) * perToken, moved[0], 1e-6);
            assertEquals(SECOND[1] + slope(kind, h) * perToken, moved[1], 1e-6);
            assertArrayEquals(FIRST, policy.logits(PROMPT), 1e-6, "the common token cancels");
        }
    }

    /** A chosen response of one token beside a rejected one of two: IPO averages each over its own tokens, DPO sums. */
    @ParameterizedTest
    @EnumSource(Dpo.Loss.class)
    void lossAndGradientOfResponsesOfUnequalLength(Dpo.Loss kind) {
        double rejectedPerToken = kind == Dpo.Loss.IPO ? 0.5 : 1;
        double h = logSoftmax(FIRST, 0) - rejectedPerToken * (logSoftmax(FIRST, 0) + logSoftmax(SECOND, 1));
        try (TabularPolicy policy = sayingTwoWords()) {
            try (UpdateScope scope = policy.beginUpdate()) {
                Dpo.Losses losses = dpo(kind).losses(firstTokenOfTheChosen(scope), policy, policy, List.of(row(0, 0)), List.of());
                assertEquals(loss(kind, h), losses.total().getFloat(), 1e-5);
                scope.backward(losses.total());
                scope.step(1);
            }
            double common = 1 - rejectedPerToken;
            double p = Math.exp(logSoftmax(FIRST, 0));
            assertEquals(FIRST[0] - slope(kind, h) * common * (1 - p), policy.logits(PROMPT)[0], 1e-6);
            double q = Math.exp(logSoftmax(SECOND, 1));
            assertEquals(SECOND[1] + slope(kind, h) * rejectedPerToken * (1 - q), policy.logits(PROMPT, "left")[1], 1e-6);
        }
    }

    /** A scope that scores one pair, of whose chosen response the second token is padding. */
    private static UpdateScope firstTokenOfTheChosen(UpdateScope scope) {
        return (UpdateScope) Proxy.newProxyInstance(
                UpdateScope.class.getClassLoader(), new Class<?>[] {UpdateScope.class}, (proxy, method, args) -> {
                    if (!method.getName().equals("score")) {
                        return method.invoke(scope, args);
                    }
                    ScoreArrays whole = (ScoreArrays) method.invoke(scope, args);
                    NDArray mask = scope.array(new float[][] {{1, 0}, {1, 1}}, 2);
                    return new ScoreArrays(mask, whole.logProbs(), null, null, List.of());
                });
    }

    /**
     * Where left always pays, every kept pair prefers it: the share of pairs is 2·½·½, and the policy learns it with
     * either loss. IPO stops at h = 1/(2β): with a uniform reference the log-odds are 1/(2β).
     */
    @ParameterizedTest
    @CsvSource({"dpo, 0.1", "ipo, 0.25"})
    void prefersTheArmThatPays(String id, double beta) {
        SuggestionBandit task = new SuggestionBandit(1, 1, 1);
        AtomicInteger asked = new AtomicInteger();
        InterventionAgent inner = SuggestionBandit.partner(0.5, 0);
        InterventionAgent counting = (view, streams) -> {
            asked.incrementAndGet();
            return inner.intervene(view, streams);
        };
        List<Map<String, Double>> curve = new ArrayList<>();
        List<Long> sampled = new ArrayList<>();
        try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
            String config = "{'beta': " + beta + ", 'learningRate': 0.05, 'batchSize': 50, 'epochs': 20}";
            train(id, config, context(task, counting, 2001, (n, m) -> {
                sampled.add(n);
                curve.add(Map.copyOf(m));
            }, () -> false), policy);
            Map<String, Double> last = curve.get(curve.size() - 1);
            assertEquals(1000, asked.get(), "one state for two responses");
            assertEquals(2000, sampled.get(sampled.size() - 1));
            assertEquals(500, last.get("pairs"), 60);
            assertEquals(Math.ceil(last.get("pairs") / 50) * 20, last.get("updates"));
            for (String said : List.of("left", "right")) {
                double[] z = policy.logits(SuggestionBandit.prompt(said));
                assertTrue(policy.probabilities(SuggestionBandit.prompt(said))[0] > 0.85, said);
                if (id.equals("ipo")) {
                    assertEquals(1 / (2 * beta), z[0] - z[1], 0.05);
                }
            }
        }
    }

    @Test
    void pairsAreRankedByTheRewardAndTiesGiveNone() {
        SuggestionBandit task = new SuggestionBandit(0.6, 2, 2);
        record Scored(String text, double reward) {}
        List<Scored> scored = new ArrayList<>();
        TrainingContext context = new TrainingContext(task, SuggestionBandit.partner(0.8, 0), (prompt, response, parts) -> {
            scored.add(new Scored(response.text(), parts.get("own")));
            return parts.get("own");
        }, 400, List.of(), new RandomStreams(5), (n, m) -> {}, () -> false);
        try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
            Preferences preferences = PLUGINS.plugins().find(PreferenceSourceProvider.class, "sampled")
                    .configured(spec("sampled", "{'episodes': 7}"), PLUGINS).preferences(context, policy);
            assertEquals(400, preferences.responses());
            assertEquals(400, scored.size());
            List<String> better = new ArrayList<>();
            List<String> worse = new ArrayList<>();
            for (int i = 0; i < scored.size(); i += 2) {
                Scored one = scored.get(i);
                Scored other = scored.get(i + 1);
                if (one.reward() != other.reward()) {
                    better.add(one.reward() > other.reward() ? one.text() : other.text());
                    worse.add(one.reward() > other.reward() ? other.text() : one.text());
                }
            }
            assertTrue(better.size() > 20 && better.size() < 180);
            assertEquals(better, preferences.pairs().stream().map(pair -> pair.chosen().text()).toList());
            assertEquals(worse, preferences.pairs().stream().map(pair -> pair.rejected().text()).toList());
        }
    }

    @Test
    void theSameSeedGivesTheSameParametersAndCancellationStops() {
        SuggestionBandit task = new SuggestionBandit(0.7, 1, 1);
        double[][] logits = new double[2][];
        for (int run = 0; run < 2; run++) {
            try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
                train("dpo", "{'learningRate': 0.01}",
                        context(task, SuggestionBandit.partner(0.8, 0), 2000, (n, m) -> {}, () -> false), policy);
                logits[run] = policy.logits(SuggestionBandit.prompt("left"));
            }
        }
        assertArrayEquals(logits[0], logits[1]);
        assertTrue(logits[0][0] > logits[0][1]);
        AtomicInteger points = new AtomicInteger();
        try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
            assertThrows(CancellationException.class, () -> train("dpo", "{'epochs': 1000}", context(
                    task, SuggestionBandit.partner(0.8, 0), 2000, (n, m) -> points.incrementAndGet(), () -> points.get() > 4),
                    policy));
        }
        assertEquals(5, points.get());
    }

    /** A table whose mini-batches fit into memory in parts; scored gets "prompt, chosen, rejected" of each part's pairs. */
    private static TrainablePolicy inParts(TabularPolicy table, int parts, List<List<String>> scored) {
        return (TrainablePolicy) Proxy.newProxyInstance(TrainablePolicy.class.getClassLoader(),
                new Class<?>[] {TrainablePolicy.class}, (proxy, method, args) -> switch (method.getName()) {
                    case "microBatches" -> {
                        int rows = ((List<?>) args[0]).size();
                        yield IntStream.range(0, parts)
                                .mapToObj(k -> IntStream.range(rows * k / parts, rows * (k + 1) / parts).toArray()).toList();
                    }
                    case "beginUpdate" -> scoringPairs(table.beginUpdate(), scored);
                    default -> method.invoke(table, args);
                });
    }

    private static UpdateScope scoringPairs(UpdateScope scope, List<List<String>> scored) {
        return (UpdateScope) Proxy.newProxyInstance(
                UpdateScope.class.getClassLoader(), new Class<?>[] {UpdateScope.class}, (proxy, method, args) -> {
                    if (method.getName().equals("score")) {
                        List<?> prompts = (List<?>) args[0];
                        List<?> responses = (List<?>) args[1];
                        int n = prompts.size() / 2;
                        assertEquals(prompts.subList(0, n), prompts.subList(n, prompts.size()), "both responses of each pair");
                        scored.add(IntStream.range(0, n).mapToObj(i -> ((Prompt) prompts.get(i)).segments().get(0).text() + ", "
                                + ((Response) responses.get(i)).text() + ", " + ((Response) responses.get(n + i)).text())
                                .toList());
                    }
                    return method.invoke(scope, args);
                });
    }

    /**
     * Two steps on seven pairs, the first from the start, where every margin is 0. Plain gradient descent without clipping, so
     * that a factor shows. Three parts of 14 rows end amid pairs; of 14 parts there can be 7.
     */
    @ParameterizedTest
    @EnumSource(Dpo.Loss.class)
    void partsOfAMiniBatchAddUpAndDivideNoPair(Dpo.Loss kind, @TempDir Path folder) throws IOException {
        List<String> pairs = List.of("a, left left, left right", "a, left left, right right", "a, left right, left left",
                "b, right left, left left", "b, right left, right right",
                "c, left left, left right", "c, left left, right right");
        Path file = folder.resolve("pairs.jsonl");
        Files.write(file, pairs.stream().map(pair -> pair.split(", ")).map(pair -> String.format(
                "{\"prompt\": \"%s\", \"chosen\": \"%s\", \"rejected\": \"%s\"}", (Object[]) pair)).toList());
        double[] whole = learnt(kind, file, 1, List.of(7), pairs);
        assertArrayEquals(new double[] {0, 0}, Arrays.copyOfRange(whole, 1, 3), "margin and accuracy before the first step");
        assertTrue(whole[5] > 0.01 && whole[6] < 1, "margin and accuracy after it: " + Arrays.toString(whole));
        for (double[] found : List.of(learnt(kind, file, 3, List.of(2, 2, 3), pairs),
                learnt(kind, file, 14, Collections.nCopies(7, 1), pairs))) {
            for (int i = 0; i < whole.length; i++) {
                assertEquals(whole[i], found[i], 1e-6 * Math.abs(whole[i]), "number " + i);
            }
        }
    }

    /** What is measured at each step, in the order of {@link Dpo.Losses#NAMES}, and behind it the parameters after both. */
    private static double[] learnt(Dpo.Loss kind, Path file, int parts, List<Integer> sizes, List<String> pairs)
            throws IOException {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 2);
        List<Double> found = new ArrayList<>();
        List<List<String>> scored = new ArrayList<>();
        try (TabularPolicy table = table(task, TabularPolicy.Optimizer.SGD)) {
            train(kind.name().toLowerCase(Locale.ROOT), "{'beta': " + BETA + ", 'epochs': 2, 'batchSize': 7, 'learningRate': 1, "
                    + "'maxGradNorm': 0, 'preferences': {'id': 'jsonl', 'file': '" + file + "'}}",
                    context(task, SuggestionBandit.partner(1, 0), 1,
                            (n, m) -> Dpo.Losses.NAMES.forEach(name -> found.add(m.get(name))), () -> false),
                    inParts(table, parts, scored));
            JsonlPreferences.read(file).stream().map(Preference::prompt).distinct()
                    .flatMap(p -> Stream.of(table.logits(p), table.logits(p, "left"), table.logits(p, "right")))
                    .forEach(logits -> Arrays.stream(logits).forEach(found::add));
        }
        for (List<List<String>> step : List.of(scored.subList(0, sizes.size()), scored.subList(sizes.size(), scored.size()))) {
            assertEquals(sizes, step.stream().map(List::size).toList());
            assertEquals(pairs, step.stream().flatMap(List::stream).sorted().toList());
        }
        return found.stream().mapToDouble(each -> each).toArray();
    }

    /** The full divergence may be listed: a heavy one keeps the answer at the answer given alone, none changes nothing. */
    @Test
    void takesARegulariserOfFullDistributionsInTheLoss() {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        String[] regularizers = {"", listed(0), listed(20)};
        double[] right = new double[3];
        for (int run = 0; run < 3; run++) {
            try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
                train("dpo", "{'learningRate': 0.05, 'batchSize': 100, 'epochs': 5" + regularizers[run] + "}",
                        context(task, SuggestionBandit.partner(1, 0), 4000, (n, m) -> {}, () -> false), policy);
                right[run] = policy.probabilities(SuggestionBandit.prompt("right"))[1];
            }
        }
        assertTrue(right[0] > 0.9, "follows: " + right[0]);
        assertEquals(right[0], right[1]);
        assertEquals(0.5, right[2], 0.05);
    }

    private static String listed(double lambda) {
        return ", 'regularizers': [{'id': 'counterfactual-invariance', 'counterfactual': 'bandit-mask', "
                + "'place': 'loss', 'lambda': "
                + lambda + "}]";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{'regularizers': ['kl-reference']} | regularizers[0] | has no reward",
        "{'regularizers': [{'id': 'counterfactual-invariance', 'counterfactual': "
                + "'bandit-mask'}]} | regularizers[0] | has no reward",
        "{'regularizers': [{'id': 'counterfactual-invariance', 'counterfactual': 'bandit-mask', 'place': 'loss', "
                + "'estimator': 'k2'}]} | regularizers[0] | the policy's own responses",
        "{'preferences': 'sampeld'} | preferences.id | sampled",
        "{'beta': 0} | \"\" | above 0"
    })
    void refusesWhatMakesNoSense(String config, String path, String reason) {
        ConfigurationException e = assertThrows(ConfigurationException.class,
                () -> PLUGINS.plugins().find(AlgorithmProvider.class, "dpo").configured(spec("dpo", config), PLUGINS));
        assertEquals(path, e.path(), e.getMessage());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        // The regularisers that are refused here exist, so the reason is not that they are unknown.
        assertEquals(Regularizer.Place.REWARD,
                PLUGINS.plugins().find(RegularizerProvider.class, "kl-reference")
                        .configured(spec("kl-reference", "{}"), PLUGINS).place());
    }

    @Test
    void readsPairsOfTextsAndOfMessages(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, """
                {"prompt": "which arm?", "chosen": "left", "rejected": "right", "source": "test"}

                {"prompt": [{"role": "system", "content": "one pays"}, {"role": "user", "content": "which?"}], "chosen": \
                [{"role": "assistant", "content": "left"}], "rejected": "right"}
                """);
        List<Preference> pairs = JsonlPreferences.read(file);
        assertEquals(2, pairs.size());
        assertEquals("which arm?", pairs.get(0).prompt().segments().get(0).text());
        assertEquals(2, pairs.get(1).prompt().segments().size());
        assertEquals("left", pairs.get(1).chosen().text());
        try (TabularPolicy policy = table(new SuggestionBandit(0.5, 1, 1), TabularPolicy.Optimizer.ADAM)) {
            train("dpo", "{'learningRate': 0.1, 'epochs': 30, 'preferences': {'id': 'jsonl', 'file': '" + file + "'}}",
                    context(new SuggestionBandit(0.5, 1, 1), SuggestionBandit.partner(1, 0), 1, (n, m) -> assertEquals(0, n),
                            () -> false),
                    policy);
            assertTrue(policy.probabilities(pairs.get(0).prompt())[0] > 0.9);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{'prompt': 'x', 'chosen': 'left'} | 'rejected' is missing",
        "{'prompt': 'x', 'chosen': 'left', | not JSON",
        "{'prompt': 7, 'chosen': 'left', 'rejected': 'right'} | a text or a list of messages",
        "{'prompt': [{'role': 'judge', 'content': 'x'}], 'chosen': 'left', 'rejected': 'right'} | 'judge'"
    })
    void aMalformedLineIsNamedWithItsFileAndNumber(String line, String reason, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, "{\"prompt\": \"x\", \"chosen\": \"left\", \"rejected\": \"right\"}\n"
                + line.replace('\'', '"') + "\n");
        ConfigurationException e = assertThrows(ConfigurationException.class, () -> PLUGINS.plugins()
                .find(AlgorithmProvider.class, "dpo").configured(spec("dpo", pairsOf(file)), PLUGINS));
        assertEquals("preferences.file", e.path());
        assertTrue(e.getMessage().contains("pairs.jsonl, line 2: ") && e.getMessage().contains(reason), e.getMessage());
    }

    @Test
    void aPairThatThePolicyCannotSayIsNamedBeforeItLearns(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, """
                {"prompt": "x", "chosen": "left", "rejected": "right"}
                {"prompt": "x", "chosen": "left", "rejected": "upwards"}
                """);
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        try (TabularPolicy policy = table(task, TabularPolicy.Optimizer.ADAM)) {
            ConfigurationException e = assertThrows(ConfigurationException.class, () -> train("dpo", pairsOf(file),
                    context(task, SuggestionBandit.partner(1, 0), 1, (n, m) -> {}, () -> false), policy));
            assertEquals("preferences.file", e.path());
            assertTrue(e.getMessage().contains("pairs.jsonl, pair 2: ") && e.getMessage().contains("upwards"), e.getMessage());
        }
    }

    private static String pairsOf(Path file) {
        return "{'preferences': {'id': 'jsonl', 'file': '" + file + "'}}";
    }
}
