package io.parley.policies.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MlpPolicyTest {
    /** Positions with different numbers of words, so that padding would show. */
    private final TextSpec text = Fixtures.choices(
            20, 4, 6, List.of(List.of("turn", "leave"), List.of("turn", "leave", "unsure"), List.of("leave", "unsure")));
    private final MlpProvider.Config small = new MlpProvider.Config(List.of(16, 12), MlpProvider.Activation.GELU);

    private TrainablePolicy policy(MlpProvider.Config config, long seed) {
        TrainablePolicy policy = new MlpProvider().create(config, text, PluginContext.standalone(seed));
        policy.configureOptimizer(OptimizerConfig.adam());
        spread(policy, seed);
        return policy;
    }

    /** A head that is far from uniform, so that mistakes show. */
    private static void spread(TrainablePolicy policy, long seed) {
        Parameters parameters = NetworkPolicy.networkOf(policy).parameters();
        Random random = new Random(seed);
        for (String name : List.of("head.weight", "head.bias", "head.given")) {
            NDArray array = parameters.get(name);
            float[] values = array.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.5 * random.nextGaussian());
            }
            parameters.put(name, parameters.manager().create(values, array.getShape()));
        }
    }

    /** Few inputs of the rectifier are near its kink then, where differences from both sides are no derivative. */
    private static TrainablePolicy awayFromKinks(TrainablePolicy policy) {
        Random random = new Random(1);
        NetworkPolicy.networkOf(policy).parameters().byName().forEach((name, array) -> {
            boolean hidden = name.startsWith("hidden") && name.endsWith("bias");
            if (hidden || name.equals("head.given")) {
                float[] values = array.toFloatArray();
                // The last three rows of head.given are the biases of the last hidden layer, one for each position.
                int from = hidden ? 0 : values.length - 3 * (int) array.getShape().get(1);
                for (int i = from; i < values.length; i++) {
                    values[i] += random.nextBoolean() ? 3 : -3;
                }
                array.set(values);
            }
        });
        return policy;
    }

    private enum Quantity { LOG_PROBS, SMOOTHED, VALUES, ENTROPY, DIVERGENCE }

    @ParameterizedTest
    @EnumSource
    void gradientsAgreeWithCentralDifferences(Quantity quantity) {
        for (MlpProvider.Config config : List.of(small, new MlpProvider.Config(List.of(16), MlpProvider.Activation.GELU),
                new MlpProvider.Config(List.of(16, 8, 12), MlpProvider.Activation.GELU),
                new MlpProvider.Config(List.of(16), MlpProvider.Activation.RELU),
                new MlpProvider.Config(List.of(16, 12), MlpProvider.Activation.RELU),
                new MlpProvider.Config(List.of(16, 8, 12), MlpProvider.Activation.RELU))) {
            boolean bends = config.activation() == MlpProvider.Activation.RELU;
            try (TrainablePolicy policy = bends ? awayFromKinks(policy(config, 5)) : policy(config, 5);
                    Policy frozen = policy.snapshot()) {
                List<Prompt> prompts = Fixtures.prompts(text, 6, 1);
                List<Response> responses = policy.sample(prompts, SamplingConfig.standard(), Fixtures.streams(6, 2));
                ScoreRequest request = new ScoreRequest(true, true, quantity == Quantity.SMOOTHED ? 0.3 : 0,
                        List.of(new ScoreRequest.Divergence(frozen, Fixtures.prompts(text, 6, 9), 0.2)));
                float[][] weights = new float[6][3];
                Random random = new Random(3);
                for (float[] row : weights) {
                    for (int t = 0; t < 3; t++) {
                        row[t] = (float) random.nextGaussian();
                    }
                }
                policy.score(prompts, responses, request);
                Network network = NetworkPolicy.networkOf(policy);
                Map<String, float[]> gradients = new HashMap<>();
                try (NDManager owner = network.parameters().manager().newSubManager();
                        var collector = Torch.engine().newGradientCollector()) {
                    Network.Graph graph = network.graph(owner, 0);
                    // In two parts, whose gradients add up.
                    for (int from = 0; from < 6; from += 3) {
                        ScoreRequest part = request.withDivergences(List.of(new ScoreRequest.Divergence(
                                frozen, request.divergences().get(0).targetPrompts().subList(from, from + 3), 0.2)));
                        ScoreArrays scores = graph.score(prompts.subList(from, from + 3),
                                responses.subList(from, from + 3), part);
                        NDArray chosen = switch (quantity) {
                            case LOG_PROBS, SMOOTHED -> scores.logProbs();
                            case VALUES -> scores.values();
                            case ENTROPY -> scores.entropy();
                            case DIVERGENCE -> scores.divergences().get(0);
                        };
                        float[][] w = {weights[from], weights[from + 1], weights[from + 2]};
                        collector.backward(chosen.mul(owner.create(w)).sum());
                    }
                    List<NDArray> found = graph.gradients();
                    int i = 0;
                    for (String name : network.parameters().byName().keySet()) {
                        gradients.put(name, found.get(i).toFloatArray());
                        i++;
                    }
                }
                for (String name : network.parameters().byName().keySet()) {
                    NDArray master = network.parameters().get(name);
                    float[] direction = new float[(int) master.size()];
                    double expected = 0;
                    for (int i = 0; i < direction.length; i++) {
                        direction[i] = (float) random.nextGaussian();
                        expected += direction[i] * (double) gradients.get(name)[i];
                    }
                    double step = bends ? 5e-4 : 2e-3;
                    double difference = (total(policy, quantity, prompts, responses, request, weights, master, direction, step)
                            - total(policy, quantity, prompts, responses, request, weights, master, direction,
                                    -step)) / (2 * step);
                    assertEquals(expected, difference, 2e-3 + 5e-3 * Math.abs(expected), config + " " + name);
                }
            }
        }
    }

    private static double total(TrainablePolicy policy, Quantity quantity, List<Prompt> prompts, List<Response> responses,
            ScoreRequest request, float[][] weights, NDArray master, float[] direction, double step) {
        try (NDManager scratch = master.getManager().newSubManager()) {
            NDArray kept = master.duplicate();
            kept.attach(scratch);
            master.addi(scratch.create(direction, master.getShape()).mul(step));
            Scores scores = policy.score(prompts, responses, request);
            kept.copyTo(master);
            float[][] chosen = switch (quantity) {
                case LOG_PROBS, SMOOTHED -> scores.logProbs();
                case VALUES -> scores.values();
                case ENTROPY -> scores.entropy();
                case DIVERGENCE -> scores.divergences().get(0);
            };
            double sum = 0;
            for (int i = 0; i < chosen.length; i++) {
                for (int t = 0; t < chosen[i].length; t++) {
                    sum += chosen[i][t] * (double) weights[i][t];
                }
            }
            return sum;
        }
    }

    @Test
    void theRightSideOfADivergenceCarriesNoGradient() {
        try (TrainablePolicy policy = policy(small, 5); Policy frozen = policy.snapshot()) {
            List<Prompt> prompts = Fixtures.prompts(text, 4, 1);
            List<Prompt> others = Fixtures.prompts(text, 4, 8);
            List<Response> responses = policy.sample(prompts, SamplingConfig.standard(), Fixtures.streams(4, 2));
            float[][] gradients = new float[2][];
            int i = 0;
            for (Policy target : List.of(policy, frozen)) {
                Network network = NetworkPolicy.networkOf(policy);
                try (NDManager owner = network.parameters().manager().newSubManager();
                        var collector = Torch.engine().newGradientCollector()) {
                    Network.Graph graph = network.graph(owner, 0);
                    ScoreArrays scores = graph.score(prompts, responses, ScoreRequest.logProbs()
                            .withDivergences(List.of(new ScoreRequest.Divergence(target, others, 0))));
                    collector.backward(scores.divergences().get(0).sum());
                    gradients[i++] = graph.gradients().get(1).toFloatArray();
                }
            }
            assertArrayEquals(gradients[1], gradients[0]);
        }
    }

    @Test
    void samplingIsWhatScoringSays() {
        try (TrainablePolicy policy = policy(small, 7)) {
            int rows = 40_000;
            Prompt prompt = Fixtures.prompts(text, 1, 4).get(0);
            List<Prompt> prompts = Collections.nCopies(rows, prompt);
            List<Response> sampled = policy.sample(prompts, SamplingConfig.standard().withValues(), Fixtures.streams(rows, 1));
            Scores scores = policy.score(prompts, sampled, ScoreRequest.logProbs().withValues());
            Map<String, Integer> counts = new HashMap<>();
            for (int i = 0; i < rows; i++) {
                assertArrayEquals(scores.logProbs()[i], sampled.get(i).logProbs(), 1e-5f);
                assertArrayEquals(scores.values()[i], sampled.get(i).values(), 1e-5f);
                counts.merge(sampled.get(i).text(), 1, Integer::sum);
            }
            List<Response> every = Fixtures.everyResponse(text);
            float[][] logProbs = policy.score(prompts.subList(0, every.size()), every, ScoreRequest.logProbs()).logProbs();
            double sum = 0;
            for (int i = 0; i < every.size(); i++) {
                double p = Math.exp(total(logProbs[i]));
                sum += p;
                double frequency = counts.getOrDefault(every.get(i).text(), 0) / (double) rows;
                assertEquals(p, frequency, 4.5 * Math.sqrt(p * (1 - p) / rows) + 1e-4, every.get(i).text());
            }
            assertEquals(1, sum, 1e-5);
        }
    }

    private static double total(float[] row) {
        return IntStream.range(0, row.length).mapToDouble(t -> row[t]).sum();
    }

    @Test
    void entropySmoothingAndDivergenceAreThoseOfTheEnumeratedDistribution() {
        try (TrainablePolicy policy = policy(small, 11)) {
            Prompt here = Fixtures.prompts(text, 1, 4).get(0);
            Prompt there = Fixtures.prompts(text, 1, 5).get(0);
            List<Response> every = Fixtures.everyResponse(text);
            List<Prompt> heres = Collections.nCopies(every.size(), here);
            List<Prompt> theres = Collections.nCopies(every.size(), there);
            double epsilon = 0.25;
            Scores p = policy.score(heres, every, new ScoreRequest(false, true, 0,
                    List.of(new ScoreRequest.Divergence(policy, theres, epsilon),
                            new ScoreRequest.Divergence(policy, theres, 0))));
            float[][] q = policy.score(theres, every, ScoreRequest.logProbs()).logProbs();
            float[][] smoothed = policy.score(heres, every, ScoreRequest.logProbs().withSmoothing(epsilon)).logProbs();
            int[] allowed = {2, 3, 2};
            for (int i = 0; i < every.size(); i++) {
                for (int t = 0; t < 3; t++) {
                    String start = prefix(every.get(i), t);
                    double entropy = 0;
                    double divergence = 0;
                    double plain = 0;
                    Map<String, Boolean> seen = new HashMap<>();
                    for (int j = 0; j < every.size(); j++) {
                        if (prefix(every.get(j), t).equals(start) && seen.put(prefix(every.get(j), t + 1), true) == null) {
                            double lp = p.logProbs()[j][t];
                            entropy -= Math.exp(lp) * lp;
                            double right = (1 - epsilon) * Math.exp(q[j][t]) + epsilon / allowed[t];
                            divergence += Math.exp(lp) * (lp - Math.log(right));
                            plain += Math.exp(lp) * (lp - q[j][t]);
                        }
                    }
                    assertEquals(entropy, p.entropy()[i][t], 1e-5);
                    assertEquals(divergence, p.divergences().get(0)[i][t], 1e-5);
                    assertEquals(plain, p.divergences().get(1)[i][t], 1e-5);
                    assertEquals((1 - epsilon) * Math.exp(p.logProbs()[i][t]) + epsilon / allowed[t],
                            Math.exp(smoothed[i][t]), 1e-5);
                }
            }
        }
    }

    private static String prefix(Response response, int words) {
        return String.join(" ", List.of(response.text().split(" ")).subList(0, words));
    }

    @Test
    void batchMatesDoNotMatter() {
        try (TrainablePolicy policy = policy(new MlpProvider.Config(null, null), 3)) {
            int rows = 50;
            List<Prompt> prompts = Fixtures.prompts(text, rows, 1);
            List<Response> together = policy.sample(prompts, SamplingConfig.standard(), Fixtures.streams(rows, 1));
            List<RandomGenerator> streams = Fixtures.streams(rows, 1);
            for (int i = rows - 1; i >= 0; i--) {
                Response alone = policy.sample(prompts.subList(i, i + 1), SamplingConfig.standard(),
                        streams.subList(i, i + 1)).get(0);
                assertEquals(together.get(i).text(), alone.text());
                assertArrayEquals(together.get(i).logProbs(), alone.logProbs(), 1e-5f);
            }
        }
    }

    /** A second policy meets other prompts first, so that its table has another order: nothing else may differ. */
    @Test
    void whatIsMetFirstDoesNotMatter() {
        try (TrainablePolicy one = policy(new MlpProvider.Config(null, null), 3);
                TrainablePolicy two = policy(new MlpProvider.Config(null, null), 3)) {
            List<Prompt> strange = Fixtures.prompts(text, 30, 77);
            List<Response> responses = Collections.nCopies(30, Response.of("turn turn leave"));
            two.score(strange, responses, ScoreRequest.logProbs());
            float[][] scores = null;
            for (TrainablePolicy policy : List.of(one, two)) {
                List<Prompt> prompts = Fixtures.prompts(text, 30, 1);
                for (int i = 0; i < 10; i++) {
                    try (UpdateScope scope = policy.beginUpdate()) {
                        scope.backward(scope.score(prompts, responses, ScoreRequest.logProbs()).logProbs().mean().neg());
                        scope.step(1e-2);
                    }
                }
                float[][] after = policy.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
                if (scores != null) {
                    for (int i = 0; i < 30; i++) {
                        assertArrayEquals(scores[i], after[i]);
                    }
                }
                scores = after;
            }
        }
    }

    @Test
    void temperatureTopKAndTopPCutTheDistribution() {
        try (TrainablePolicy policy = policy(small, 7)) {
            int rows = 200;
            List<Prompt> prompts = Fixtures.prompts(text, rows, 4);
            List<Response> every = Fixtures.everyResponse(text);
            for (Response greedy : policy.sample(prompts, new SamplingConfig(0, 0, 1, false), Fixtures.streams(rows, 1))) {
                assertArrayEquals(new float[3], greedy.logProbs());
            }
            Map<Prompt, String> best = new HashMap<>();
            List<Response> topOne = policy.sample(prompts, new SamplingConfig(1, 1, 1, false), Fixtures.streams(rows, 2));
            for (int i = 0; i < rows; i++) {
                best.put(prompts.get(i), topOne.get(i).text());
            }
            List<Response> nucleus = policy.sample(prompts, new SamplingConfig(1, 0, 1e-6, false), Fixtures.streams(rows, 3));
            for (int i = 0; i < rows; i++) {
                assertEquals(best.get(prompts.get(i)), nucleus.get(i).text());
            }
            SamplingConfig warm = new SamplingConfig(2, 0, 1, false);
            Response drawn = policy.sample(prompts.subList(0, 1), warm, Fixtures.streams(1, 3)).get(0);
            double[] weights = new double[2];
            for (Response response : every) {
                float[] lp = policy.score(prompts.subList(0, 1), List.of(response), ScoreRequest.logProbs()).logProbs()[0];
                weights[response.text().startsWith("turn") ? 0 : 1] = Math.exp(lp[0] / 2);
            }
            double expected = Math.log(weights[drawn.text().startsWith("turn") ? 0 : 1] / (weights[0] + weights[1]));
            assertEquals(expected, drawn.logProbs()[0], 1e-5);
        }
    }

    /** Six answers of four words, two of them "turn": no product of independent words is near their uniform distribution. */
    @Test
    void learnsAJointDistribution() {
        TextSpec four = Fixtures.choices(20, 4, 6, Fixtures.stances(4));
        List<Response> pairs = Fixtures.everyResponse(four).stream()
                .filter(r -> !r.text().contains("unsure") && List.of(r.text().split(" ")).stream().filter("turn"::equals)
                        .count() == 2)
                .toList();
        assertEquals(6, pairs.size());
        try (TrainablePolicy policy = new MlpProvider()
                .create(new MlpProvider.Config(List.of(64), null), four, PluginContext.standalone(1))) {
            policy.configureOptimizer(OptimizerConfig.adam());
            List<Prompt> prompts = Collections.nCopies(6, Fixtures.prompts(four, 1, 1).get(0));
            for (int i = 0; i < 300; i++) {
                try (UpdateScope scope = policy.beginUpdate()) {
                    scope.backward(scope.score(prompts, pairs, ScoreRequest.logProbs()).logProbs().sum().neg()
                            .div(scope.constant(6)));
                    scope.step(1e-2);
                }
            }
            for (float[] row : policy.score(prompts, pairs, ScoreRequest.logProbs()).logProbs()) {
                assertEquals(1 / 6.0, Math.exp(total(row)), 0.01);
            }
        }
    }

    @Test
    void badInputIsExplained() {
        try (TrainablePolicy policy = policy(small, 1)) {
            List<Prompt> prompts = Fixtures.prompts(text, 1, 1);
            assertSays(() -> policy.score(prompts, List.of(Response.of("turn turn")), ScoreRequest.logProbs()),
                    "has 2 words; 3 are wanted");
            assertSays(() -> policy.score(prompts, List.of(Response.of("turn turn turn")), ScoreRequest.logProbs()),
                    "allowed there: leave, unsure");
            Prompt unknown = new Prompt(List.of(new Segment(Role.USER, SegmentKind.QUESTION, 1, "w1 hello")));
            assertSays(() -> policy.score(List.of(unknown), List.of(Response.of("turn turn leave")), ScoreRequest.logProbs()),
                    "'hello'");
            Prompt tooLong = new Prompt(List.of(new Segment(Role.USER, SegmentKind.QUESTION, 1, "w1 w1 w1 w1 w1 w1 w1")));
            assertSays(() -> policy.sample(List.of(tooLong), SamplingConfig.standard(), Fixtures.streams(1, 1)),
                    "7 dialogue words; at most 4 and 6");
            assertSays(() -> policy.sample(prompts, SamplingConfig.standard(), Fixtures.streams(2, 1)), "1 prompts and 2");
            try (TrainablePolicy other = policy(new MlpProvider.Config(List.of(8), null), 1)) {
                assertSays(() -> policy.score(prompts, List.of(Response.of("turn turn leave")), ScoreRequest.logProbs()
                        .withDivergences(List.of(new ScoreRequest.Divergence(other, prompts, 0)))), "snapshot");
            }
        }
        TextSpec free = new TextSpec(List.of("a"), 0, 3, new ResponseFormat.FreeText(3, List.of()));
        assertThrows(ConfigurationException.class, () -> new MlpProvider().create(small, free, PluginContext.standalone(1)));
        assertSays(() -> new MlpProvider.Config(List.of(0), null), "hidden is [0]");
    }

    private static void assertSays(Runnable action, String part) {
        String message = assertThrows(IllegalArgumentException.class, action::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void equalSeedsGiveEqualPolicies() {
        try (TrainablePolicy one = policy(small, 4); TrainablePolicy two = policy(small, 4);
                TrainablePolicy other = policy(small, 6)) {
            List<Prompt> prompts = Fixtures.prompts(text, 3, 1);
            List<Response> responses = Collections.nCopies(3, Response.of("turn turn leave"));
            float[][] scores = one.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
            assertArrayEquals(scores[0], two.score(prompts, responses, ScoreRequest.logProbs()).logProbs()[0]);
            assertTrue(total(scores[0]) != total(other.score(prompts, responses, ScoreRequest.logProbs()).logProbs()[0]));
        }
    }
}
