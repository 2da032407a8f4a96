package io.parley.laboratory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Positions of unequal width, so that a table's padding shows if it leaks. */
class TabularPolicyTest {
    private static final ResponseFormat.Choices FORMAT =
            new ResponseFormat.Choices(List.of(List.of("a", "b", "c"), List.of("x", "y")));
    private static final Prompt ONE = SuggestionBandit.prompt("one");
    private static final Prompt TWO = SuggestionBandit.prompt("two");

    private static TabularPolicy filled(TabularPolicy.Optimizer optimizer) {
        TabularPolicy policy = new TabularPolicy(FORMAT, optimizer);
        SplittableRandom random = new SplittableRandom(4);
        for (Prompt prompt : List.of(ONE, TWO)) {
            policy.setLogits(prompt, List.of(), random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
            for (String first : FORMAT.positions().get(0)) {
                policy.setLogits(prompt, List.of(first), random.nextGaussian(), random.nextGaussian());
            }
        }
        policy.configureOptimizer(new OptimizerConfig(0.9, 0.999, 1e-8, 0, 0));
        return policy;
    }

    private static List<Response> every() {
        List<Response> responses = new ArrayList<>();
        for (String a : FORMAT.positions().get(0)) {
            for (String b : FORMAT.positions().get(1)) {
                responses.add(Response.of(a + " " + b));
            }
        }
        return responses;
    }

    /** Log-probabilities, entropies, smoothing and divergences against sums over the words, written out. */
    @Test
    void scoresAreThoseOfTheSoftmaxes() {
        double epsilon = 0.3;
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.SGD)) {
            List<Response> responses = every();
            List<Prompt> ones = Collections.nCopies(6, ONE);
            List<Prompt> twos = Collections.nCopies(6, TWO);
            Scores plain = policy.score(ones, responses, ScoreRequest.logProbs().withEntropy().withValues()
                    .withDivergences(List.of(
                    new ScoreRequest.Divergence(policy, twos, 0), new ScoreRequest.Divergence(policy, twos, epsilon))));
            Scores smooth = policy.score(ones, responses, ScoreRequest.logProbs().withSmoothing(epsilon).withEntropy());
            double total = 0;
            for (int i = 0; i < 6; i++) {
                String[] words = responses.get(i).text().split(" ");
                total += Math.exp(plain.logProbs()[i][0] + plain.logProbs()[i][1]);
                for (int t = 0; t < 2; t++) {
                    String[] beginning = Arrays.copyOf(words, t);
                    double[] p = policy.probabilities(ONE, beginning);
                    double[] q = policy.probabilities(TWO, beginning);
                    int chosen = FORMAT.positions().get(t).indexOf(words[t]);
                    double entropy = 0;
                    double kl = 0;
                    double smoothKl = 0;
                    for (int k = 0; k < p.length; k++) {
                        entropy -= p[k] * Math.log(p[k]);
                        kl += p[k] * Math.log(p[k] / q[k]);
                        smoothKl += p[k] * Math.log(p[k] / ((1 - epsilon) * q[k] + epsilon / p.length));
                    }
                    assertEquals(Math.log(p[chosen]), plain.logProbs()[i][t], 1e-5);
                    assertEquals(entropy, plain.entropy()[i][t], 1e-5);
                    assertEquals(entropy, smooth.entropy()[i][t], 1e-5);
                    assertEquals(kl, plain.divergences().get(0)[i][t], 1e-5);
                    assertEquals(smoothKl, plain.divergences().get(1)[i][t], 1e-5);
                    assertEquals(Math.log((1 - epsilon) * p[chosen] + epsilon / p.length), smooth.logProbs()[i][t], 1e-5);
                    assertEquals(0, plain.values()[i][t]);
                }
            }
            assertEquals(1, total, 1e-5);
        }
    }

    /** The step of plain gradient descent against central differences of a loss that uses every kind of score. */
    @Test
    void gradientsAgreeWithFiniteDifferences() {
        List<Prompt> prompts = List.of(ONE, TWO, ONE, ONE, TWO, TWO);
        List<Prompt> others = List.of(TWO, ONE, TWO, TWO, ONE, ONE);
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.SGD); Policy frozen = policy.snapshot()) {
            ScoreRequest request = ScoreRequest.logProbs().withEntropy().withSmoothing(0.2)
                    .withDivergences(List.of(new ScoreRequest.Divergence(frozen, others, 0.1)));
            double[] before = policy.logits(ONE, "b");
            double[] numeric = new double[2];
            for (int k = 0; k < 2; k++) {
                double[] losses = new double[2];
                for (int side = 0; side < 2; side++) {
                    double[] z = before.clone();
                    z[k] += side == 0 ? 1e-2 : -1e-2;
                    policy.setLogits(ONE, List.of("b"), z);
                    try (UpdateScope scope = policy.beginUpdate()) {
                        losses[side] = loss(scope.score(prompts, every(), request)).getFloat();
                    }
                }
                numeric[k] = (losses[0] - losses[1]) / 2e-2;
            }
            policy.setLogits(ONE, List.of("b"), before);
            double norm;
            try (UpdateScope scope = policy.beginUpdate()) {
                scope.backward(loss(scope.score(prompts, every(), request)));
                norm = scope.step(1);
            }
            double[] after = policy.logits(ONE, "b");
            assertEquals(numeric[0], before[0] - after[0], 1e-3);
            assertEquals(numeric[1], before[1] - after[1], 1e-3);
            assertTrue(Math.abs(numeric[0]) > 0.01 && norm > Math.abs(numeric[0]));
        }
    }

    private static NDArray loss(ScoreArrays scores) {
        return scores.logProbs().square().add(scores.entropy()).add(scores.divergences().get(0))
                .add(scores.divergences().get(0)).sum();
    }

    /** The first two steps of Adam are ±rate for a gradient of one sign (Kingma and Ba), and clipping bounds the norm. */
    @Test
    void adamMovesByTheRateWhateverTheGradientsSize() {
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.ADAM)) {
            double[] before = policy.logits(ONE);
            for (int step = 0; step < 2; step++) {
                try (UpdateScope scope = policy.beginUpdate()) {
                    scope.backward(scope.score(List.of(ONE), List.of(Response.of("a x")), ScoreRequest.logProbs())
                            .logProbs().sum()
                            .mul(scope.constant(-1000)));
                    scope.step(0.01);
                }
            }
            double[] after = policy.logits(ONE);
            assertEquals(0.02, after[0] - before[0], 1e-3);
            assertEquals(-0.02, after[1] - before[1], 1e-3);
        }
    }

    @Test
    void aGradientThatIsNotFiniteLeavesTheTableAsItWas() {
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.SGD)) {
            double[] before = policy.logits(ONE);
            try (UpdateScope scope = policy.beginUpdate()) {
                NDArray sum = scope.score(List.of(ONE), List.of(Response.of("a x")), ScoreRequest.logProbs()).logProbs().sum();
                scope.backward(sum.mul(Float.POSITIVE_INFINITY));
                assertThrows(ArithmeticException.class, () -> scope.step(1));
            }
            assertArrayEquals(before, policy.logits(ONE));
        }
    }

    @Test
    void samplesTheDistributionItScores() {
        int n = 20_000;
        RandomStreams streams = new RandomStreams(1);
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.SGD)) {
            List<Response> drawn = policy.sample(Collections.nCopies(n, ONE), SamplingConfig.standard().withValues(),
                    IntStream.range(0, n).mapToObj(i -> streams.stream("sample", i, 1, 0)).toList());
            double[] p = policy.probabilities(ONE);
            for (int k = 0; k < 3; k++) {
                String word = FORMAT.positions().get(0).get(k);
                double share = drawn.stream().filter(r -> r.text().startsWith(word)).count() / (double) n;
                assertEquals(p[k], share, 4 * Math.sqrt(p[k] * (1 - p[k]) / n), "four standard errors");
            }
            Scores scores = policy.score(Collections.nCopies(n, ONE), drawn, ScoreRequest.logProbs());
            for (int i = 0; i < n; i += 97) {
                assertArrayEquals(scores.logProbs()[i], drawn.get(i).logProbs(), 1e-5f);
            }
            List<Response> greedy = policy.sample(List.of(ONE), new SamplingConfig(0, 0, 1, false),
                    List.of(new SplittableRandom(1)));
            assertArrayEquals(new float[2], greedy.get(0).logProbs());
            List<Response> best = policy.sample(Collections.nCopies(50, ONE), new SamplingConfig(1, 1, 1, false),
                    IntStream.range(0, 50).mapToObj(SplittableRandom::new).toList());
            assertTrue(best.stream().allMatch(r -> r.text().equals(greedy.get(0).text())), "top-1 is the most likely word");
        }
    }

    @Test
    void aSnapshotStaysAsItWas() {
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.SGD); Policy frozen = policy.snapshot()) {
            float before = frozen.score(List.of(ONE), List.of(Response.of("a x")), ScoreRequest.logProbs()).logProbs()[0][0];
            policy.setLogits(ONE, List.of(), 9, 0, 0);
            assertEquals(before, frozen.score(List.of(ONE), List.of(Response.of("a x")), ScoreRequest.logProbs())
                    .logProbs()[0][0]);
        }
    }

    @Test
    void savesAndLoadsAndRefusesATruncatedFile(@TempDir Path folder) throws IOException {
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.ADAM);
                TabularPolicy other = new TabularPolicy(FORMAT, TabularPolicy.Optimizer.ADAM)) {
            policy.save(folder);
            other.load(folder);
            assertArrayEquals(policy.logits(TWO, "c"), other.logits(TWO, "c"));
            assertEquals(policy.parameterCount(), other.parameterCount());
            Path file = folder.resolve("policy.safetensors");
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 8));
            assertRefuses(other, folder, "policy.safetensors", "cut off");
            Files.write(file, bytes);
            Path description = folder.resolve("policy.json");
            String json = Files.readString(description);
            assertTrue(json.contains("\"id\" : \"tabular\"") && json.contains("\"sha256\""), json);
            Files.writeString(description, json.substring(0, 40));
            assertRefuses(other, folder, "policy.json", "cut off");
            Files.writeString(description, json.replace("\"prompts\"", "\"prompt\""));
            assertRefuses(other, folder, "policy.json", "prompts");
            Files.writeString(description, json.replace("tabular", "mlp"));
            assertRefuses(other, folder, "policy.json", "id is \"mlp\", expected \"tabular\"");
            assertArrayEquals(policy.logits(TWO, "c"), other.logits(TWO, "c"));
        }
    }

    private static void assertRefuses(TabularPolicy policy, Path folder, String file, String reason) {
        String message = assertThrows(IOException.class, () -> policy.load(folder)).getMessage();
        assertTrue(message.contains(folder.resolve(file).toString()) && message.contains(reason), message);
    }

    /** What another policy drew is known to this one by its words alone. */
    @Test
    void readsForeignTokensByTheirWords() {
        ResponseFormat.Choices turned = new ResponseFormat.Choices(List.of(List.of("c", "b", "a"), List.of("y", "x")));
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.SGD);
                TabularPolicy foreign = new TabularPolicy(turned, TabularPolicy.Optimizer.SGD)) {
            List<Response> drawn =
                    new ArrayList<>(foreign.sample(List.of(ONE), SamplingConfig.standard(), List.of(new SplittableRandom(1))));
            drawn.add(Response.sampled("c x", new float[2], null, new int[] {7, -1, 3}));
            for (Response response : drawn) {
                Response plain = Response.of(response.text());
                assertArrayEquals(policy.score(List.of(ONE), List.of(plain), ScoreRequest.logProbs()).logProbs()[0],
                        policy.score(List.of(ONE), List.of(response), ScoreRequest.logProbs()).logProbs()[0], response.text());
            }
        }
    }

    @Test
    void refusesAnAnswerThatIsNotAllowed() {
        try (TabularPolicy policy = filled(TabularPolicy.Optimizer.SGD)) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                    () -> policy.score(List.of(ONE), List.of(Response.of("a z")), ScoreRequest.logProbs()));
            assertEquals("'z' is not an answer at position 1; allowed: [x, y]", e.getMessage());
        }
    }
}
