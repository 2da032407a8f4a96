package io.parley.policies.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every trainable policy of this module shares. */
class NetworkPolicyTest {
    private final TextSpec text = Fixtures.choices(20, 4, 6, Fixtures.stances(3));
    private final MlpProvider.Config small = new MlpProvider.Config(List.of(16, 12), null);
    private final List<Prompt> prompts = Fixtures.prompts(text, 8, 1);

    private TrainablePolicy policy(MlpProvider.Config config, TextSpec spec, long seed) {
        TrainablePolicy policy = new MlpProvider().create(config, spec, PluginContext.standalone(seed));
        policy.configureOptimizer(OptimizerConfig.adam());
        return policy;
    }

    private List<Response> responses(TrainablePolicy policy) {
        return policy.sample(prompts, SamplingConfig.standard(), Fixtures.streams(8, 2));
    }

    private double update(TrainablePolicy policy, List<Response> responses, double rate, double weight) {
        try (UpdateScope scope = policy.beginUpdate()) {
            scope.backward(scope.score(prompts, responses, ScoreRequest.logProbs().withValues()).logProbs().mean()
                    .mul(scope.constant(-weight)));
            return scope.step(rate);
        }
    }

    private float[][] scores(Policy policy, List<Response> responses) {
        return policy.score(prompts, responses, ScoreRequest.logProbs().withValues()).logProbs();
    }

    private static void assertSame(float[][] expected, float[][] found) {
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], found[i]);
        }
    }

    @Test
    void adamWDoesWhatItsEquationsSay() {
        double[] w = {0.5, -1.5, 2};
        double[] m = new double[3];
        double[] v = new double[3];
        double[][] gradients = {{0.3, -4, 0}, {0.1, 2, -1}, {-0.2, 0.5, 3}};
        OptimizerConfig config = new OptimizerConfig(0.8, 0.95, 1e-6, 0.1, 2);
        try (Parameters parameters = new Parameters(); AdamW adam = new AdamW(config)) {
            NDManager manager = parameters.manager();
            parameters.put("a", manager.create(new float[] {0.5f, -1.5f}));
            parameters.put("b", manager.create(new float[] {2}, new Shape(1, 1)));
            for (int t = 1; t <= 3; t++) {
                double[] g = gradients[t - 1];
                List<NDArray> arrays = List.of(
                        manager.create(new float[] {(float) g[0], (float) g[1]}),
                        manager.create(new float[] {(float) g[2]}, new Shape(1, 1)));
                double squares = AdamW.squaredNorm(manager, arrays);
                assertEquals(g[0] * g[0] + g[1] * g[1] + g[2] * g[2], squares, 1e-5);
                adam.step(manager, parameters.values(), arrays, squares, 0.05);
                double scale = Math.min(1, 2 / Math.sqrt(squares));
                for (int i = 0; i < 3; i++) {
                    double gi = g[i] * scale;
                    m[i] = 0.8 * m[i] + 0.2 * gi;
                    v[i] = 0.95 * v[i] + 0.05 * gi * gi;
                    w[i] -= 0.05 * (m[i] / (1 - Math.pow(0.8, t)) / (Math.sqrt(v[i] / (1 - Math.pow(0.95, t))) + 1e-6)
                            + 0.1 * w[i]);
                }
                float[] a = parameters.get("a").toFloatArray();
                assertEquals(w[0], a[0], 1e-6);
                assertEquals(w[1], a[1], 1e-6);
                assertEquals(w[2], parameters.get("b").toFloatArray()[0], 1e-6);
            }
        }
    }

    @Test
    void anUpdateThatCannotBeginLeavesTheNextOneFree() {
        AtomicBoolean broken = new AtomicBoolean(true);
        MlpNetwork network = (MlpNetwork) NetworkPolicy.networkOf(policy(small, text, 1));
        Network breaking = (Network) Proxy.newProxyInstance(Network.class.getClassLoader(), new Class<?>[] {Network.class},
                (proxy, method, args) -> {
                    if (method.getName().equals("graph") && broken.getAndSet(false)) {
                        throw new IllegalStateException("no memory for the graph");
                    }
                    return method.invoke(network, args);
                });
        try (TrainablePolicy policy = new NetworkPolicy(breaking)) {
            policy.configureOptimizer(OptimizerConfig.adam());
            assertEquals("no memory for the graph", assertThrows(IllegalStateException.class, policy::beginUpdate).getMessage());
            List<Response> responses = network.sample(prompts, SamplingConfig.standard(), Fixtures.streams(8, 2));
            assertTrue(update(policy, responses, 0.1, 1) > 0);
        }
    }

    @Test
    void aSnapshotStaysAsItWas() {
        try (TrainablePolicy policy = policy(small, text, 1); Policy snapshot = policy.snapshot()) {
            List<Response> responses = responses(policy);
            float[][] before = scores(policy, responses);
            assertSame(before, scores(snapshot, responses));
            update(policy, responses, 0.1, 1);
            assertSame(before, scores(snapshot, responses));
            assertTrue(Math.abs(before[0][0] - scores(policy, responses)[0][0]) > 1e-3);
        }
    }

    @Test
    void aGradientThatIsNotFiniteChangesNothing() {
        try (TrainablePolicy policy = policy(small, text, 1)) {
            List<Response> responses = responses(policy);
            float[][] before = scores(policy, responses);
            for (double weight : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
                assertThrows(ArithmeticException.class, () -> update(policy, responses, 0.1, weight));
                assertSame(before, scores(policy, responses));
            }
            assertTrue(update(policy, responses, 0.1, 1) > 0);
        }
    }

    @Test
    void partsOfABatchAddUp() {
        try (TrainablePolicy whole = policy(small, text, 1); TrainablePolicy parts = policy(small, text, 1)) {
            List<Response> responses = responses(whole);
            double norm = update(whole, responses, 0.1, 1);
            try (UpdateScope scope = parts.beginUpdate()) {
                for (int from : new int[] {0, 3}) {
                    int to = from == 0 ? 3 : 8;
                    scope.backward(scope.score(prompts.subList(from, to), responses.subList(from, to), ScoreRequest.logProbs())
                            .logProbs().sum().div(scope.constant(-24)));
                }
                assertEquals(norm, scope.step(0.1), 1e-5);
            }
            float[][] expected = scores(whole, responses);
            float[][] found = scores(parts, responses);
            for (int i = 0; i < 8; i++) {
                assertArrayEquals(expected[i], found[i], 1e-4f);
            }
        }
    }

    @Test
    void scopesSayWhatIsWrong() {
        try (TrainablePolicy policy = policy(small, text, 1); TrainablePolicy other = policy(small, text, 2)) {
            try (UpdateScope scope = policy.beginUpdate()) {
                assertThrows(IllegalStateException.class, other::beginUpdate);
                assertThrows(IllegalStateException.class, () -> scope.step(0.1));
                assertArrayEquals(new float[] {1, 2, 3, 0}, scope.array(new float[][] {{1, 2}, {3}}, 2).toFloatArray());
                assertThrows(IllegalArgumentException.class, () -> scope.array(new float[][] {{1, 2}}, 1));
            }
            update(other, responses(other), 0.1, 1);
        }
        TrainablePolicy closed = policy(small, text, 1);
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> responses(closed));
        assertThrows(IllegalStateException.class, closed::beginUpdate);
    }

    @Test
    void aSavedPolicyComesBack(@TempDir Path folder) throws IOException {
        try (TrainablePolicy policy = policy(small, text, 1); TrainablePolicy other = policy(small, text, 2)) {
            List<Response> responses = responses(policy);
            update(policy, responses, 0.1, 1);
            policy.save(folder.resolve("a/b"));
            other.load(folder.resolve("a/b"));
            assertSame(scores(policy, responses), scores(other, responses));
            // Words that were not met before saving have the same initial values too.
            List<Prompt> strange = Fixtures.prompts(text, 8, 99);
            assertSame(policy.score(strange, responses, ScoreRequest.logProbs()).logProbs(),
                    other.score(strange, responses, ScoreRequest.logProbs()).logProbs());
            policy.save(folder.resolve("again"));
            other.save(folder.resolve("other"));
            assertArrayEquals(Files.readAllBytes(folder.resolve("again/policy.safetensors")),
                    Files.readAllBytes(folder.resolve("other/policy.safetensors")));
            other.configureOptimizer(OptimizerConfig.adam());
            update(other, responses, 0.1, 1);
            policy.configureOptimizer(OptimizerConfig.adam());
            update(policy, responses, 0.1, 1);
            assertSame(scores(policy, responses), scores(other, responses));
            try (Stream<Path> files = Files.list(folder.resolve("a/b"))) {
                assertEquals(List.of("policy.json", "policy.safetensors"),
                        files.map(f -> f.getFileName().toString()).sorted().toList());
            }
        }
    }

    @Test
    void damagedAndForeignFilesAreRefused(@TempDir Path folder) throws IOException {
        try (TrainablePolicy policy = policy(small, text, 1)) {
            List<Response> responses = responses(policy);
            float[][] before = scores(policy, responses);
            assertTrue(assertThrows(NoSuchFileException.class, () -> policy.load(folder.resolve("none"))).getMessage()
                    .contains("policy.json"));
            policy.save(folder);
            update(policy, responses, 0.1, 1);
            float[][] after = scores(policy, responses);
            byte[] parameters = Files.readAllBytes(folder.resolve("policy.safetensors"));
            byte[] description = Files.readAllBytes(folder.resolve("policy.json"));

            for (int length : new int[] {0, 5, 100, parameters.length - 1}) {
                Files.write(folder.resolve("policy.safetensors"), Arrays.copyOf(parameters, length));
                assertTrue(refusal(policy, folder).contains("cut off"));
            }
            byte[] altered = parameters.clone();
            altered[altered.length - 3] ^= 1;
            Files.write(folder.resolve("policy.safetensors"), altered);
            assertTrue(refusal(policy, folder).contains("sha256"));
            Files.write(folder.resolve("policy.safetensors"), parameters);
            for (int length : new int[] {0, 1, description.length / 2}) {
                Files.write(folder.resolve("policy.json"), Arrays.copyOf(description, length));
                assertTrue(refusal(policy, folder).contains("cut off"));
            }
            Files.writeString(folder.resolve("policy.json"), "{}");
            assertTrue(refusal(policy, folder).contains("schema is absent"));
            Files.write(folder.resolve("policy.json"), description);
            try (TrainablePolicy wider = policy(new MlpProvider.Config(List.of(16, 13), null), text, 1);
                    TrainablePolicy wordier = policy(small, Fixtures.choices(21, 4, 6, Fixtures.stances(3)), 1)) {
                assertTrue(refusal(wider, folder).contains("config.hidden is [16,12], expected [16,13]"));
                assertTrue(refusal(wordier, folder).contains(": text."));
            }
            assertSame(after, scores(policy, responses));
            policy.load(folder);
            assertSame(before, scores(policy, responses));
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed(@TempDir Path folder) throws IOException {
        try (TrainablePolicy policy = policy(small, text, 1)) {
            Path file = Files.writeString(folder.resolve("file"), "");
            String message = assertThrows(IOException.class, () -> policy.save(file)).getMessage();
            assertTrue(message.startsWith("cannot write " + file), message);
        }
    }

    private static String refusal(TrainablePolicy policy, Path folder) {
        String message = assertThrows(IOException.class, () -> policy.load(folder)).getMessage();
        assertTrue(message.contains(folder.toString()), message);
        return message;
    }

    private TrainablePolicy kind(String id) throws IOException {
        PluginContext context = PluginContext.standalone(1);
        TrainablePolicy policy = switch (id) {
            case "mlp" -> new MlpProvider().create(new MlpProvider.Config(List.of(128, 128), null), text, context);
            case "transformer" -> new TransformerProvider().create(
                    new TransformerProvider.Config(32, 2, 2, null, 64, null, null), text, context);
            default -> CausalLmPolicyTest.policy("llama-tied");
        };
        policy.configureOptimizer(OptimizerConfig.adam());
        return policy;
    }

    /** Prompts that a policy reads, so many of them different. */
    private List<Prompt> prompts(String id, int rows) {
        return id.equals("causal-lm") ? IntStream.range(0, rows).mapToObj(i -> NumberTokens.prompt(1 + i, 3, 4, 5)).toList()
                : Fixtures.prompts(text, rows, 1);
    }

    private static void update(TrainablePolicy policy, List<Prompt> some, List<Response> responses) {
        try (UpdateScope scope = policy.beginUpdate(); Policy snapshot = policy.snapshot()) {
            ScoreArrays scores = scope.score(some, responses, ScoreRequest.logProbs().withValues().withEntropy()
                    .withDivergences(List.of(new ScoreRequest.Divergence(snapshot, some, 0.1))));
            scope.backward(scores.logProbs().add(scores.divergences().get(0)).mean());
            scope.step(1e-3);
        }
    }

    /** Samples, scores and learns in turn; the last scores. */
    private float[][] learn(String id) throws IOException {
        try (TrainablePolicy policy = kind(id)) {
            float[][] scored = null;
            for (int i = 0; i < 6; i++) {
                List<Prompt> some = prompts(id, 4 + i);
                List<Response> responses =
                        policy.sample(some, SamplingConfig.standard().withValues(), Fixtures.streams(some.size(), i));
                scored = policy.score(some, responses, ScoreRequest.logProbs()).logProbs();
                assertArrayEquals(responses.get(0).logProbs(), scored[0], 1e-4f);
                update(policy, some, responses);
            }
            return scored;
        }
    }

    /** libtorch keeps for each thread how it executes what is compiled. */
    @ParameterizedTest
    @ValueSource(strings = {"mlp", "transformer", "causal-lm"})
    void anotherThreadGetsTheSame(String id) throws Exception {
        // DJL would make the setting in our place.
        System.clearProperty("ai.djl.pytorch.graph_optimizer");
        float[][] here = learn(id);
        assertSame(here, CompletableFuture.supplyAsync(() -> {
            try {
                return learn(id);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, task -> new Thread(task).start()).get());
    }

    @ParameterizedTest
    @CsvSource({"mlp, 256, 400", "transformer, 128, 120", "causal-lm, 64, 80"})
    void nativeMemoryStaysFlatOverUpdates(String id, int rows, int updates) throws IOException {
        try (TrainablePolicy policy = kind(id)) {
            List<Prompt> many = prompts(id, rows);
            List<Response> responses = policy.sample(many, SamplingConfig.standard(), Fixtures.streams(rows, 2));
            long early = 0;
            for (int i = 0; i <= updates; i++) {
                if (i % (updates / 8) == 0) {
                    // Staging buffers go with the garbage, and the heap is not what is measured.
                    System.gc();
                }
                if (i == updates / 4) {
                    early = residentKilobytes();
                }
                update(policy, many, responses);
            }
            // One update's arrays are several megabytes: those of all updates would be more than 300.
            assertTrue(residentKilobytes() - early < 150_000, early + " kB, then " + residentKilobytes() + " kB");
        }
    }

    static long residentKilobytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "only Linux says how much memory a process holds");
        return Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
    }

    @Test
    void versionsOfADialogueLoseTheSameRounds() {
        try (TrainablePolicy policy = policy(small, text, 1)) {
            Segment rules = new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "w1 w2");
            Segment notice = new Segment(Role.SYSTEM, SegmentKind.NOTICE, 0, "w3");
            Segment one = new Segment(Role.USER, SegmentKind.QUESTION, 1, "w1 w1 w1");
            Segment longOne = new Segment(Role.USER, SegmentKind.QUESTION, 1, "w1 w1 w1 w1");
            Segment two = new Segment(Role.USER, SegmentKind.QUESTION, 2, "w2 w2 w2");
            List<Prompt> fitting = List.of(new Prompt(List.of(rules, one, two)), new Prompt(List.of(rules, notice, one, two)));
            assertEquals(fitting, policy.fit(fitting));
            List<Prompt> tooLong = List.of(fitting.get(0), new Prompt(List.of(rules, notice, longOne, two)));
            assertEquals(List.of(new Prompt(List.of(rules, two)), new Prompt(List.of(rules, notice, two))), policy.fit(tooLong));
            Prompt hopeless = new Prompt(List.of(rules, one,
                    new Segment(Role.USER, SegmentKind.QUESTION, 2, "w1 w1 w1 w1 w1 w1 w1")));
            String message = assertThrows(IllegalArgumentException.class, () -> policy.fit(List.of(hopeless))).getMessage();
            assertTrue(message.contains("7 dialogue words"), message);
        }
    }

    @Test
    void providersAreFound() {
        assertEquals(List.of("mlp"), PluginContext.standalone(1).plugins().all(PolicyProvider.class).stream()
                .map(provider -> provider.id()).filter("mlp"::equals).toList());
    }
}
