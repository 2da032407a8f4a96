package io.parley.policies.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.parley.checkpoints.TaskVocabulary;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import io.parley.core.tokens.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerPolicyTest {
    private static final List<String> WORDS = List.of("red", "green", "blue", "up", "down", "left", "right", "yes", "no",
            "maybe", "so");
    private static final ResponseFormat CHOICES =
            new ResponseFormat.Choices(
                    List.of(List.of("red", "green", "blue"), List.of("yes", "no"), List.of("up", "down", "left", "right")));
    private static final ResponseFormat FREE = new ResponseFormat.FreeText(5, List.of());
    private static final double TOLERANCE = 1e-5;

    private static NetworkPolicy policy(ResponseFormat format, int seed, Boolean tied) {
        return policy(format, seed, tied, Precision.FLOAT32);
    }

    private static NetworkPolicy policy(ResponseFormat format, int seed, Boolean tied, Precision precision) {
        TransformerProvider.Config config = new TransformerProvider.Config(16, 3, 2, 24, 96, tied, precision);
        NetworkPolicy policy = new NetworkPolicy(
                new TransformerNetwork(config, new Vocabulary(new TextSpec(WORDS, 10, 60, format)), new Random(seed)));
        // Far from the almost uniform start, so that a mistake shows.
        Random random = new Random(seed + 1);
        for (NDArray array : network(policy).parameters().values()) {
            float[] noise = new float[(int) array.size()];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = (float) (0.25 * random.nextGaussian());
            }
            try (NDManager scratch = Torch.newManager()) {
                array.addi(scratch.create(noise, array.getShape()));
            }
        }
        return policy;
    }

    private static TransformerNetwork network(Policy policy) {
        return (TransformerNetwork) NetworkPolicy.networkOf(policy);
    }

    private static Segment words(Role role, int round, int count, Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(WORDS.get(random.nextInt(WORDS.size())));
        }
        return new Segment(role, SegmentKind.EVIDENCE, round, text.toString());
    }

    private static Prompt prompt(int systemWords, int userWords, long seed) {
        Random random = new Random(seed);
        return new Prompt(List.of(words(Role.SYSTEM, 0, systemWords, random), words(Role.USER, 1, userWords, random)));
    }

    /** Prompts of the rounds of one dialogue, each begun by the one before. */
    private static List<Prompt> dialogue(int rounds, long seed) {
        Random random = new Random(seed);
        List<Segment> segments = new ArrayList<>(List.of(words(Role.SYSTEM, 0, 3, random)));
        List<Prompt> prompts = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            segments.add(words(Role.USER, round, 2 + random.nextInt(4), random));
            prompts.add(new Prompt(segments));
            segments.add(words(Role.ASSISTANT, round, 3, random));
        }
        return prompts;
    }

    private static List<Prompt> dialogues(int count, int rounds) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            prompts.addAll(dialogue(rounds, 20 + i));
        }
        return prompts;
    }

    private static List<RandomGenerator> streams(int rows, long seed) {
        List<RandomGenerator> streams = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            streams.add(new RandomStreams(seed).stream("sample", i, 0, 0));
        }
        return streams;
    }

    /** Different lengths, a whole dialogue, and two rows with one prompt. */
    private static List<Prompt> mixedPrompts() {
        List<Prompt> prompts = new ArrayList<>(dialogue(4, 7));
        prompts.add(prompt(0, 1, 1));
        prompts.add(prompt(5, 20, 2));
        prompts.add(prompt(2, 6, 3));
        prompts.add(prompt(2, 6, 3));
        return prompts;
    }

    private static List<Response> sample(Policy policy, List<Prompt> prompts, long seed) {
        return policy.sample(prompts, SamplingConfig.standard().withValues(), streams(prompts.size(), seed));
    }

    private static void assertClose(float[] expected, float[] actual) {
        assertArrayEquals(expected, actual, (float) TOLERANCE);
    }

    @Test
    void samplingWithACacheScoresWhatAFullForwardScores() {
        for (ResponseFormat format : List.of(CHOICES, FREE)) {
            try (NetworkPolicy policy = policy(format, 1, false)) {
                List<Prompt> prompts = mixedPrompts();
                List<Response> responses = sample(policy, prompts, 3);
                Scores scores = policy.score(prompts, responses, ScoreRequest.logProbs().withValues());
                for (int i = 0; i < prompts.size(); i++) {
                    assertClose(responses.get(i).logProbs(), scores.logProbs()[i]);
                    assertClose(responses.get(i).values(), scores.values()[i]);
                }
            }
        }
    }

    @Test
    void aRowDoesNotDependOnItsBatchMates() {
        try (NetworkPolicy policy = policy(FREE, 2, false)) {
            List<Prompt> prompts = mixedPrompts();
            List<Response> responses = sample(policy, prompts, 4);
            assertTrue(responses.stream().mapToInt(r -> r.logProbs().length).distinct().count() > 1,
                    "the test wants unequal lengths");
            ScoreRequest request = ScoreRequest.logProbs().withValues().withEntropy();
            Scores together = policy.score(prompts, responses, request);
            for (int i = 0; i < prompts.size(); i++) {
                Scores alone = policy.score(prompts.subList(i, i + 1), responses.subList(i, i + 1), request);
                assertClose(alone.logProbs()[0], together.logProbs()[i]);
                assertClose(alone.values()[0], together.values()[i]);
                assertClose(alone.entropy()[0], together.entropy()[i]);
                Response sampledAlone = policy.sample(
                                prompts.subList(i, i + 1), SamplingConfig.standard(),
                                streams(prompts.size(), 4).subList(i, i + 1))
                        .get(0);
                assertEquals(responses.get(i).text(), sampledAlone.text());
            }
        }
    }

    /** Rows that begin alike. Those of a group attend together, or each to a copy of the prompt where that is short. */
    private static Stream<List<Prompt>> groups() {
        // As many rounds of every dialogue; the last one has fewer.
        List<Prompt> dialogues = dialogues(3, 5);
        dialogues.addAll(dialogue(4, 30));
        Collections.shuffle(dialogues, new Random(1));
        List<Prompt> manyOfShort = new ArrayList<>(Collections.nCopies(12, prompt(0, 1, 1)));
        List<Prompt> unequal = new ArrayList<>(manyOfShort);
        unequal.addAll(Collections.nCopies(12, prompt(2, 1, 2)));
        return Stream.of(dialogues, Collections.nCopies(2, prompt(5, 20, 2)), manyOfShort, unequal);
    }

    @ParameterizedTest
    @MethodSource("groups")
    void rowsThatBeginAlikeScoreAsEachAlone(List<Prompt> prompts) {
        try (NetworkPolicy policy = policy(FREE, 2, false)) {
            List<Response> responses = sample(policy, prompts, 4);
            Scores together = policy.score(prompts, responses, ScoreRequest.logProbs().withValues());
            for (int i = 0; i < prompts.size(); i++) {
                Scores alone = policy.score(prompts.subList(i, i + 1), responses.subList(i, i + 1),
                        ScoreRequest.logProbs().withValues());
                assertClose(alone.logProbs()[0], together.logProbs()[i]);
                assertClose(alone.values()[0], together.values()[i]);
            }
        }
    }

    @Test
    void roundsOfADialogueAreSampledAsIfEachWereNew() {
        try (NetworkPolicy policy = policy(CHOICES, 3, false)) {
            List<List<Prompt>> dialogues = IntStream.range(0, 4).mapToObj(i -> dialogue(5, 100 + i)).toList();
            for (int round = 0; round < 5; round++) {
                int now = round;
                List<Prompt> prompts = dialogues.stream().map(d -> d.get(now)).toList();
                long before = network(policy).prefilledTokens();
                List<Response> kept = sample(policy, prompts, round);
                try (Policy fresh = policy.snapshot()) {
                    List<Response> anew = sample(fresh, prompts, round);
                    // What the shortest dialogue had before is known of all of them.
                    int known = round == 0 ? 0 : dialogues.stream()
                            .mapToInt(d -> network(policy).codec().encode(d.get(now - 1)).length - 1).min().orElseThrow();
                    assertEquals(network(fresh).prefilledTokens() - 4L * known, network(policy).prefilledTokens() - before);
                    for (int i = 0; i < prompts.size(); i++) {
                        assertEquals(anew.get(i).text(), kept.get(i).text());
                        assertClose(anew.get(i).logProbs(), kept.get(i).logProbs());
                    }
                }
            }
            policy.configureOptimizer(OptimizerConfig.adam());
            List<Prompt> prompts = dialogues.stream().map(d -> d.get(4)).toList();
            learn(policy, prompts, sample(policy, prompts, 9), 0.05);
            List<Response> after = sample(policy, prompts, 9);
            Scores scores = policy.score(prompts, after, ScoreRequest.logProbs());
            for (int i = 0; i < prompts.size(); i++) {
                assertClose(after.get(i).logProbs(), scores.logProbs()[i]);
            }
        }
    }

    private static double learn(NetworkPolicy policy, List<Prompt> prompts, List<Response> responses, double learningRate) {
        try (UpdateScope scope = policy.beginUpdate()) {
            NDArray loss = scope.score(prompts, responses, ScoreRequest.logProbs()).logProbs().sum().neg();
            scope.backward(loss);
            scope.step(learningRate);
            return loss.getFloat();
        }
    }

    @Test
    void learningRaisesTheLikelihood() {
        for (boolean tied : new boolean[] {false, true}) {
            try (NetworkPolicy policy = policy(FREE, 4, tied)) {
                policy.configureOptimizer(OptimizerConfig.adam());
                List<Prompt> prompts = mixedPrompts();
                List<Response> responses = prompts.stream().map(p -> Response.of("yes so up")).toList();
                double first = learn(policy, prompts, responses, 0.01);
                double last = first;
                for (int i = 0; i < 30; i++) {
                    last = learn(policy, prompts, responses, 0.01);
                }
                assertTrue(last < 0.2 * first, first + " -> " + last);
            }
        }
    }

    /** A loss that uses everything a scope offers; the same number from {@code score} when there is no scope. */
    private static NDArray loss(UpdateScope scope, NetworkPolicy policy, Policy reference, List<Prompt> prompts,
            List<Response> responses) {
        List<Prompt> others = new ArrayList<>(prompts);
        java.util.Collections.reverse(others);
        ScoreArrays scores = scope.score(prompts, responses, request(policy, reference, others));
        NDArray weights = scope.array(weights(responses), (int) scores.mask().getShape().get(1));
        return scores.logProbs().mul(weights).sum()
                .add(scores.values().square().sum())
                .add(scores.entropy().sum().mul(scope.constant(0.5)))
                .add(scores.divergences().get(0).sum());
    }

    private static ScoreRequest request(NetworkPolicy policy, Policy reference, List<Prompt> others) {
        return ScoreRequest.logProbs().withValues().withEntropy().withSmoothing(0.1)
                .withDivergences(List.of(new ScoreRequest.Divergence(reference, others, 0.2)));
    }

    private static float[][] weights(List<Response> responses) {
        Random random = new Random(5);
        return responses.stream().map(r -> {
            float[] row = new float[r.logProbs().length];
            for (int t = 0; t < row.length; t++) {
                row[t] = (float) random.nextGaussian();
            }
            return row;
        }).toArray(float[][]::new);
    }

    private static double loss(NetworkPolicy policy, Policy reference, List<Prompt> prompts, List<Response> responses) {
        List<Prompt> others = new ArrayList<>(prompts);
        java.util.Collections.reverse(others);
        Scores scores = policy.score(prompts, responses, request(policy, reference, others));
        float[][] weights = weights(responses);
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int t = 0; t < weights[i].length; t++) {
                double value = scores.values()[i][t];
                sum += weights[i][t] * (double) scores.logProbs()[i][t] + value * value + 0.5 * scores.entropy()[i][t]
                        + scores.divergences().get(0)[i][t];
            }
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void gradientsAreThoseOfFiniteDifferences(boolean wholeDialogues, boolean tied) {
        try (NetworkPolicy policy = policy(FREE, 5, tied); Policy reference = policy(FREE, 6, tied)) {
            List<Prompt> prompts = wholeDialogues ? dialogues(2, 4) : mixedPrompts();
            List<Response> responses = sample(policy, prompts, 6);
            Gradients.assertThoseOfFiniteDifferences(gradients(policy, reference, prompts, responses),
                    network(policy).parameters(), () -> loss(policy, reference, prompts, responses));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bfloat16ComputesAlmostTheSame(boolean tied) {
        try (NetworkPolicy exact = policy(FREE, 5, tied); NetworkPolicy half = policy(FREE, 5, tied, Precision.BFLOAT16);
                Policy reference = exact.snapshot(); Policy halfReference = half.snapshot()) {
            List<Prompt> prompts = dialogues(2, 4);
            prompts.addAll(mixedPrompts());
            List<Response> responses = sample(half, prompts, 6);
            float[][] expected = exact.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
            float[][] scored = half.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
            double difference = 0;
            double kept = 0;
            int tokens = 0;
            for (int i = 0; i < expected.length; i++) {
                for (int t = 0; t < expected[i].length; t++) {
                    difference += Math.abs(scored[i][t] - expected[i][t]);
                    kept += Math.abs(scored[i][t] - responses.get(i).logProbs()[t]);
                    tokens++;
                }
            }
            assertTrue(difference > 0 && difference / tokens < 0.02, "mean difference from float32: " + difference / tokens);
            assertTrue(kept / tokens < 0.02, "mean difference from sampling: " + kept / tokens);
            Map<String, float[]> gradients = gradients(exact, reference, prompts, responses);
            gradients(half, halfReference, prompts, responses).forEach((name, gradient) ->
                    assertTrue(cosine(gradients.get(name), gradient) > 0.99,
                            name + ": " + cosine(gradients.get(name), gradient)));
        }
    }

    private static double cosine(float[] x, float[] y) {
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (double) x[i] * y[i];
            xx += (double) x[i] * x[i];
            yy += (double) y[i] * y[i];
        }
        return xy / Math.sqrt(xx * yy);
    }

    /** Of {@link #loss}, by the parameters' names. */
    private static Map<String, float[]> gradients(
            NetworkPolicy policy, Policy reference, List<Prompt> prompts, List<Response> responses) {
        Map<String, float[]> gradients = new HashMap<>();
        Parameters parameters = network(policy).parameters();
        try (NDManager scratch = Torch.newManager();
                var collector = Torch.engine().newGradientCollector()) {
            Network.Graph graph = network(policy).graph(scratch, 0);
            UpdateScope scope = new UpdateScope() {
                @Override
                public ScoreArrays score(List<Prompt> p, List<Response> r, ScoreRequest request) {
                    return graph.score(p, r, request);
                }

                @Override
                public NDArray array(float[][] rows, int columns) {
                    float[] flat = new float[rows.length * columns];
                    for (int i = 0; i < rows.length; i++) {
                        System.arraycopy(rows[i], 0, flat, i * columns, rows[i].length);
                    }
                    return scratch.create(flat, new ai.djl.ndarray.types.Shape(rows.length, columns));
                }

                @Override
                public void backward(NDArray loss) {
                    collector.backward(loss);
                }

                @Override
                public double step(double learningRate) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public void close() {}
            };
            scope.backward(loss(scope, policy, reference, prompts, responses));
            List<NDArray> found = graph.gradients();
            int i = 0;
            for (String name : parameters.byName().keySet()) {
                gradients.put(name, found.get(i++).toFloatArray());
            }
        }
        return gradients;
    }

    /** Every response of CHOICES, and its probability under the policy. */
    private static Map<String, Double> distribution(Policy policy, Prompt prompt, double smoothing) {
        List<String> texts = new ArrayList<>(List.of(""));
        for (List<String> position : ((ResponseFormat.Choices) CHOICES).positions()) {
            texts = texts.stream().flatMap(t -> position.stream().map(w -> (t + " " + w).strip())).toList();
        }
        List<Response> responses = texts.stream().map(Response::of).toList();
        Scores scores = policy.score(
                texts.stream().map(t -> prompt).toList(), responses, ScoreRequest.logProbs().withSmoothing(smoothing));
        Map<String, Double> distribution = new HashMap<>();
        for (int i = 0; i < texts.size(); i++) {
            double sum = 0;
            for (float logProb : scores.logProbs()[i]) {
                sum += logProb;
            }
            distribution.put(texts.get(i), Math.exp(sum));
        }
        return distribution;
    }

    @Test
    void frequenciesFollowProbabilities() {
        try (NetworkPolicy policy = policy(CHOICES, 7, false)) {
            Prompt prompt = prompt(2, 5, 8);
            Map<String, Double> expected = distribution(policy, prompt, 0);
            assertEquals(1, expected.values().stream().mapToDouble(p -> p).sum(), 1e-4);
            int n = 20_000;
            Map<String, Integer> counts = new HashMap<>();
            for (Response response : sample(policy, java.util.Collections.nCopies(n, prompt), 10)) {
                counts.merge(response.text(), 1, Integer::sum);
            }
            double chiSquare = 0;
            for (Map.Entry<String, Double> entry : expected.entrySet()) {
                double mean = n * entry.getValue();
                chiSquare += Math.pow(counts.getOrDefault(entry.getKey(), 0) - mean, 2) / mean;
            }
            assertTrue(chiSquare < 50, "chi-square with 23 degrees of freedom is " + chiSquare);
        }
    }

    @Test
    void smoothingAndDivergenceAreTheirDefinitions() {
        try (NetworkPolicy policy = policy(CHOICES, 8, false); Policy reference = policy(CHOICES, 9, false)) {
            Prompt prompt = prompt(2, 5, 8);
            Prompt other = prompt(3, 4, 9);
            List<String> words = List.of("red", "green", "blue");
            double[] p = new double[3];
            double[] q = new double[3];
            double[] smooth = new double[3];
            for (int k = 0; k < 3; k++) {
                List<Response> response = List.of(Response.of(words.get(k) + " yes up"));
                p[k] = Math.exp(policy.score(List.of(prompt), response, ScoreRequest.logProbs()).logProbs()[0][0]);
                q[k] = Math.exp(reference.score(List.of(other), response, ScoreRequest.logProbs()).logProbs()[0][0]);
                smooth[k] = Math.exp(
                        policy.score(List.of(prompt), response, ScoreRequest.logProbs().withSmoothing(0.3)).logProbs()[0][0]);
                assertEquals(0.7 * p[k] + 0.3 / 3, smooth[k], TOLERANCE);
            }
            for (double epsilon : new double[] {0, 0.2}) {
                double kl = 0;
                double entropy = 0;
                for (int k = 0; k < 3; k++) {
                    kl += p[k] * Math.log(p[k] / ((1 - epsilon) * q[k] + epsilon / 3));
                    entropy -= p[k] * Math.log(p[k]);
                }
                Scores scores = policy.score(List.of(prompt), List.of(Response.of("red yes up")),
                        ScoreRequest.logProbs().withEntropy()
                        .withDivergences(List.of(new ScoreRequest.Divergence(reference, List.of(other), epsilon))));
                assertEquals(kl, scores.divergences().get(0)[0][0], TOLERANCE);
                assertEquals(entropy, scores.entropy()[0][0], TOLERANCE);
            }
        }
    }

    @Test
    void theTargetOfADivergenceReadsAsMuch() {
        TransformerProvider.Config config = new TransformerProvider.Config(16, 3, 2, 24, 95, false, Precision.FLOAT32);
        try (NetworkPolicy policy = policy(CHOICES, 8, false); NetworkPolicy shorter = new NetworkPolicy(new TransformerNetwork(
                config, new Vocabulary(new TextSpec(WORDS, 10, 60, CHOICES)), new Random(8)))) {
            List<Prompt> prompts = List.of(prompt(2, 5, 8));
            List<Response> responses = List.of(Response.of("red yes up"));
            String refused = assertThrows(IllegalArgumentException.class, () -> policy.score(prompts, responses,
                    ScoreRequest.logProbs().withDivergences(List.of(new ScoreRequest.Divergence(shorter, prompts, 0)))))
                    .getMessage();
            assertTrue(refused.startsWith("the target of a divergence has a context of 95 tokens, and this policy one of 96"),
                    refused);
            shorter.score(prompts, responses, ScoreRequest.logProbs().withDivergences(
                    List.of(new ScoreRequest.Divergence(policy, prompts, 0))));
        }
    }

    @Test
    void filtersAndStopsDoWhatTheySay() {
        try (NetworkPolicy policy = policy(FREE, 10, false)) {
            List<Prompt> prompts = java.util.Collections.nCopies(400, prompt(1, 4, 11));
            List<Response> greedy = policy.sample(prompts, new SamplingConfig(0, 0, 1, false), streams(400, 1));
            assertEquals(1, greedy.stream().map(Response::text).distinct().count());
            List<Response> first = policy.sample(prompts, new SamplingConfig(1, 1, 1, false), streams(400, 2));
            assertEquals(greedy.get(0).text(), first.get(0).text());
            assertEquals(0, first.get(0).logProbs()[0], 0);
            List<Response> nucleus = policy.sample(prompts, new SamplingConfig(1, 0, 1e-6, false), streams(400, 2));
            assertEquals(greedy.get(0).text(), nucleus.get(0).text());

            boolean stopped = false;
            for (Response response : sample(policy, prompts, 12)) {
                int words = response.text().isEmpty() ? 0 : response.text().split(" ").length;
                int tokens = response.logProbs().length;
                assertTrue(words == tokens && tokens == 5 || words == tokens - 1, response.text());
                stopped |= words < tokens;
                assertArrayEquals(
                        policy.score(prompts.subList(0, 1), List.of(Response.of(response.text())), ScoreRequest.logProbs())
                                .logProbs()[0],
                        response.logProbs(), (float) TOLERANCE);
            }
            assertTrue(stopped, "some response should have ended early");
        }
    }

    @Test
    void oneUniformNumberIsTakenForEachToken() {
        try (NetworkPolicy policy = policy(FREE, 10, false)) {
            int[] taken = new int[6];
            List<RandomGenerator> counting = new ArrayList<>();
            for (int i = 0; i < taken.length; i++) {
                int row = i;
                Random random = new Random(i);
                counting.add(new Random() {
                    @Override
                    public double nextDouble() {
                        taken[row]++;
                        return random.nextDouble();
                    }
                });
            }
            List<Response> responses =
                    policy.sample(java.util.Collections.nCopies(6, prompt(1, 4, 11)), SamplingConfig.standard(), counting);
            assertArrayEquals(responses.stream().mapToInt(r -> r.logProbs().length).toArray(), taken);
        }
    }

    @Test
    void filesHoldTheLlamaLayoutAndAreRefusedWhenCutOff(@TempDir Path folder) throws IOException {
        try (NetworkPolicy policy = policy(CHOICES, 11, false); NetworkPolicy other = policy(CHOICES, 12, false)) {
            NDManager manager = network(policy).parameters().manager();
            int arrays = manager.getManagedArrays().size();
            policy.save(folder);
            assertEquals(arrays, manager.getManagedArrays().size());
            List<Prompt> prompts = mixedPrompts();
            List<Response> responses = sample(policy, prompts, 13);
            other.load(folder);
            Scores expected = policy.score(prompts, responses, ScoreRequest.logProbs().withValues());
            Scores loaded = other.score(prompts, responses, ScoreRequest.logProbs().withValues());
            for (int i = 0; i < prompts.size(); i++) {
                assertClose(expected.logProbs()[i], loaded.logProbs()[i]);
                assertClose(expected.values()[i], loaded.values()[i]);
            }

            Vocabulary vocabulary = new Vocabulary(new TextSpec(WORDS, 10, 60, CHOICES));
            try (NDManager scratch = Torch.newManager()) {
                Map<String, double[][]> file = new HashMap<>();
                network(policy).toFile(scratch).forEach((name, array) -> file.put(name, matrix(array)));
                double[] logits = Llama.lastLogits(file, vocabulary.encode(prompts.get(5)), 3, 2);
                double total = 0;
                int chosen = vocabulary.encode(responses.get(5))[0];
                for (String word : List.of("red", "green", "blue")) {
                    total += Math.exp(logits[vocabulary.encode(Response.of(word + " yes up"))[0]]);
                }
                assertEquals(logits[chosen] - Math.log(total), expected.logProbs()[5][0], TOLERANCE);
            }

            Path file = folder.resolve("policy.safetensors");
            byte[] whole = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(whole, whole.length - 100));
            IOException refused = assertThrows(IOException.class, () -> other.load(folder));
            assertTrue(refused.getMessage().contains("policy.safetensors") && refused.getMessage().contains("cut off"),
                    refused.getMessage());
            assertClose(expected.logProbs()[0], other.score(prompts, responses, ScoreRequest.logProbs()).logProbs()[0]);
        }
    }

    @Test
    void freeTextGoesThroughTheTokenizerThatIsSaved(@TempDir Path folder) throws IOException {
        List<String> words = new ArrayList<>(WORDS);
        words.addAll(List.of(".", ",", "?", "-"));
        TextSpec text = new TextSpec(words, 10, 60, FREE);
        Vocabulary vocabulary = TaskVocabulary.of(text);
        TransformerProvider.Config config = new TransformerProvider.Config(16, 1, 2, 24, 96, false, null);
        try (NetworkPolicy policy = new NetworkPolicy(new TransformerNetwork(config, vocabulary, new Random(1)));
                NetworkPolicy other = new NetworkPolicy(new TransformerNetwork(config, vocabulary, new Random(2)))) {
            policy.save(folder);
            String said = "red , green?  up-down\tyes.Nobody knows: \u00abso\u00bb \u4f60";
            Prompt prompt = new Prompt(List.of(new Segment(Role.USER, SegmentKind.EVIDENCE, 1, said)));
            int[] ids = vocabulary.encode(prompt);
            int unknown = vocabulary.size() - 1;
            try (HuggingFaceTokenizer saved = HuggingFaceTokenizer.newInstance(folder.resolve("tokenizer.json"))) {
                assertArrayEquals(Arrays.stream(saved.encode(said, false, false).getIds()).mapToInt(id -> (int) id).toArray(),
                        Arrays.copyOfRange(ids, 1, ids.length - 1));
            }
            assertArrayEquals(new Vocabulary(text).encode(new Prompt(prompt.segments())), ids, "the specification splits alike");
            assertEquals(6, Arrays.stream(ids).filter(id -> id == unknown).count(), "Nobody knows : \u00ab \u00bb \u4f60");

            List<Prompt> prompts = java.util.Collections.nCopies(200, prompt);
            for (Response response : sample(policy, prompts, 1)) {
                assertArrayEquals(vocabulary.encode(response), vocabulary.encode(Response.of(response.text())));
            }
            assertEquals("red, green?",
                    vocabulary.decode(vocabulary.encode(Response.of("red , green ?")), new float[5], null).text());
            assertThrows(IllegalArgumentException.class, () -> vocabulary.encode(Response.of("nobody knows")));

            other.load(folder);
            Files.writeString(folder.resolve("tokenizer.json"), "{}");
            String refused = assertThrows(IOException.class, () -> other.load(folder)).getMessage();
            assertTrue(refused.contains("tokenizer.json") && refused.contains("altered"), refused);
        }
    }

    private static double[][] matrix(NDArray array) {
        float[] flat = array.toFloatArray();
        int columns = (int) array.getShape().get(array.getShape().dimension() - 1);
        double[][] rows = new double[flat.length / columns][columns];
        for (int i = 0; i < flat.length; i++) {
            rows[i / columns][i % columns] = flat[i];
        }
        return rows;
    }

    @Test
    void whatDoesNotFitIsShortenedTogetherOrRefused() {
        try (NetworkPolicy policy = policy(CHOICES, 14, false)) {
            List<Prompt> rounds = dialogue(14, 15);
            Prompt last = rounds.get(13);
            Prompt shorter = new Prompt(last.segments().subList(1, last.segments().size()));
            List<Prompt> fitted = policy.fit(List.of(last, shorter));
            assertFalse(fitted.get(0).equals(last));
            List<Integer> kept = fitted.get(0).segments().stream().map(Segment::round).filter(r -> r > 0).distinct().toList();
            assertEquals(kept, fitted.get(1).segments().stream().map(Segment::round).distinct().toList());
            assertTrue(kept.contains(14) && !kept.contains(1));
            sample(policy, fitted, 1);
            assertTrue(assertThrows(IllegalArgumentException.class, () -> sample(policy, List.of(last), 1)).getMessage()
                    .contains("at most 93"));
            assertThrows(IllegalArgumentException.class, () -> policy.fit(List.of(prompt(90, 20, 1))));
            assertThrows(IllegalArgumentException.class,
                    () -> policy.score(rounds.subList(0, 1), List.of(Response.of("red yes")), ScoreRequest.logProbs()));
        }
    }

    /** Llama written out in double precision, as Hugging Face's transformers computes it. */
    private static final class Llama {
        private Llama() {}

        static double[] lastLogits(Map<String, double[][]> w, int[] tokens, int layers, int heads) {
            int n = tokens.length;
            double[][] x = new double[n][];
            for (int t = 0; t < n; t++) {
                x[t] = w.get("model.embed_tokens.weight")[tokens[t]].clone();
            }
            int head = x[0].length / heads;
            for (int l = 0; l < layers; l++) {
                String p = "model.layers." + l + ".";
                double[][] k = new double[n][];
                double[][] v = new double[n][];
                for (int t = 0; t < n; t++) {
                    double[] y = norm(x[t], w.get(p + "input_layernorm.weight")[0]);
                    k[t] = rotate(times(w.get(p + "self_attn.k_proj.weight"), y), t, head);
                    v[t] = times(w.get(p + "self_attn.v_proj.weight"), y);
                    double[] q = rotate(times(w.get(p + "self_attn.q_proj.weight"), y), t, head);
                    double[] a = new double[q.length];
                    for (int h = 0; h < heads; h++) {
                        double[] s = new double[t + 1];
                        double total = 0;
                        for (int u = 0; u <= t; u++) {
                            for (int i = h * head; i < (h + 1) * head; i++) {
                                s[u] += q[i] * k[u][i] / Math.sqrt(head);
                            }
                            s[u] = Math.exp(s[u]);
                            total += s[u];
                        }
                        for (int u = 0; u <= t; u++) {
                            for (int i = h * head; i < (h + 1) * head; i++) {
                                a[i] += s[u] / total * v[u][i];
                            }
                        }
                    }
                    add(x[t], times(w.get(p + "self_attn.o_proj.weight"), a));
                    double[] z = norm(x[t], w.get(p + "post_attention_layernorm.weight")[0]);
                    double[] gate = times(w.get(p + "mlp.gate_proj.weight"), z);
                    double[] up = times(w.get(p + "mlp.up_proj.weight"), z);
                    for (int i = 0; i < gate.length; i++) {
                        up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
                    }
                    add(x[t], times(w.get(p + "mlp.down_proj.weight"), up));
                }
            }
            return times(w.get("lm_head.weight"), norm(x[n - 1], w.get("model.norm.weight")[0]));
        }

        private static double[] norm(double[] x, double[] gain) {
            double squares = 0;
            for (double each : x) {
                squares += each * each;
            }
            double[] y = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                y[i] = x[i] / Math.sqrt(squares / x.length + 1e-6) * gain[i];
            }
            return y;
        }

        private static double[] rotate(double[] x, int position, int head) {
            double[] y = new double[x.length];
            for (int from = 0; from < x.length; from += head) {
                for (int i = 0; i < head / 2; i++) {
                    double angle = position * Math.pow(10_000, -2.0 * i / head);
                    double a = x[from + i];
                    double b = x[from + i + head / 2];
                    y[from + i] = a * Math.cos(angle) - b * Math.sin(angle);
                    y[from + i + head / 2] = b * Math.cos(angle) + a * Math.sin(angle);
                }
            }
            return y;
        }

        private static double[] times(double[][] matrix, double[] x) {
            double[] y = new double[matrix.length];
            for (int i = 0; i < y.length; i++) {
                for (int j = 0; j < x.length; j++) {
                    y[i] += matrix[i][j] * x[j];
                }
            }
            return y;
        }

        private static void add(double[] x, double[] y) {
            for (int i = 0; i < x.length; i++) {
                x[i] += y[i];
            }
        }
    }
}
