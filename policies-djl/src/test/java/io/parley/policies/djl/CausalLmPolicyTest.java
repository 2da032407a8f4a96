package io.parley.policies.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.DecoderConfig;
import io.parley.checkpoints.LoraAdapter;
import io.parley.checkpoints.LoraConfig;
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
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import io.parley.core.tokens.TokenCodec;
import io.parley.core.tokens.TokenSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small random models of every architecture, and what the reference implementation computes with them. */
class CausalLmPolicyTest {
    /** Folder of SmolLM2-135M-Instruct, and of a PEFT adapter for it. Neither is part of the project. */
    private static final String SMOLLM2 = System.getenv("PARLEY_SMOLLM2");
    private static final String SMOLLM2_ADAPTER = System.getenv("PARLEY_SMOLLM2_ADAPTER");

    private static final Path MODELS = Path.of("..", "checkpoints", "src", "test", "models");
    private static final double TOLERANCE = 1e-4;
    private static final List<String> MAPS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    static Stream<String> models() throws IOException {
        try (Stream<Path> folders = Files.list(MODELS)) {
            return folders.filter(f -> Files.exists(f.resolve("expected.json"))).map(f -> f.getFileName().toString())
                    .sorted().toList()
                    .stream();
        }
    }

    private static JsonNode expected(String model) throws IOException {
        return new ObjectMapper().readTree(Files.readAllBytes(MODELS.resolve(model).resolve("expected.json")));
    }

    private static CausalLmProvider.Config config(String model, CausalLmProvider.Train train,
            Precision precision) {
        return new CausalLmProvider.Config(MODELS.resolve(model).toString(), null, null, null, null, train, null, null, null,
                null, null, null, precision, null, null, null);
    }

    private static NetworkPolicy policy(
            String model, CausalLmProvider.Train train, Precision precision, LoraConfig lora, String adapter)
            throws IOException {
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve(model));
        LoraAdapter pairs = adapter == null ? null : LoraAdapter.read(MODELS.resolve(model).resolve(adapter), checkpoint);
        LoraConfig used = train == CausalLmProvider.Train.FULL ? null : pairs != null ? pairs.config() : lora;
        return new NetworkPolicy(CausalLmNetwork.create(config(model, train, precision),
                checkpoint,
                new NumberTokens(checkpoint.config().vocabulary(), 8), used, pairs,
                new RandomStreams(5).stream("lora", 0, 0, 0)));
    }

    static NetworkPolicy policy(String model) throws IOException {
        return policy(model, CausalLmProvider.Train.LORA, Precision.FLOAT32, lora(List.of()), null);
    }

    private static LoraConfig lora(List<Integer> layers) {
        return new LoraConfig(2, 4, 0, MAPS, false, layers);
    }

    private static int[] ids(JsonNode node) {
        int[] ids = new int[node.size()];
        Arrays.setAll(ids, i -> node.get(i).asInt());
        return ids;
    }

    /** Each sequence cut after two tokens and at other places, so that rows share beginnings and are of many lengths. */
    private static void assertScores(JsonNode expected, Policy policy, double tolerance) {
        List<Prompt> prompts = new ArrayList<>();
        List<Response> responses = new ArrayList<>();
        List<float[]> wanted = new ArrayList<>();
        for (JsonNode sequence : expected) {
            int[] ids = ids(sequence.get("ids"));
            for (int cut = 2; cut < ids.length; cut += 3) {
                prompts.add(NumberTokens.prompt(Arrays.copyOf(ids, cut)));
                responses.add(Response.of(NumberTokens.text(Arrays.copyOfRange(ids, cut, ids.length))));
                float[] logProbs = new float[ids.length - cut];
                for (int t = 0; t < logProbs.length; t++) {
                    logProbs[t] = (float) sequence.get("tokenLogProbs").get(cut - 1 + t).asDouble();
                }
                wanted.add(logProbs);
            }
        }
        Scores scores = policy.score(prompts, responses, ScoreRequest.logProbs());
        for (int i = 0; i < wanted.size(); i++) {
            assertArrayEquals(wanted.get(i), scores.logProbs()[i], (float) tolerance, "row " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void logProbabilitiesAreTheReferences(String model) throws IOException {
        try (NetworkPolicy policy = policy(model)) {
            assertScores(expected(model).get("score"), policy, TOLERANCE);
        }
        try (NetworkPolicy policy = policy(model, CausalLmProvider.Train.FULL, Precision.FLOAT32, null, null)) {
            assertScores(expected(model).get("score"), policy, TOLERANCE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-tied", "qwen3"})
    void anAdapterScoresAsTheReference(String model) throws IOException {
        try (NetworkPolicy policy = policy(
                model, CausalLmProvider.Train.LORA, Precision.FLOAT32, null, "adapter")) {
            assertScores(expected(model).get("scoreWithAdapter"), policy, TOLERANCE);
        }
    }

    private static NetworkPolicy smollm2(Precision precision, String adapter) throws IOException {
        assumeTrue(SMOLLM2 != null, "PARLEY_SMOLLM2 names no folder of SmolLM2-135M-Instruct");
        Checkpoint checkpoint = Checkpoint.open(Path.of(SMOLLM2));
        LoraAdapter pairs = adapter == null ? null : LoraAdapter.read(Path.of(adapter), checkpoint);
        LoraConfig used = pairs == null ? lora(List.of()) : pairs.config();
        return new NetworkPolicy(CausalLmNetwork.create(config("llama-tied", CausalLmProvider.Train.LORA, precision),
                checkpoint, new NumberTokens(checkpoint.config().vocabulary(), 32),
                used, pairs, new RandomStreams(5).stream("lora", 0, 0, 0)));
    }

    private static JsonNode smollm2Values() throws IOException {
        return new ObjectMapper().readTree(CausalLmPolicyTest.class.getResourceAsStream("smollm2.json"));
    }

    @Test
    void smolLm2ScoresAndSpeaksAsTheReference() throws IOException {
        try (NetworkPolicy policy = smollm2(Precision.FLOAT32, null)) {
            assertScores(smollm2Values().get("score"), policy, 1e-3);
            for (JsonNode greedy : smollm2Values().get("greedy")) {
                int[] wanted = ids(greedy.get("continuation"));
                String text = policy.sample(List.of(NumberTokens.prompt(ids(greedy.get("ids")))),
                        new SamplingConfig(0, 0, 1, false), streams(1)).get(0).text();
                assertEquals(NumberTokens.text(wanted), Arrays.stream(text.split(" ")).limit(wanted.length)
                        .collect(Collectors.joining(" ")));
            }
        }
    }

    @Test
    void smolLm2WithAnAdapterScoresAsTheReference() throws IOException {
        assumeTrue(SMOLLM2_ADAPTER != null, "PARLEY_SMOLLM2_ADAPTER names no folder of an adapter");
        try (NetworkPolicy policy = smollm2(Precision.FLOAT32, SMOLLM2_ADAPTER)) {
            assertScores(smollm2Values().get("scoreWithAdapter"), policy, 1e-3);
        }
    }

    @Test
    void smolLm2InBfloat16DiffersLittle() throws IOException {
        try (NetworkPolicy policy = smollm2(Precision.BFLOAT16, null)) {
            double sum = 0;
            int n = 0;
            for (JsonNode sequence : smollm2Values().get("score")) {
                int[] ids = ids(sequence.get("ids"));
                float[] found = policy.score(List.of(NumberTokens.prompt(Arrays.copyOf(ids, 2))),
                        List.of(Response.of(NumberTokens.text(Arrays.copyOfRange(ids, 2, ids.length)))), ScoreRequest.logProbs())
                        .logProbs()[0];
                for (int t = 0; t < found.length; t++) {
                    sum += Math.abs(found[t] - sequence.get("tokenLogProbs").get(t + 1).asDouble());
                    n++;
                }
            }
            assertTrue(sum / n < 0.05, "the mean absolute difference of token log-probabilities is " + sum / n);
        }
    }

    private static List<Prompt> dialogue(int rounds, long seed, int vocabulary) {
        Random random = new Random(seed);
        List<Prompt> prompts = new ArrayList<>();
        int[] ids = random.ints(3, 0, vocabulary).toArray();
        for (int round = 0; round < rounds; round++) {
            prompts.add(NumberTokens.prompt(ids));
            int before = ids.length;
            ids = Arrays.copyOf(ids, before + 2 + random.nextInt(6));
            for (int i = before; i < ids.length; i++) {
                ids[i] = random.nextInt(vocabulary);
            }
        }
        return prompts;
    }

    private static List<Prompt> prompts(int vocabulary) {
        List<Prompt> prompts = new ArrayList<>(dialogue(4, 1, vocabulary));
        prompts.addAll(dialogue(4, 2, vocabulary));
        return prompts;
    }

    private static List<RandomGenerator> streams(int rows) {
        List<RandomGenerator> streams = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            streams.add(new RandomStreams(3).stream("sample", i, 0, 0));
        }
        return streams;
    }

    private static int prefix(Prompt prompt) {
        return prompt.segments().get(0).text().split(" ").length - 1;
    }

    private static long prefilled(NetworkPolicy policy) {
        return ((DecoderNetwork) NetworkPolicy.networkOf(policy)).prefilledTokens();
    }

    @ParameterizedTest
    @MethodSource("models")
    void samplingWithACacheScoresWhatAFullForwardScores(String model) throws IOException {
        try (NetworkPolicy policy = policy(model)) {
            List<Prompt> prompts = prompts(100);
            // Twice in a row, so that the second finds keys and values of the first.
            for (int from = 0; from < 2; from++) {
                List<Prompt> some = prompts.subList(from, prompts.size() - 1 + from);
                long before = prefilled(policy);
                List<Response> responses = policy.sample(some, SamplingConfig.standard().withValues(), streams(some.size()));
                // Of the first dialogue all rounds are known then, and of the second all but the last.
                int known = from == 0 ? 0 : Math.min(prefix(prompts.get(3)), prefix(prompts.get(6)));
                int longest = Math.max(prefix(prompts.get(3)), prefix(prompts.get(6 + from)));
                int filled = (longest + PackedRows.BUCKET - 1) / PackedRows.BUCKET * PackedRows.BUCKET;
                assertEquals(2 * (filled - known), prefilled(policy) - before);
                Scores scores = policy.score(some, responses, ScoreRequest.logProbs());
                for (int i = 0; i < some.size(); i++) {
                    assertArrayEquals(responses.get(i).logProbs(), scores.logProbs()[i], (float) TOLERANCE);
                }
            }
        }
    }

    /** The kernels are a text with numbers in it. */
    @Test
    void digitsOfTheLocaleAreNotThoseOfTheKernels() throws IOException {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try (NetworkPolicy policy = policy("qwen3")) {
            assertScores(expected("qwen3").get("score"), policy, TOLERANCE);
        } finally {
            Locale.setDefault(before);
        }
    }

    /** With 64 tokens a pass, keys and values have 1024 positions; each row takes 20 of its prompt and 8 of its response. */
    @Test
    void rowsWithOnePromptAreSampledInPartsOfBoundedMemory() throws IOException {
        int rows = 100;
        CausalLmProvider.Config config = new CausalLmProvider.Config(MODELS.resolve("llama-tied").toString(), null, null,
                null, null, null, null, null, null, null, null, null, null, null, null, 64);
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("llama-tied"));
        try (NetworkPolicy policy = new NetworkPolicy(CausalLmNetwork.create(config, checkpoint,
                new NumberTokens(checkpoint.config().vocabulary(), 8), lora(List.of()), null,
                new RandomStreams(5).stream("lora", 0, 0, 0)))) {
            List<Integer> drawn = new ArrayList<>();
            List<RandomGenerator> streams = streams(rows);
            List<RandomGenerator> recorded = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                int row = i;
                recorded.add(new Random() {
                    @Override
                    public double nextDouble() {
                        drawn.add(row);
                        return streams.get(row).nextDouble();
                    }
                });
            }
            Prompt prompt = NumberTokens.prompt(new Random(1).ints(20, 0, 100).toArray());
            List<Response> responses = policy.sample(Collections.nCopies(rows, prompt), SamplingConfig.standard(), recorded);
            // A part ends before the first row of the next one draws.
            List<Integer> begins = IntStream.range(0, rows).filter(i -> i == 0 || drawn.indexOf(i) > drawn.lastIndexOf(i - 1))
                    .boxed().toList();
            assertEquals(List.of(0, 36, 72), begins);
            // What is drawn does not depend on the parts.
            for (int i = 0; i < rows; i++) {
                assertEquals(policy.sample(List.of(prompt), SamplingConfig.standard(), streams(rows).subList(i, i + 1)).get(0)
                        .text(), responses.get(i).text());
            }
        }
    }

    @Test
    void theTargetOfADivergenceHasAsManyOutputs() throws IOException {
        List<NetworkPolicy> policies = new ArrayList<>();
        for (String model : List.of("llama-tied", "lm-smoke")) {
            policies.add(new NetworkPolicy(CausalLmNetwork.create(config(model, CausalLmProvider.Train.LORA, Precision.FLOAT32),
                    Checkpoint.open(MODELS.resolve(model)), new NumberTokens(100, 8), lora(List.of()), null,
                    new RandomStreams(5).stream("lora", 0, 0, 0))));
        }
        try (NetworkPolicy policy = policies.get(0); NetworkPolicy other = policies.get(1)) {
            List<Prompt> prompts = dialogue(1, 1, 100);
            String refused = assertThrows(IllegalArgumentException.class, () -> policy.score(prompts, responses(1, 100),
                    ScoreRequest.logProbs().withDivergences(List.of(new ScoreRequest.Divergence(other, prompts, 0)))))
                    .getMessage();
            assertTrue(
                    refused.startsWith("the target of a divergence has 512 outputs, and this policy 260: it must be"), refused);
        }
    }

    /** With 64 tokens a pass, 256 tokens are sampled together. */
    @Test
    void roundsOfManyDialoguesAreComputedOnce() throws IOException {
        int dialogues = 12;
        int perRound = 20;
        int[][] ids = new int[dialogues][];
        for (int i = 0; i < dialogues; i++) {
            ids[i] = new Random(i).ints(5 * perRound + 1, 0, 100).toArray();
            ids[i][0] = i;
        }
        LoraConfig lora = lora(List.of(1));
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("llama-tied"));
        CausalLmProvider.Config config = new CausalLmProvider.Config(MODELS.resolve("llama-tied").toString(), null, null,
                null, null, null, null, null, null, null, null, null, null, null, null, 64);
        try (NetworkPolicy policy = new NetworkPolicy(CausalLmNetwork.create(config,
                checkpoint,
                new NumberTokens(checkpoint.config().vocabulary(), 8), lora,
                null, new RandomStreams(5).stream("lora", 0, 0, 0)))) {
            scatter(policy, 0.05);
            // Parts of 12 dialogues; of 6; of 4; of 3; of 2.
            for (int round = 1; round <= 5; round++) {
                int length = round * perRound + 1;
                List<Prompt> prompts = Arrays.stream(ids).map(each -> NumberTokens.prompt(Arrays.copyOf(each, length))).toList();
                List<Response> responses = List.of();
                long before = prefilled(policy);
                // What is asked again is known.
                for (int again = 0; again < 2; again++) {
                    responses = policy.sample(prompts, SamplingConfig.standard().withValues(), streams(dialogues));
                }
                assertEquals(dialogues * perRound, prefilled(policy) - before, "round " + round);
                try (Policy fresh = policy.snapshot()) {
                    Scores scores = fresh.score(prompts, responses, ScoreRequest.logProbs().withValues());
                    for (int i = 0; i < dialogues; i++) {
                        assertArrayEquals(scores.logProbs()[i], responses.get(i).logProbs(), (float) TOLERANCE);
                        assertArrayEquals(scores.values()[i], responses.get(i).values(), (float) TOLERANCE);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void theMostLikelyTokensAreTheReferences(String model) throws IOException {
        for (JsonNode greedy : expected(model).get("greedy")) {
            int[] prompt = ids(greedy.get("ids"));
            int[] wanted = ids(greedy.get("continuation"));
            try (NetworkPolicy policy = policy(model)) {
                int[] now = prompt;
                int[] found = new int[0];
                while (found.length < wanted.length) {
                    String text = policy.sample(List.of(NumberTokens.prompt(now)), new SamplingConfig(0, 0, 1, false),
                            streams(1)).get(0)
                            .text();
                    int[] more = Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
                    found = concat(found, more);
                    now = concat(prompt, found);
                }
                assertArrayEquals(wanted, Arrays.copyOf(found, wanted.length));
            }
        }
    }

    private static int[] concat(int[] a, int[] b) {
        int[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static Map<String, float[]> gradients(NetworkPolicy policy, List<Prompt> prompts, List<Response> responses) {
        return gradients(policy, prompts, responses, 0);
    }

    private static Map<String, float[]> gradients(
            NetworkPolicy policy, List<Prompt> prompts, List<Response> responses, long step) {
        Network network = NetworkPolicy.networkOf(policy);
        Map<String, float[]> gradients = new LinkedHashMap<>();
        try (NDManager scratch = Torch.newManager(); var collector = Torch.engine().newGradientCollector()) {
            Network.Graph graph = network.graph(scratch, step);
            ScoreArrays scores = graph.score(prompts, responses, ScoreRequest.logProbs().withValues().withEntropy());
            collector.backward(scores.logProbs().sum().add(scores.values().sum()).add(scores.entropy().sum()));
            List<NDArray> found = graph.gradients();
            int i = 0;
            for (String name : network.parameters().byName().keySet()) {
                gradients.put(name, found.get(i) == null ? null : found.get(i).toFloatArray());
                i++;
            }
        }
        return gradients;
    }

    /** Scores of a few positions at a time, with gradients written by hand, beside those of whole distributions and PyTorch's. */
    @Test
    void scoresByPartsHaveTheGradientsOfWholeDistributions() throws IOException {
        try (NetworkPolicy policy = policy("llama-tied"); NDManager manager = Torch.newManager()) {
            TorchScript script = ((DecoderNetwork) NetworkPolicy.networkOf(policy)).script();
            Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("llama-tied"));
            int outputs = checkpoint.config().vocabulary();
            int hidden = checkpoint.config().hidden();
            // More positions than the kernels take at once.
            Shape shape = new Shape(60, 5);
            NDArray head = manager.randomNormal(new Shape(outputs, hidden));
            NDArray target = manager.create(new Random(2).longs(shape.size(), 0, outputs).toArray(), shape);
            NDArray uniform = manager.full(new Shape(1, outputs), 1f / outputs);
            List<NDArray> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                others.add(manager.randomNormal(new Shape(shape.size(), hidden)));
            }
            List<NDArray> smoothings = List.of(manager.create(0f), manager.create(0f), manager.create(0.3f));
            NDArray values = others.get(0);
            List<float[]> found = new ArrayList<>();
            List<float[]> gradients = new ArrayList<>();
            for (boolean byParts : new boolean[] {true, false}) {
                try (var collector = Torch.engine().newGradientCollector()) {
                    NDArray h = values.duplicate();
                    h.setRequiresGradient(true);
                    List<NDArray> scores = new ArrayList<>();
                    if (byParts) {
                        scores.addAll(script.call(manager, "scored", h, head, target, uniform, manager.create(true),
                                manager.create(true),
                                others, List.of(head.duplicate(), head.duplicate(), head.duplicate()), smoothings));
                    } else {
                        NDArray bias = manager.zeros(new Shape(1, outputs));
                        NDArray columns = manager.create(shape.get(1));
                        NDArray distribution = script.call(manager, "logDistribution", h, head, bias, columns).head();
                        scores.add(script.call(manager, "logProbs", distribution, target, uniform, smoothings.get(0)).head());
                        scores.add(script.call(manager, "entropy", distribution).head());
                        for (int i = 1; i < others.size(); i++) {
                            NDArray other = script.call(manager, "logDistribution", others.get(i), head, bias, columns).head();
                            scores.add(script.call(manager, "divergence", distribution, other, uniform,
                                    smoothings.get(i)).head());
                        }
                    }
                    NDArray loss = null;
                    for (int i = 0; i < scores.size(); i++) {
                        found.add(scores.get(i).toFloatArray());
                        NDArray part = scores.get(i).mul(scores.get(i)).sum().mul(i + 1);
                        loss = loss == null ? part : loss.add(part);
                    }
                    collector.backward(loss);
                    gradients.add(h.getGradient().toFloatArray());
                }
            }
            for (int i = 0; i < 4; i++) {
                assertArrayEquals(found.get(4 + i), found.get(i), 1e-4f);
            }
            double largest = 0;
            for (float each : gradients.get(1)) {
                largest = Math.max(largest, Math.abs(each));
            }
            assertArrayEquals(gradients.get(1), gradients.get(0), (float) (1e-5 * largest));
        }
    }

    private static double objective(NetworkPolicy policy, List<Prompt> prompts, List<Response> responses) {
        Scores scores = policy.score(prompts, responses, ScoreRequest.logProbs().withValues().withEntropy());
        double sum = 0;
        for (int i = 0; i < prompts.size(); i++) {
            for (int t = 0; t < scores.logProbs()[i].length; t++) {
                sum += (double) scores.logProbs()[i][t] + scores.values()[i][t] + scores.entropy()[i][t];
            }
        }
        return sum;
    }

    /** Values other than the start's, where B and the value head are 0 and hide what is behind them. */
    private static void scatter(NetworkPolicy policy, double deviation) {
        Random random = new Random(11);
        Parameters parameters = NetworkPolicy.networkOf(policy).parameters();
        for (String name : parameters.byName().keySet()) {
            NDArray array = parameters.get(name);
            float[] values = array.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (deviation * random.nextGaussian());
            }
            array.set(values);
        }
        NetworkPolicy.networkOf(policy).parametersChanged();
    }

    private static List<Response> responses(int rows, int vocabulary) {
        Random random = new Random(4);
        List<Response> responses = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            responses.add(Response.of(NumberTokens.text(random.ints(1 + random.nextInt(4), 0, vocabulary).toArray())));
        }
        return responses;
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientsOfAdaptersAreThoseOfFiniteDifferences(String model) throws IOException {
        try (NetworkPolicy policy = policy(model)) {
            assertGradients(policy);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-tied", "qwen2-window", "qwen3"})
    void gradientsOfTheLastLayersAdaptersAreThoseOfFiniteDifferences(String model) throws IOException {
        try (NetworkPolicy policy = policy(model, CausalLmProvider.Train.LORA, Precision.FLOAT32, lora(List.of(1)), null)) {
            assertGradients(policy);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-plain-heads", "llama-tied"})
    void gradientsOfAllWeightsAreThoseOfFiniteDifferences(String model) throws IOException {
        try (NetworkPolicy policy = policy(model, CausalLmProvider.Train.FULL, Precision.FLOAT32, null, null)) {
            assertGradients(policy);
        }
    }

    private static void assertGradients(NetworkPolicy policy) {
        scatter(policy, 0.05);
        List<Prompt> prompts = prompts(100);
        List<Response> responses = responses(prompts.size(), 100);
        Gradients.assertThoseOfFiniteDifferences(gradients(policy, prompts, responses),
                NetworkPolicy.networkOf(policy).parameters(), () -> objective(policy, prompts, responses));
    }

    /** Rows that end are dropped, and what sampling computed of the frozen layers is scored with. */
    @Test
    void whatSamplingComputedIsWhatScoringComputes() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("llama3"));
        LoraConfig upper = lora(List.of(1));
        List<NetworkPolicy> policies = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            policies.add(new NetworkPolicy(CausalLmNetwork.create(
                    config("llama3", CausalLmProvider.Train.LORA, Precision.FLOAT32),
                    checkpoint,
                    new NumberTokens(checkpoint.config().vocabulary(), 12, 20), upper, null,
                    new RandomStreams(5).stream("lora", 0, 0, 0))));
            scatter(policies.get(i), 0.05);
        }
        try (NetworkPolicy sampled = policies.get(0); NetworkPolicy fresh = policies.get(1)) {
            List<Prompt> prompts = new ArrayList<>();
            List<Response> responses = new ArrayList<>();
            // Rounds of dialogues: the second begins with what the first has left in the cache.
            List<List<Prompt>> dialogues = List.of(dialogue(2, 1, 100), dialogue(2, 2, 100), dialogue(2, 3, 100),
                    dialogue(2, 4, 100));
            for (int round = 0; round < 2; round++) {
                int now = round;
                List<Prompt> asked = dialogues.stream().map(dialogue -> dialogue.get(now)).toList();
                List<Response> answers = sampled.sample(asked, SamplingConfig.standard().withValues(), streams(asked.size()));
                assertTrue(answers.stream().mapToInt(answer -> answer.logProbs().length).distinct().count() > 1,
                        "all are as long");
                for (int i = 0; i < asked.size(); i++) {
                    assertArrayEquals(answers.get(i).logProbs(), fresh.score(List.of(asked.get(i)), List.of(answers.get(i)),
                            ScoreRequest.logProbs()).logProbs()[0], (float) TOLERANCE);
                }
                prompts.addAll(asked);
                responses.addAll(answers);
            }
            Scores kept = sampled.score(prompts, responses, ScoreRequest.logProbs().withValues());
            Scores computed = fresh.score(prompts, responses, ScoreRequest.logProbs().withValues());
            for (int i = 0; i < prompts.size(); i++) {
                assertArrayEquals(computed.logProbs()[i], kept.logProbs()[i], (float) TOLERANCE);
                assertArrayEquals(computed.values()[i], kept.values()[i], (float) TOLERANCE);
            }
        }
    }

    /** Adapters of the last layer alone, beside a policy whose lower adapters are there and change nothing. */
    @Test
    void aSharedTrunkChangesNoGradient() throws IOException {
        try (NetworkPolicy whole = policy("llama3"); NetworkPolicy upper = policy(
                "llama3", CausalLmProvider.Train.LORA, Precision.FLOAT32, lora(List.of(1)), null)) {
            Parameters all = NetworkPolicy.networkOf(whole).parameters();
            NetworkPolicy.networkOf(upper).parameters().byName().forEach((name, array) -> {
                float[] values = new float[(int) array.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) (0.1 * Math.sin(i + name.length()));
                }
                array.set(values);
                all.get(name).set(values);
            });
            List<Prompt> prompts = prompts(100);
            List<Response> responses = responses(prompts.size(), 100);
            Map<String, float[]> wanted = gradients(whole, prompts, responses);
            // The first pass computes the trunk; the second, of other rows in another order, finds it.
            Map<String, float[]> first = gradients(upper, prompts, responses);
            Map<String, float[]> second = gradients(upper, prompts, responses);
            first.forEach((name, gradient) -> {
                assertArrayEquals(wanted.get(name), gradient, 1e-4f, name);
                assertArrayEquals(gradient, second.get(name), 1e-6f, name);
            });
            List<Prompt> reversed = new ArrayList<>(prompts);
            List<Response> reversedResponses = new ArrayList<>(responses);
            Collections.reverse(reversed);
            Collections.reverse(reversedResponses);
            assertEquals(objective(whole, prompts, responses), objective(upper, reversed, reversedResponses), 1e-3);
        }
    }

    /** Whoever computed a frozen layer would get what its weights are by then: not a number. */
    @Test
    void whatSamplingComputedOfFrozenLayersServesReferenceAndEveryEpoch() throws IOException {
        LoraConfig upper = lora(List.of(1));
        try (NetworkPolicy policy = policy("llama3", CausalLmProvider.Train.LORA, Precision.FLOAT32, upper, null);
                Policy reference = policy.snapshot();
                NetworkPolicy fresh = policy("llama3", CausalLmProvider.Train.LORA, Precision.FLOAT32, upper, null);
                NDManager manager = Torch.newManager()) {
            policy.configureOptimizer(OptimizerConfig.adam());
            fresh.configureOptimizer(OptimizerConfig.adam());
            List<Prompt> prompts = new ArrayList<>();
            List<Response> responses = new ArrayList<>();
            List<List<Prompt>> dialogues = List.of(dialogue(2, 1, 100), dialogue(2, 2, 100), dialogue(2, 3, 100));
            for (int round = 0; round < 2; round++) {
                int now = round;
                List<Prompt> asked = dialogues.stream().map(dialogue -> dialogue.get(now)).toList();
                prompts.addAll(asked);
                responses.addAll(policy.sample(asked, SamplingConfig.standard().withValues(), streams(asked.size())));
            }
            DecoderNetwork network = (DecoderNetwork) NetworkPolicy.networkOf(policy);
            NDArray gain = network.weights(manager, List.copyOf(network.parameters().values()), false).trunk().get(1);
            gain.muli(Float.NaN);

            assertNear(fresh.score(prompts, responses, ScoreRequest.logProbs()),
                    reference.score(prompts, responses, ScoreRequest.logProbs()));
            for (int epoch = 0; epoch < 2; epoch++) {
                // Dialogues by themselves, and from another one on: mini-batches differ from epoch to epoch.
                for (int i = 0; i < 3; i++) {
                    int dialogue = (i + epoch) % 3;
                    List<Prompt> rounds = List.of(prompts.get(dialogue), prompts.get(3 + dialogue));
                    List<Response> spoken = List.of(responses.get(dialogue), responses.get(3 + dialogue));
                    for (NetworkPolicy each : List.of(policy, fresh)) {
                        try (UpdateScope scope = each.beginUpdate()) {
                            scope.backward(scope.score(rounds, spoken, ScoreRequest.logProbs()).logProbs().sum().neg());
                            scope.step(0.01);
                        }
                    }
                }
            }
            assertNear(fresh.score(prompts, responses, ScoreRequest.logProbs()),
                    policy.score(prompts, responses, ScoreRequest.logProbs()));
            float[][] others = policy.score(dialogue(1, 4, 100), responses(1, 100), ScoreRequest.logProbs()).logProbs();
            assertTrue(Double.isNaN(sum(others)), "other rows are computed");
        }
    }

    private static void assertNear(Scores expected, Scores found) {
        for (int i = 0; i < expected.logProbs().length; i++) {
            assertArrayEquals(expected.logProbs()[i], found.logProbs()[i], (float) TOLERANCE);
        }
    }

    @Test
    void roundsOfADialogueAreOnePassAndOthersAreCut() throws IOException {
        try (NetworkPolicy policy = policy("lm-smoke")) {
            // 60 rounds that share their beginnings take 60 times their own tokens and once the longest prompt.
            List<Prompt> rounds = dialogue(60, 1, 100);
            assertTrue(rounds.stream().mapToInt(prompt -> prompt.segments().get(0).text().split(" ").length).sum() > 4096);
            assertEquals(1, policy.microBatches(rounds, responses(60, 100)).size());
            List<Prompt> apart = IntStream.range(0, 60).mapToObj(i -> dialogue(60, i, 100).get(59)).toList();
            List<int[]> parts = policy.microBatches(apart, responses(60, 100));
            assertTrue(parts.size() > 1);
            assertEquals(60, parts.stream().mapToInt(part -> part.length).sum());
        }
    }

    /** A chat of one's own words and what the policy answers, longer than the default of what a pass may have. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void fifteenRoundsOfAChatAreOnePassAndEachRoundComputesWhatIsNew(int layers) throws IOException {
        int rounds = 15;
        int dialogues = 2;
        CausalLmProvider.Config config = new CausalLmProvider.Config(MODELS.resolve("lm-smoke").toString(), null, null, null,
                null, null, 2, null, null, null, null, layers, null, null, 24, null);
        TextSpec text = new TextSpec(List.of("card"), 100, 1000, new ResponseFormat.FreeText(20, List.of()));
        try (NetworkPolicy policy = (NetworkPolicy) new CausalLmProvider().create(config, text, PluginContext.standalone(1))) {
            scatter(policy, 0.05);
            TokenCodec tokens = ((DecoderNetwork) NetworkPolicy.networkOf(policy)).codec();
            List<List<Segment>> said = new ArrayList<>();
            List<List<Prompt>> asked = new ArrayList<>();
            List<List<Response>> answered = new ArrayList<>();
            for (int i = 0; i < dialogues; i++) {
                said.add(new ArrayList<>(List.of(new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "Turn the cards."))));
                asked.add(new ArrayList<>());
                answered.add(new ArrayList<>());
            }
            int known = 0;
            for (int round = 1; round <= rounds; round++) {
                List<Prompt> now = new ArrayList<>();
                for (int i = 0; i < dialogues; i++) {
                    said.get(i).add(new Segment(Role.USER, SegmentKind.INTERVENTION, round, "I am sure of card " + (i + round)
                            + ", and that we should turn it over as soon as all the others agree with me"));
                    now.add(new Prompt(said.get(i)));
                }
                long before = prefilled(policy);
                List<Response> answers = policy.sample(now, SamplingConfig.standard().withValues(), streams(dialogues));
                int[] prefixes = now.stream().mapToInt(prompt -> tokens.encode(prompt).length - 1).toArray();
                int longest = Arrays.stream(prefixes).max().orElseThrow();
                int shortest = Arrays.stream(prefixes).min().orElseThrow();
                int filled = longest == shortest ? longest
                        : (longest + PackedRows.BUCKET - 1) / PackedRows.BUCKET * PackedRows.BUCKET;
                assertEquals((long) dialogues * (filled - known), prefilled(policy) - before, "round " + round);
                known = shortest;
                for (int i = 0; i < dialogues; i++) {
                    asked.get(i).add(now.get(i));
                    answered.get(i).add(answers.get(i));
                    said.get(i).add(new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, answers.get(i).text()));
                }
            }
            assertTrue(known > 1024, "the shortest dialogue has " + known + " tokens");
            List<Prompt> prompts = asked.stream().flatMap(List::stream).toList();
            List<Response> responses = answered.stream().flatMap(List::stream).toList();
            List<int[]> parts = policy.microBatches(prompts, responses);
            assertEquals(dialogues, parts.size());
            for (int i = 0; i < dialogues; i++) {
                assertArrayEquals(IntStream.range(i * rounds, (i + 1) * rounds).toArray(), parts.get(i));
            }
            Scores together = policy.score(prompts, responses, ScoreRequest.logProbs().withValues());
            for (int i = 0; i < prompts.size(); i++) {
                Scores alone = policy.score(prompts.subList(i, i + 1), responses.subList(i, i + 1),
                        ScoreRequest.logProbs().withValues());
                assertArrayEquals(alone.logProbs()[0], together.logProbs()[i], 1e-5f, "row " + i);
                assertArrayEquals(alone.values()[0], together.values()[i], 1e-5f, "row " + i);
                assertArrayEquals(responses.get(i).logProbs(), together.logProbs()[i], 1e-5f, "row " + i);
            }
        }
    }

    /** Prefixes of unequal length are filled up, also beyond the context. */
    @Test
    void promptsMayFillTheContext() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("llama3"));
        CausalLmProvider.Config config = new CausalLmProvider.Config(
                MODELS.resolve("llama3").toString(), null, null, null, null, null, null, null, null, null, null, null, null, 100,
                null, null);
        try (NetworkPolicy policy = new NetworkPolicy(CausalLmNetwork.create(config,
                checkpoint,
                new NumberTokens(checkpoint.config().vocabulary(), 1),
                lora(List.of()), null, new RandomStreams(5).stream("lora", 0, 0, 0)))) {
            List<Prompt> prompts = List.of(NumberTokens.prompt(new Random(1).ints(99, 0, 100).toArray()),
                    NumberTokens.prompt(new Random(2).ints(20, 0, 100).toArray()));
            List<Response> responses = policy.sample(prompts, SamplingConfig.standard(), streams(2));
            float[][] scored = policy.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
            for (int i = 0; i < 2; i++) {
                assertArrayEquals(responses.get(i).logProbs(), scored[i], (float) TOLERANCE);
            }
        }
    }

    @Test
    void inputsOfAdaptersAreDroppedInUpdatesAloneAndByTheStep() throws IOException {
        LoraConfig half = new LoraConfig(2, 4, 0.5, MAPS, false, List.of());
        try (NetworkPolicy policy = policy("llama-tied", CausalLmProvider.Train.LORA, Precision.FLOAT32,
                half, null);
                NetworkPolicy whole = policy("llama-tied")) {
            scatter(policy, 0.05);
            scatter(whole, 0.05);
            List<Prompt> prompts = prompts(100);
            List<Response> responses = responses(prompts.size(), 100);
            assertEquals(objective(whole, prompts, responses), objective(policy, prompts, responses));
            Map<String, float[]> first = gradients(policy, prompts, responses, 1);
            Map<String, float[]> again = gradients(policy, prompts, responses, 1);
            Map<String, float[]> next = gradients(policy, prompts, responses, 2);
            String upper = "model.layers.1.mlp.down_proj.lora_A.weight";
            assertArrayEquals(first.get(upper), again.get(upper));
            assertFalse(Arrays.equals(first.get(upper), next.get(upper)));
            assertFalse(Arrays.equals(first.get(upper), gradients(whole, prompts, responses, 1).get(upper)));
        }
    }

    /** In the kernels; ties aside, which there are none of here. Outputs in one block, in two and a part, in four. */
    @ParameterizedTest
    @CsvSource({"0, 37", "0.3, 37", "1, 37", "2.5, 37", "1, 700", "2.5, 1024"})
    void drawsInTheKernelsAreThoseOfTheSampler(double temperature, int count) throws IOException {
        try (NetworkPolicy policy = policy("llama-tied"); NDManager manager = Torch.newManager()) {
            TorchScript script = ((DecoderNetwork) NetworkPolicy.networkOf(policy)).script();
            SamplingConfig sampling = new SamplingConfig(temperature, 0, 1, false);
            TokenSampler sampler = new TokenSampler(sampling);
            Random random = new Random(8);
            int rows = 2000;
            float[] logits = new float[rows * count];
            double[] uniforms = new double[rows];
            for (int i = 0; i < rows; i++) {
                uniforms[i] = i == 0 ? 0 : i == 1 ? 1 - 1e-9 : random.nextDouble();
                for (int k = 0; k < count; k++) {
                    // Some tokens are never drawn, and the first and the last are not in some rows.
                    boolean never = random.nextInt(3) == 0 || k == i % 5 - 1 || k == count - i % 3;
                    logits[i * count + k] = never ? -1e30f : (float) (3 * random.nextGaussian());
                }
            }
            NDList drawn = script.call(manager, "draw", manager.create(logits, new Shape(rows, count)), manager.create(uniforms),
                    manager.create(temperature));
            long[] tokens = drawn.get(0).toLongArray();
            float[] logProbs = drawn.get(1).toFloatArray();
            for (int i = 0; i < rows; i++) {
                assertEquals(sampler.draw(logits, i * count, count, uniforms[i]), tokens[i], "row " + i);
                assertEquals(sampler.logProb(), logProbs[i], 1e-5, "row " + i);
            }
        }
    }

    private static double meanDifference(float[][] a, float[][] b) {
        double sum = 0;
        int n = 0;
        for (int i = 0; i < a.length; i++) {
            for (int t = 0; t < a[i].length; t++) {
                sum += Math.abs(a[i][t] - b[i][t]);
                n++;
            }
        }
        return sum / n;
    }

    @Test
    void bfloat16DiffersByRoundingOnly() throws IOException {
        for (String model : List.of("llama-tied", "mistral-window")) {
            try (NetworkPolicy exact = policy(model); NetworkPolicy rounded = policy(
                    model, CausalLmProvider.Train.LORA, Precision.BFLOAT16, lora(List.of()), null)) {
                List<Prompt> prompts = prompts(100);
                List<Response> responses = responses(prompts.size(), 100);
                float[][] a = exact.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
                float[][] b = rounded.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
                double differs = meanDifference(a, b);
                assertTrue(differs < 0.1, model + " differs by " + differs);
                List<Response> sampled = rounded.sample(prompts, SamplingConfig.standard(), streams(prompts.size()));
                float[][] scored = rounded.score(prompts, sampled, ScoreRequest.logProbs()).logProbs();
                double between = meanDifference(sampled.stream().map(Response::logProbs).toArray(float[][]::new), scored);
                assertTrue(between < 0.1, model + " samples and scores differ by " + between);
                rounded.configureOptimizer(OptimizerConfig.adam());
                double before = objective(rounded, prompts, responses);
                for (int step = 0; step < 5; step++) {
                    try (UpdateScope scope = rounded.beginUpdate()) {
                        ScoreArrays scores = scope.score(prompts, responses, ScoreRequest.logProbs());
                        scope.backward(scores.logProbs().sum().neg());
                        scope.step(0.01);
                    }
                }
                assertTrue(objective(rounded, prompts, responses) > before, "training raises the likelihood");
            }
        }
    }

    private static double norm(float[] x) {
        return Math.sqrt(product(x, x));
    }

    private static double product(float[] x, float[] y) {
        return IntStream.range(0, x.length).mapToDouble(i -> (double) x[i] * y[i]).sum();
    }

    @ParameterizedTest
    @CsvSource({"llama-tied, LORA", "llama-tied, FULL", "qwen3, LORA", "qwen3, FULL"})
    void gradientsInBfloat16DifferByRoundingOnly(String model, CausalLmProvider.Train train) throws IOException {
        LoraConfig lora = train == CausalLmProvider.Train.LORA ? lora(List.of()) : null;
        try (NetworkPolicy exact = policy(model, train, Precision.FLOAT32, lora, null);
                NetworkPolicy rounded = policy(model, train, Precision.BFLOAT16, lora, null)) {
            scatter(exact, 0.05);
            scatter(rounded, 0.05);
            List<Prompt> prompts = prompts(100);
            List<Response> responses = responses(prompts.size(), 100);
            Map<String, float[]> wanted = gradients(exact, prompts, responses);
            gradients(rounded, prompts, responses).forEach((name, gradient) -> {
                float[] other = wanted.get(name);
                double cosine = product(gradient, other) / (norm(gradient) * norm(other));
                assertTrue(cosine > 0.99, name + ": the cosine is " + cosine);
                assertEquals(1, norm(gradient) / norm(other), 0.05, name);
            });
        }
    }

    /** A batch that is too long for one pass goes through several, and their gradients add up. */
    @Test
    void gradientsOfAllWeightsInTwoPassesAreThoseOfOne() throws IOException {
        try (NetworkPolicy policy = policy("llama-tied", CausalLmProvider.Train.FULL, Precision.BFLOAT16, null, null)) {
            scatter(policy, 0.05);
            Network network = NetworkPolicy.networkOf(policy);
            List<Prompt> prompts = prompts(100);
            List<Response> responses = responses(prompts.size(), 100);
            Map<String, float[]> whole = gradients(policy, prompts, responses);
            try (NDManager scratch = Torch.newManager(); var collector = Torch.engine().newGradientCollector()) {
                Network.Graph graph = network.graph(scratch, 0);
                for (int from = 0; from < prompts.size(); from += prompts.size() / 2) {
                    int to = from + prompts.size() / 2;
                    ScoreArrays scores = graph.score(prompts.subList(from, to), responses.subList(from, to),
                            ScoreRequest.logProbs().withValues().withEntropy());
                    collector.backward(scores.logProbs().sum().add(scores.values().sum()).add(scores.entropy().sum()));
                    graph.spent();
                }
                int i = 0;
                for (String name : network.parameters().byName().keySet()) {
                    float[] wanted = whole.get(name);
                    float[] sum = graph.gradients().get(i++).toFloatArray();
                    for (int k = 0; k < sum.length; k++) {
                        sum[k] -= wanted[k];
                    }
                    assertTrue(norm(sum) < 0.02 * norm(wanted), name + " differs by " + norm(sum) + " of " + norm(wanted));
                }
            }
        }
    }

    /** The adapters' own products round too: adapters that matter, beside the reference's values in float32. */
    @ParameterizedTest
    @ValueSource(strings = {"llama-tied", "qwen3"})
    void adaptersInBfloat16DifferByRoundingOnly(String model) throws IOException {
        try (NetworkPolicy rounded = policy(model, CausalLmProvider.Train.LORA, Precision.BFLOAT16, null, "adapter")) {
            JsonNode with = expected(model).get("scoreWithAdapter");
            JsonNode without = expected(model).get("score");
            double rounding = 0;
            double effect = 0;
            int n = 0;
            for (int i = 0; i < with.size(); i++) {
                int[] ids = ids(with.get(i).get("ids"));
                float[] found = rounded.score(List.of(NumberTokens.prompt(Arrays.copyOf(ids, 2))),
                        List.of(Response.of(NumberTokens.text(Arrays.copyOfRange(ids, 2, ids.length)))), ScoreRequest.logProbs())
                        .logProbs()[0];
                for (int t = 0; t < found.length; t++) {
                    double wanted = with.get(i).get("tokenLogProbs").get(t + 1).asDouble();
                    rounding += Math.abs(found[t] - wanted);
                    effect += Math.abs(without.get(i).get("tokenLogProbs").get(t + 1).asDouble() - wanted);
                    n++;
                }
            }
            assertTrue(rounding / n < 0.06 && effect / n > 1,
                    "log-probabilities differ by " + rounding / n + "; the adapter changes them by " + effect / n);
        }
    }

    @Test
    void whatIsTrainedIsSavedWithItsBaseAndRefusedForAnother(@TempDir Path folder) throws IOException {
        List<Prompt> prompts = prompts(100);
        List<Response> responses = responses(prompts.size(), 100);
        try (NetworkPolicy policy = policy("llama-tied"); NetworkPolicy other = policy("llama-plain-heads")) {
            scatter(policy, 0.05);
            policy.save(folder);
            double saved = objective(policy, prompts, responses);
            try (NetworkPolicy again = policy("llama-tied"); Policy snapshot = again.snapshot()) {
                again.load(folder);
                assertEquals(saved, objective(again, prompts, responses), 1e-6);
                assertTrue(Math.abs(saved - sum(snapshot.score(prompts, responses, ScoreRequest.logProbs()).logProbs())) > 1);
            }
            IOException refused = assertThrows(IOException.class, () -> other.load(folder));
            assertTrue(refused.getMessage().contains("base"), refused.getMessage());
        }
        // The same weights with another template would read other prompts.
        Path changed = Files.createDirectory(folder.resolve("changed"));
        try (Stream<Path> files = Files.list(MODELS.resolve("llama-tied"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, changed.resolve(file.getFileName()));
            }
        }
        Files.writeString(changed.resolve("chat_template.jinja"), "{{ messages[0].content }}");
        try (NetworkPolicy policy = policy(changed.toAbsolutePath().toString())) {
            IOException refused = assertThrows(IOException.class, () -> policy.load(folder));
            assertTrue(refused.getMessage().contains("base.chat.chat_template.jinja is absent, expected "), refused.getMessage());
        }
    }

    @Test
    void variablesOfTheTemplateAreRefusedAtTheirKeyWhereItAsksForNone() {
        CausalLmProvider.Config config = new CausalLmProvider.Config(MODELS.resolve("lm-smoke").toString(), null, null, null,
                Map.of("enable_thinking", false), null, null, null, null, null, null, null, null, null, null, null);
        TextSpec text = new TextSpec(List.of("w"), 100, 100, new ResponseFormat.FreeText(20, List.of()));
        ConfigurationException refused = assertThrows(ConfigurationException.class,
                () -> new CausalLmProvider().check(config, text, PluginContext.standalone(1)));
        assertEquals("template", refused.path());
        assertTrue(refused.getMessage().contains("asks for no variable 'enable_thinking'"), refused.getMessage());
    }

    /** Sizes and numbers of parameters are those that SmolLM2's published models have. */
    @Test
    void aModelWhoseStateNoFileHoldsIsNotTrainedInFull() throws IOException {
        DecoderConfig small = DecoderConfig.read(MODELS.resolve("llama-tied"));
        CausalLmProvider.requireStateFits(new DecoderConfig(small.architecture(), 49_152, 576, 1536, 30, 9, 3, 64,
                small.epsilon(), 1e5, small.ropeScaling(), 8192, true, false, false, false, false, 0, 30, small.dtype()));
        DecoderConfig of360M = new DecoderConfig(small.architecture(), 49_152, 960, 2560, 32, 15, 5, 64, small.epsilon(),
                1e5, small.ropeScaling(), 8192, true, false, false, false, false, 0, 32, small.dtype());
        ConfigurationException refused =
                assertThrows(ConfigurationException.class, () -> CausalLmProvider.requireStateFits(of360M));
        assertEquals("train", refused.path());
        // 361,821,120 of the model, 961 of the value head.
        assertTrue(refused.getMessage().contains("this model has 361,822,081 with the value head"), refused.getMessage());
        assertTrue(refused.getMessage().contains("has 4,341,864,972 bytes, and at most 2,147,483,647 can be kept"),
                refused.getMessage());
    }

    /** Qwen pads its embedding: there are more of them than tokens. */
    @Test
    void aModelMayHaveMoreEmbeddingsThanTokens() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("qwen2"));
        int tokens = checkpoint.config().vocabulary() - 9;
        LoraConfig lora = lora(List.of());
        try (NetworkPolicy policy = new NetworkPolicy(CausalLmNetwork.create(
                config("qwen2", CausalLmProvider.Train.LORA, Precision.FLOAT32),
                checkpoint, new NumberTokens(tokens, 8), lora, null,
                new RandomStreams(5).stream("lora", 0, 0, 0)))) {
            List<Prompt> prompts = prompts(100);
            List<Response> responses = policy.sample(prompts, SamplingConfig.standard(), streams(prompts.size()));
            Scores scores = policy.score(prompts, responses, ScoreRequest.logProbs());
            Scores smoothed = policy.score(prompts, responses,
                    new ScoreRequest(false, false, 0.3, List.of(new ScoreRequest.Divergence(policy, prompts, 0))));
            for (int i = 0; i < prompts.size(); i++) {
                assertArrayEquals(responses.get(i).logProbs(), scores.logProbs()[i], (float) TOLERANCE);
                for (int t = 0; t < responses.get(i).logProbs().length; t++) {
                    double mixed = 0.7 * Math.exp(scores.logProbs()[i][t]) + 0.3 / checkpoint.config().vocabulary();
                    assertEquals(Math.log(mixed), smoothed.logProbs()[i][t], TOLERANCE);
                    assertEquals(0, smoothed.divergences().get(0)[i][t], 1e-5);
                }
            }
        }
    }

    private static double sum(float[][] rows) {
        double sum = 0;
        for (float[] row : rows) {
            for (float value : row) {
                sum += value;
            }
        }
        return sum;
    }
}
