package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.random.RandomStreams;
import io.parley.core.tokens.ChoiceTokens;
import io.parley.core.tokens.DialogueFit;
import io.parley.core.tokens.FixedLayout;
import io.parley.core.tokens.TokenSampler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A multi-layer perceptron with an autoregressive head in the manner of NADE (Larochelle and Murray, "The neural
 * autoregressive distribution estimator", AISTATS 2011), so that any joint distribution over answers can be met, and
 * all positions of a given answer are scored in one pass:
 *
 * <pre>
 * z₁ = Σ over the prompt's features f of E[f]
 * zᵢ₊₁ = Wᵢ₊₁·φ(zᵢ + bᵢ)                       for the hidden layers but the last
 * hₜ = φ(z_L + cₜ + Σ_{j &lt; t} U[j, aⱼ])         the last hidden layer, once a position
 * logitsₜ = Vₜ·hₜ + dₜ over the words allowed at t;  valueₜ = vₜ·hₜ + eₜ
 * </pre>
 *
 * <p>E is the largest array by far, and a task meets few of its rows. A row is made when its feature is first met, with
 * the initial value that belongs to the feature, and has had no gradient before: what is computed is what a full table
 * gives, but that weight decay leaves rows alone that were not met yet. E's gradient is gathered by hand, ∂/∂E[f] = Σ over
 * the rows with f of ∂/∂z₁, which is again a sum of bags.
 */
final class MlpNetwork implements Network {
    static final String ID = "mlp";
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Rows of a pass without gradient. */
    private static final int BATCH = 1024;
    /** Rows of a differentiable pass, about 60 kB each at 256 units and 4 positions. */
    private static final int MICRO_BATCH = 4096;
    private static final int ROW_BLOCK = 64;
    private static final String TABLE = "embedding";
    private static final String TABLE_FEATURES = "embedding.features";
    private static final String TABLE_SEED = "embedding.seed";

    private final MlpProvider.Config config;
    private final TextSpec text;
    private final FixedLayout layout;
    private final FeatureRows features;
    private final ChoiceTokens tokens;
    private final TorchScript script;
    private final Parameters parameters;
    /** Names of all parameters but the table, in the order in which the script takes them. */
    private final List<String> dense;
    private final NDArray mask;
    private final NDArray uniform;
    /** Where initial values of the table come from; kept in the file, since rows may be made after loading. */
    private long tableSeed;
    private int tableRows;

    MlpNetwork(MlpProvider.Config config, TextSpec text, RandomStreams streams) {
        this(config, text, new FeatureRows(new FixedLayout(text)), new Parameters(),
                streams.stream("embedding", 0, 0, 0).nextLong(), 0);
        int layers = config.hidden().size();
        int given = givenColumns();
        int last = config.hidden().get(layers - 1);
        int outputs = tokens.most() + 1;
        parameters.put(TABLE, parameters.manager().zeros(new Shape(0, config.hidden().get(0))));
        int fanIn = layout.places();
        for (int i = 1; i < layers; i++) {
            int in = config.hidden().get(i - 1);
            int out = config.hidden().get(i);
            parameters.put("hidden." + i + ".bias", parameters.manager().zeros(new Shape(in)));
            parameters.put("hidden." + (i + 1) + ".weight",
                    normal(streams.stream("weight", i, 0, 0), Math.sqrt(2.0 / in), out, in));
            fanIn = in;
        }
        NDArray givenWeights = normal(streams.stream("given", 0, 0, 0), Math.sqrt(2.0 / fanIn), given, last);
        NDArray biases = parameters.manager().zeros(new Shape(tokens.positions(), last));
        givenWeights.set(new NDIndex((given - tokens.positions()) + ":"), biases);
        parameters.put("head.given", givenWeights);
        // Small, so that the first policy is near uniform.
        parameters.put("head.weight", normal(streams.stream("head", 0, 0, 0), 0.01, tokens.positions() * outputs, last));
        parameters.put("head.bias", parameters.manager().zeros(new Shape(tokens.positions(), outputs)));
    }

    private MlpNetwork(
            MlpProvider.Config config, TextSpec text, FeatureRows features, Parameters parameters,
            long tableSeed, int tableRows) {
        this.config = config;
        this.text = text;
        this.features = features;
        this.layout = features.layout();
        this.tokens = new ChoiceTokens((ResponseFormat.Choices) text.format());
        this.parameters = parameters;
        this.tableSeed = tableSeed;
        this.tableRows = tableRows;
        this.script = script(config.activation());
        this.dense = new ArrayList<>();
        for (int i = 1; i < config.hidden().size(); i++) {
            dense.add("hidden." + i + ".bias");
            dense.add("hidden." + (i + 1) + ".weight");
        }
        dense.addAll(List.of("head.given", "head.weight", "head.bias"));
        int positions = tokens.positions();
        int most = tokens.most();
        float[] masked = new float[positions * most];
        float[] share = new float[positions * most];
        for (int t = 0; t < positions; t++) {
            for (int k = 0; k < most; k++) {
                boolean allowed = k < tokens.allowed(t);
                masked[t * most + k] = allowed ? 0 : -1e9f;
                share[t * most + k] = allowed ? 1f / tokens.allowed(t) : 0;
            }
        }
        mask = parameters.manager().create(masked, new Shape(1, positions, most));
        uniform = parameters.manager().create(share, new Shape(1, positions, most));
    }

    private static TorchScript script(MlpProvider.Activation activation) {
        return switch (activation) {
            case RELU -> TorchScript.resources(List.of("mlp.py"),
                    Map.of("ACTIVATE", "torch.relu_(x)", "GRADIENT", "torch.threshold_backward(g, y, 0, grad_input=g)"));
            case GELU -> TorchScript.resources(List.of("mlp.py"),
                    Map.of("ACTIVATE", "torch.gelu(x)", "GRADIENT", "torch.gelu_backward(g, x, grad_input=g)"));
        };
    }

    private NDArray normal(RandomGenerator random, double deviation, long... shape) {
        float[] values = new float[Math.toIntExact(new Shape(shape).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return parameters.manager().create(values, new Shape(shape));
    }

    /** U without the last position's words, which nothing comes after, then one row for each cₜ. */
    private int givenColumns() {
        return (tokens.positions() - 1) * tokens.most() + tokens.positions();
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public ObjectNode description() {
        ObjectNode node = JSON.createObjectNode();
        node.set("config", JSON.valueToTree(config));
        ObjectNode texts = node.putObject("text");
        texts.set("words", JSON.valueToTree(text.words()));
        texts.put("maxSystemWords", text.maxSystemWords());
        texts.put("maxDialogueWords", text.maxDialogueWords());
        texts.set("choices", JSON.valueToTree(((ResponseFormat.Choices) text.format()).positions()));
        return node;
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    /** {@inheritDoc} Counts the whole table. */
    @Override
    public long parameterCount() {
        long count = (long) layout.features() * config.hidden().get(0);
        for (String name : dense) {
            count += parameters.get(name).size();
        }
        return count;
    }

    @Override
    public List<Prompt> fit(List<Prompt> versions) {
        return DialogueFit.fit(versions, layout::fits, layout::limit);
    }

    @Override
    public int length(Response response) {
        return tokens.positions();
    }

    @Override
    public List<int[]> microBatches(List<Prompt> prompts, List<Response> responses) {
        List<int[]> parts = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += MICRO_BATCH) {
            int first = from;
            int[] part = new int[Math.min(MICRO_BATCH, prompts.size() - from)];
            Arrays.setAll(part, i -> first + i);
            parts.add(part);
        }
        return parts;
    }

    @Override
    public MlpNetwork copy() {
        return new MlpNetwork(config, text, features, parameters.copy(), tableSeed, tableRows);
    }

    @Override
    public void close() {
        parameters.close();
    }

    /** The features of some prompts, as the bags that they are. */
    private static final class Bags {
        final int[] rows;
        final int[] offsets;

        Bags(FeatureRows features, List<Prompt> prompts) {
            int[][] encoded = new int[prompts.size()][];
            offsets = new int[encoded.length];
            int n = 0;
            for (int i = 0; i < encoded.length; i++) {
                encoded[i] = features.encode(prompts.get(i));
                offsets[i] = n;
                n += encoded[i].length;
            }
            rows = new int[n];
            for (int i = 0; i < encoded.length; i++) {
                System.arraycopy(encoded[i], 0, rows, offsets[i], encoded[i].length);
            }
        }

        private Bags(int[] rows, int[] offsets) {
            this.rows = rows;
            this.offsets = offsets;
        }

        /** For each of {@code count} features the prompts that have it. */
        Bags transposed(int count) {
            int[] starts = new int[count + 1];
            for (int row : rows) {
                starts[row + 1]++;
            }
            for (int row = 0; row < count; row++) {
                starts[row + 1] += starts[row];
            }
            int[] next = Arrays.copyOf(starts, count);
            int[] members = new int[rows.length];
            for (int i = 0; i < offsets.length; i++) {
                int end = i + 1 < offsets.length ? offsets[i + 1] : rows.length;
                for (int j = offsets[i]; j < end; j++) {
                    members[next[rows[j]]++] = i;
                }
            }
            return new Bags(members, Arrays.copyOf(starts, count));
        }
    }

    private List<NDArray> denseMasters() {
        List<NDArray> masters = new ArrayList<>(dense.size());
        for (String name : dense) {
            masters.add(parameters.get(name));
        }
        return masters;
    }

    /** Gives the table a row for every feature that was met. */
    private void growTable() {
        int rows = features.rows();
        if (tableRows == rows) {
            return;
        }
        NDArray table = parameters.get(TABLE);
        int units = config.hidden().get(0);
        int capacity = (rows + ROW_BLOCK - 1) / ROW_BLOCK * ROW_BLOCK;
        float[] values = Arrays.copyOf(table.toFloatArray(), capacity * units);
        for (int row = tableRows; row < rows; row++) {
            layout.initialEmbedding(tableSeed, features.featureOfRow(row), values, row * units, units);
        }
        parameters.put(TABLE, parameters.manager().create(values, new Shape(capacity, units)));
        tableRows = rows;
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        List<Response> responses = new ArrayList<>(prompts.size());
        TokenSampler sampler = new TokenSampler(sampling);
        for (int from = 0; from < prompts.size(); from += BATCH) {
            int to = Math.min(from + BATCH, prompts.size());
            sample(prompts.subList(from, to), sampling.values(), sampler, streams.subList(from, to), responses);
        }
        return responses;
    }

    private void sample(List<Prompt> prompts, boolean withValues, TokenSampler sampler,
            List<? extends RandomGenerator> streams, List<Response> responses) {
        int rows = prompts.size();
        int positions = tokens.positions();
        int most = tokens.most();
        int[][] choices = new int[rows][positions];
        float[][] logProbs = new float[rows][positions];
        float[][] values = withValues ? new float[rows][positions] : null;
        try (NDManager scratch = parameters.manager().newSubManager()) {
            Bags bags = new Bags(features, prompts);
            growTable();
            List<NDArray> weights = denseMasters();
            NDList layers = script.call(scratch, "trunk",
                    parameters.get(TABLE), scratch.create(bags.rows), scratch.create(bags.offsets), weights);
            NDArray trunk = layers.get(layers.size() - 1);
            float[] given = new float[rows * givenColumns()];
            for (int t = 0; t < positions; t++) {
                for (int i = 0; i < rows; i++) {
                    given(given, i, t, choices[i]);
                }
                NDArray givenNow = scratch.create(given, new Shape(rows, givenColumns()));
                float[] out = script.call(scratch, "position", trunk, givenNow, scratch.create(t), weights).head().toFloatArray();
                for (int i = 0; i < rows; i++) {
                    int at = i * (most + 1);
                    choices[i][t] = sampler.draw(out, at, tokens.allowed(t), streams.get(i).nextDouble());
                    logProbs[i][t] = (float) sampler.logProb();
                    if (withValues) {
                        values[i][t] = out[at + most];
                    }
                }
            }
        }
        for (int i = 0; i < rows; i++) {
            responses.add(tokens.response(choices[i], logProbs[i], withValues ? values[i] : null));
        }
    }

    /** The row that picks cₜ and U[j, aⱼ] for j &lt; t out of the head's array. */
    private void given(float[] target, int row, int t, int[] choices) {
        int columns = givenColumns();
        int at = row * columns;
        Arrays.fill(target, at, at + columns, 0);
        for (int j = 0; j < t; j++) {
            target[at + j * tokens.most() + choices[j]] = 1;
        }
        target[at + (tokens.positions() - 1) * tokens.most() + t] = 1;
    }

    /**
     * One pass through the network, without gradient.
     *
     * @param given shape [rows, T, columns]
     * @param kept what the backward pass needs
     * @param out logits of every word and the value, shape [rows, T, K + 1]
     */
    private record Pass(Bags bags, NDArray given, List<NDArray> kept, NDArray out) {}

    private Pass forward(NDManager owner, List<Prompt> prompts, int[][] choices) {
        Bags bags = new Bags(features, prompts);
        growTable();
        int rows = choices.length;
        int positions = tokens.positions();
        float[] flat = new float[rows * positions * givenColumns()];
        for (int i = 0; i < rows; i++) {
            for (int t = 0; t < positions; t++) {
                given(flat, i * positions + t, t, choices[i]);
            }
        }
        NDArray given = owner.create(flat, new Shape(rows, positions, givenColumns()));
        NDList layers = script.call(owner, "forward",
                parameters.get(TABLE), owner.create(bags.rows), owner.create(bags.offsets), given, denseMasters());
        return new Pass(bags, given, layers.subList(0, layers.size() - 1), layers.get(layers.size() - 1));
    }

    /** [log-probabilities [rows, T], values [rows, T], log-probabilities of every word [rows, T, K]]. */
    private NDList scores(NDManager owner, NDArray out, int[][] choices, double smoothing) {
        int positions = tokens.positions();
        long[] chosen = new long[choices.length * positions];
        for (int i = 0; i < choices.length; i++) {
            for (int t = 0; t < positions; t++) {
                chosen[i * positions + t] = choices[i][t];
            }
        }
        return script.call(owner, "score", out, owner.create(chosen, new Shape(choices.length, positions, 1)), mask, uniform,
                owner.create(smoothing));
    }

    private int[][] choices(List<Response> responses) {
        int[][] choices = new int[responses.size()][];
        for (int i = 0; i < choices.length; i++) {
            choices[i] = tokens.choices(responses.get(i));
        }
        return choices;
    }

    /** Log-probabilities of every word on the right side of a divergence, without gradient. */
    private NDArray target(NDManager owner, ScoreRequest.Divergence divergence, List<Prompt> targetPrompts, int[][] choices) {
        if (!(NetworkPolicy.networkOf(divergence.target()) instanceof MlpNetwork other)
                || !other.config.equals(config) || !other.text.equals(text)) {
            throw new IllegalArgumentException(
                    "a divergence's target is the scoring policy or a snapshot of it; found " + divergence.target());
        }
        NDArray every = other.scores(owner, other.forward(owner, targetPrompts, choices).out(), choices, 0).get(2);
        return divergence.smoothing() == 0
                ? every
                : script.call(owner, "smooth", every, uniform, owner.create(divergence.smoothing())).head();
    }

    private List<NDArray> divergences(
            NDManager owner, NDArray every, int[][] choices, List<ScoreRequest.Divergence> wanted, int from, int to) {
        List<NDArray> result = new ArrayList<>();
        for (ScoreRequest.Divergence divergence : wanted) {
            NDArray target = target(owner, divergence, divergence.targetPrompts().subList(from, to), choices);
            result.add(script.call(owner, "divergence", every, target).head());
        }
        return result;
    }

    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        int rows = prompts.size();
        float[][] logProbs = new float[rows][];
        float[][] values = request.values() ? new float[rows][] : null;
        float[][] entropy = request.entropy() ? new float[rows][] : null;
        List<float[][]> divergences = new ArrayList<>();
        request.divergences().forEach(d -> divergences.add(new float[rows][]));
        for (int from = 0; from < rows; from += BATCH) {
            int to = Math.min(from + BATCH, rows);
            try (NDManager scratch = parameters.manager().newSubManager()) {
                int[][] choices = choices(responses.subList(from, to));
                NDList out = scores(scratch, forward(scratch, prompts.subList(from, to), choices).out(),
                        choices, request.smoothing());
                split(out.get(0), logProbs, from);
                if (request.values()) {
                    split(out.get(1), values, from);
                }
                if (request.entropy()) {
                    split(script.call(scratch, "entropy", out.get(2)).head(), entropy, from);
                }
                List<NDArray> found = divergences(scratch, out.get(2), choices, request.divergences(), from, to);
                for (int d = 0; d < found.size(); d++) {
                    split(found.get(d), divergences.get(d), from);
                }
            }
        }
        return new Scores(logProbs, values, entropy, divergences);
    }

    private void split(NDArray array, float[][] rows, int from) {
        int columns = tokens.positions();
        float[] flat = array.toFloatArray();
        for (int i = 0; i * columns < flat.length; i++) {
            rows[from + i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
    }

    @Override
    public Graph graph(NDManager owner, long step) {
        return new MlpGraph(owner);
    }

    /**
     * Autograd sees the last layer's outputs as leaves, and so only what is small; the passes behind them are
     * differentiated in the script, without what autograd would copy and keep.
     */
    private final class MlpGraph implements Graph {
        private final NDManager owner;
        private final List<Pass> passes = new ArrayList<>();

        MlpGraph(NDManager owner) {
            this.owner = owner;
        }

        @Override
        public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            int[][] choices = choices(responses);
            Pass pass = forward(owner, prompts, choices);
            pass.out().setRequiresGradient(true);
            passes.add(pass);
            NDList scores = scores(owner, pass.out(), choices, request.smoothing());
            NDArray every = scores.get(2);
            return new ScoreArrays(
                    owner.ones(new Shape(prompts.size(), tokens.positions())),
                    scores.get(0),
                    request.values() ? scores.get(1) : null,
                    request.entropy() ? script.call(owner, "entropy", every).head() : null,
                    divergences(owner, every, choices, request.divergences(), 0, prompts.size()));
        }

        @Override
        public List<NDArray> gradients() {
            List<NDArray> sums = new ArrayList<>(Collections.nCopies(1 + dense.size(), null));
            int rows = Math.toIntExact(parameters.get(TABLE).getShape().get(0));
            for (Pass pass : passes) {
                NDArray gradient = pass.out().getGradient();
                if (gradient == null) {
                    continue;
                }
                gradient.attach(owner);
                Bags members = pass.bags().transposed(rows);
                NDList parts = script.call(owner, "backward", gradient, pass.kept(),
                        owner.create(members.rows), owner.create(members.offsets), pass.given(), denseMasters());
                Collections.reverse(parts);
                for (int i = 0; i < sums.size(); i++) {
                    sums.set(i, sums.get(i) == null ? parts.get(i) : sums.get(i).addi(parts.get(i)));
                }
            }
            return sums;
        }

        /** Adds up the table's rows in an order of their own, so that the result does not depend on which were met first. */
        @Override
        public double squaredNorm(List<NDArray> gradients) {
            double sum = 0;
            List<NDArray> found = new ArrayList<>(gradients.subList(1, gradients.size()));
            found.removeIf(g -> g == null);
            if (!found.isEmpty()) {
                sum += AdamW.squaredNorm(owner, found);
            }
            if (gradients.get(0) != null) {
                float[] rows = gradients.get(0).square().sum(new int[] {1}).toFloatArray();
                for (int row : features.canonicalRows()) {
                    sum += row < rows.length ? rows[row] : 0;
                }
            }
            return sum;
        }
    }

    @Override
    public Map<String, NDArray> toFile(NDManager scratch) {
        int[] met = Arrays.stream(writtenRows()).map(features::featureOfRow).toArray();
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        arrays.put(TABLE, toFile(TABLE, parameters.get(TABLE), scratch));
        arrays.put(TABLE_FEATURES, scratch.create(met));
        arrays.put(TABLE_SEED, scratch.create(new long[] {tableSeed}));
        for (String name : dense) {
            arrays.put(name, parameters.get(name));
        }
        return arrays;
    }

    /** Rows of the table in the order in which a file holds them. */
    private int[] writtenRows() {
        return Arrays.stream(features.canonicalRows()).filter(row -> row < tableRows).toArray();
    }

    /** Rows that an array has not yet, because they came after it was made, are 0. */
    @Override
    public NDArray toFile(String name, NDArray array, NDManager owner) {
        if (!name.equals(TABLE)) {
            return array;
        }
        int units = config.hidden().get(0);
        int[] order = writtenRows();
        float[] values = Arrays.copyOf(array.toFloatArray(), (int) parameters.get(TABLE).size());
        float[] sorted = new float[order.length * units];
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(values, order[i] * units, sorted, i * units, units);
        }
        return owner.create(sorted, new Shape(order.length, units));
    }

    @Override
    public NDArray fromFile(String name, NDArray written, Map<String, NDArray> arrays, NDManager owner) {
        return name.equals(TABLE) ? table(written, arrays.get(TABLE_FEATURES).toIntArray(), owner) : written;
    }

    /** The rows of these features in the order of this network's table, the others 0. */
    private NDArray table(NDArray written, int[] met, NDManager owner) {
        int units = config.hidden().get(0);
        float[] read = written.toFloatArray();
        float[] values = new float[(int) parameters.get(TABLE).size()];
        for (int i = 0; i < met.length; i++) {
            System.arraycopy(read, i * units, values, features.rowOf(met[i]) * units, units);
        }
        return owner.create(values, parameters.get(TABLE).getShape());
    }

    @Override
    public void fromFile(Map<String, NDArray> arrays) throws IOException {
        int units = config.hidden().get(0);
        Map<String, NDArray> rest = new LinkedHashMap<>(arrays);
        NDArray met = rest.remove(TABLE_FEATURES);
        NDArray seed = rest.remove(TABLE_SEED);
        NDArray table = rest.remove(TABLE);
        if (met == null || seed == null || table == null
                || met.getDataType() != DataType.INT32 || seed.getDataType() != DataType.INT64
                || table.getDataType() != DataType.FLOAT32
                || !table.getShape().equals(new Shape(met.size(), units)) || seed.size() != 1) {
            throw new IOException("the embedding is " + table + ", expected one row of " + units + " numbers for each of "
                    + TABLE_FEATURES + ", and " + TABLE_SEED);
        }
        int[] featureOfRow = met.toIntArray();
        for (int feature : featureOfRow) {
            if (feature < 0 || feature >= layout.features()) {
                throw new IOException("feature " + feature + " is not one of " + layout.features());
            }
        }
        parameters.requireSame(rest, dense);
        rest.forEach((name, array) -> array.copyTo(parameters.get(name)));
        tableSeed = seed.toLongArray()[0];
        int[] rows = Arrays.stream(featureOfRow).map(features::rowOf).toArray();
        tableRows = 0;
        parameters.put(TABLE, parameters.manager().zeros(new Shape(0, units)));
        growTable();
        float[] values = parameters.get(TABLE).toFloatArray();
        float[] read = table.toFloatArray();
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(read, i * units, values, rows[i] * units, units);
        }
        parameters.put(TABLE, parameters.manager().create(values, parameters.get(TABLE).getShape()));
    }
}
