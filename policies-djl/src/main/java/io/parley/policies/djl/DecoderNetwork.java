package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.tokens.ContextWindow;
import io.parley.core.tokens.TokenCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A decoder-only transformer: sampling, and scores at response positions, over what a subclass computes of the tokens of a
 * {@link TokenCodec}. A subclass names the kernels and says which arrays they take.
 *
 * <p>Work that is not done: logits and values exist at response positions only; prompts that begin alike are computed once
 * ({@link PackedRows}); and sampling keeps keys and values, also from one round of a dialogue to the next ({@link PrefixCache}).
 */
abstract class DecoderNetwork implements Network {
    /** Bytes of keys and values that are kept for the next round: 1 GiB. */
    private static final long MOST_KEPT = 1L << 30;
    /**
     * So many times the tokens of the prompts that are sampled together, keys and values may have positions: each row has its
     * own in the end, also of what it shares with others, and room for a whole response.
     */
    private static final int MOST_HELD = 4;
    /** Of one array of distributions in a pass: 64 MiB. */
    private static final long MOST_PROBABILITIES = 1 << 24;

    private final TokenCodec codec;
    private final int outputs;
    private final TorchScript script;
    private final Parameters parameters;
    private final ContextWindow window;
    private final int maxTokens;
    private final int maxSampledTokens;
    private final NDArray rotations;
    private final AllowedTokens allowed;
    private final PrefixCache prefixes;
    private long prefilledTokens;

    /**
     * @param outputs logits of a position, at least as many as tokens: pretrained models pad their embeddings
     * @param script has the methods that this class calls
     * @param parameters closed with this network
     * @param context most tokens of a prompt and its response together
     * @param maxTokens tokens of one pass, so that memory is bounded; a dialogue that has more is one all the same
     * @param maxSampledTokens tokens of prompts that are sampled together, what rows share counted once; their keys and values
     *     have at most {@value #MOST_HELD} times as many positions, and a row that has more is sampled alone
     * @param inverseFrequencies radians between neighbouring positions, one for each pair of numbers of a head
     */
    DecoderNetwork(
            TokenCodec codec, int outputs, TorchScript script, Parameters parameters, int context, int maxTokens,
            int maxSampledTokens, double[] inverseFrequencies) {
        this.codec = codec;
        this.outputs = outputs;
        this.script = script;
        this.parameters = parameters;
        window = new ContextWindow(codec, context);
        this.maxTokens = maxTokens;
        this.maxSampledTokens = maxSampledTokens;
        prefixes = new PrefixCache(MOST_KEPT);
        rotations = rotations(parameters.manager(), context + PackedRows.BUCKET, inverseFrequencies);
        allowed = new AllowedTokens(parameters.manager(), codec.allowed(), outputs);
    }

    /** float32 [positions, pairs, 2]: cosine and sine of each pair's turn at each position. */
    private static NDArray rotations(NDManager manager, int positions, double[] inverseFrequencies) {
        int pairs = inverseFrequencies.length;
        float[] turns = new float[positions * pairs * 2];
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < pairs; i++) {
                double angle = p * inverseFrequencies[i];
                turns[2 * (p * pairs + i)] = (float) Math.cos(angle);
                turns[2 * (p * pairs + i) + 1] = (float) Math.sin(angle);
            }
        }
        return manager.create(turns, new Shape(positions, pairs, 2));
    }

    // ---- what a subclass says ----

    /**
     * What the kernels take.
     *
     * @param owner of what is made for it
     * @param parameters in the order of {@link #parameters()}, or leaves for them
     * @param training whether what is computed with them is to be learnt from
     */
    abstract Weights weights(NDManager owner, List<NDArray> parameters, boolean training);

    /**
     * Whether the kernels score a few positions at a time, so that no whole distributions are held: their gradients are written
     * by hand, for hidden states alone, so that the output layer must not be learnt.
     */
    abstract boolean byParts();

    /** An empty cache for keys and values of so many prefixes. */
    abstract KeyValueCache newCache(int groups, int capacity);

    /**
     * Called with what sampling a response that will be learnt from has computed, and scoring it will ask for; does nothing by
     * default.
     *
     * @param keys arrays that it was decoded with
     * @param places of token sequences in them
     * @param begin position of each sequence's part in them
     * @param ids the sequences
     * @param from where the part begins in each
     */
    void computed(NDManager scratch, List<NDArray> keys, int[] places, int begin, List<int[]> ids, int[] from) {}

    /** Hidden states [rows × columns, hidden] at response positions, normalised, in the order of the rows. */
    abstract NDArray hidden(NDManager scratch, Weights weights, PackedRows packed, List<int[]> responses, int columns);

    final TokenCodec codec() {
        return codec;
    }

    final TorchScript script() {
        return script;
    }

    final AllowedTokens allowedTokens() {
        return allowed;
    }

    final NDArray rotationTable() {
        return rotations;
    }

    @Override
    public final Parameters parameters() {
        return parameters;
    }

    @Override
    public final long parameterCount() {
        return parameters.values().stream().mapToLong(NDArray::size).sum();
    }

    // ---- sampling ----

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        List<int[]> encoded = window.encode(prompts);
        List<Response> responses = new ArrayList<>(prompts.size());
        try (NDManager manager = parameters.manager().newSubManager()) {
            Weights weights = weights(manager, List.copyOf(parameters.values()), false);
            prefixes.begin();
            for (int[] part : Passes.of(encoded, Collections.nCopies(encoded.size(), new int[0]), maxSampledTokens,
                    rows -> rows.held(codec.maxResponse()) <= (long) MOST_HELD * maxSampledTokens)) {
                PackedRows packed = new PackedRows(at(encoded, part));
                KeyValueCache cache = newCache(packed.groups(), packed.prefixLength() + codec.maxResponse());
                try (NDManager scratch = manager.newSubManager()) {
                    prefill(scratch, packed, weights, cache);
                    responses.addAll(new Decoding(this, weights, sampling, at(encoded, part), packed, at(streams, part))
                            .responses(scratch, cache));
                } finally {
                    prefixes.keep(cache);
                }
            }
        } finally {
            prefixes.end();
        }
        return responses;
    }

    /** Computes keys and values of all prefixes, but for what was kept. */
    private void prefill(NDManager manager, PackedRows packed, Weights weights, KeyValueCache cache) {
        int from = prefixes.fill(manager, cache, packed);
        if (from < packed.prefixLength()) {
            script.call(manager, "prefill", weights.trunk(), rotations, packed.prefix(manager, from),
                    manager.create((long) from), cache.keys(), cache.values());
        }
        prefilledTokens += (long) packed.groups() * (packed.prefixLength() - from);
        cache.holds(packed);
    }

    /** Tokens of prompts that sampling has computed so far, filling included. */
    final long prefilledTokens() {
        return prefilledTokens;
    }

    @Override
    public void parametersChanged() {
        prefixes.clear();
    }

    // ---- scoring ----

    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        int rows = prompts.size();
        float[][] logProbs = new float[rows][];
        float[][] values = request.values() ? new float[rows][] : null;
        float[][] entropy = request.entropy() ? new float[rows][] : null;
        List<float[][]> divergences = new ArrayList<>();
        request.divergences().forEach(divergence -> divergences.add(new float[rows][]));
        List<int[]> spoken = responses.stream().map(codec::encode).toList();
        try (NDManager whole = parameters.manager().newSubManager()) {
            Weights weights = weights(whole, List.copyOf(parameters.values()), false);
            for (int[] part : passes(window.encode(prompts), spoken)) {
                try (NDManager manager = whole.newSubManager()) {
                    ScoreArrays arrays = score(manager, weights, at(prompts, part), at(spoken, part), at(request, part));
                    scatter(arrays.logProbs(), part, spoken, logProbs);
                    if (values != null) {
                        scatter(arrays.values(), part, spoken, values);
                    }
                    if (entropy != null) {
                        scatter(arrays.entropy(), part, spoken, entropy);
                    }
                    for (int d = 0; d < divergences.size(); d++) {
                        scatter(arrays.divergences().get(d), part, spoken, divergences.get(d));
                    }
                }
            }
        }
        return new Scores(logProbs, values, entropy, divergences);
    }

    private static void scatter(NDArray array, int[] part, List<int[]> responses, float[][] rows) {
        float[] flat = array.toFloatArray();
        int columns = (int) array.getShape().get(1);
        for (int i = 0; i < part.length; i++) {
            rows[part[i]] = Arrays.copyOfRange(flat, i * columns, i * columns + responses.get(part[i]).length);
        }
    }

    @Override
    public Graph graph(NDManager owner, long step) {
        // What they are kept from will change, and the passes need the memory.
        prefixes.clear();
        List<NDArray> leaves = parameters.leaves(owner, parameters.byName().keySet());
        Weights weights = weights(owner, leaves, true);
        return new Graph() {
            /** Of the passes since the last backward, and of those before it: a pass takes far more memory than a parameter. */
            private final List<NDManager> passes = new ArrayList<>();
            private final List<NDManager> spent = new ArrayList<>();

            @Override
            public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                spent.forEach(NDManager::close);
                spent.clear();
                NDManager pass = owner.newSubManager();
                passes.add(pass);
                List<int[]> spoken = responses.stream().map(codec::encode).toList();
                return DecoderNetwork.this.score(pass, weights, prompts, spoken, request);
            }

            @Override
            public void spent() {
                spent.addAll(passes);
                passes.clear();
            }

            @Override
            public List<NDArray> gradients() {
                List<NDArray> gradients = new ArrayList<>(leaves.size());
                for (NDArray leaf : leaves) {
                    NDArray gradient = leaf.getGradient();
                    if (gradient != null) {
                        gradient.attach(owner);
                    }
                    gradients.add(gradient);
                }
                return gradients;
            }

            @Override
            public double squaredNorm(List<NDArray> gradients) {
                return AdamW.squaredNorm(owner, gradients.stream().filter(Objects::nonNull).toList());
            }
        };
    }

    /**
     * Scores on {@code owner}, and everything in between too: what is made from Java's numbers lies in Java's memory, and
     * the graph keeps no hold of that, so that it must live until backward.
     */
    private ScoreArrays score(
            NDManager owner, Weights weights, List<Prompt> prompts, List<int[]> responses, ScoreRequest request) {
        int rows = prompts.size();
        int columns = 1;
        boolean ragged = false;
        for (int[] response : responses) {
            ragged |= response.length != responses.get(0).length;
            columns = Math.max(columns, response.length);
        }
        Shape shape = new Shape(rows, columns);
        long[] flat = new long[rows * columns];
        float[] present = new float[rows * columns];
        for (int i = 0; i < rows; i++) {
            int[] response = responses.get(i);
            for (int t = 0; t < response.length; t++) {
                flat[i * columns + t] = response[t];
                present[i * columns + t] = 1;
            }
        }
        NDArray target = owner.create(flat, shape);
        NDArray mask = owner.create(present, shape);
        NDArray bias = allowed.bias(owner, columns);
        NDArray uniform = allowed.uniform(owner, columns);
        NDArray smoothing = owner.create((float) request.smoothing());
        NDArray hidden = hidden(owner, weights, new PackedRows(window.encode(prompts)), responses, columns);
        NDArray values = request.values()
                ? script.call(owner, "values", hidden, weights.valueWeight(), weights.valueBias()).head().reshape(shape)
                : null;
        NDArray logProbs;
        NDArray entropy = null;
        List<NDArray> divergences = new ArrayList<>();
        if (byParts()) {
            // The kernels take no empty lists: their first elements stand for nothing.
            List<NDArray> others = new ArrayList<>(List.of(owner.create(0f)));
            List<NDArray> heads = new ArrayList<>(List.of(owner.create(0f)));
            List<NDArray> mixed = new ArrayList<>(List.of(owner.create(0f)));
            for (ScoreRequest.Divergence divergence : request.divergences()) {
                Target other = target(owner, divergence, responses, columns);
                others.add(other.hidden());
                // An array is one argument: its name says which.
                heads.add(script.call(owner, "same", other.head()).head());
                mixed.add(owner.create((float) divergence.smoothing()));
            }
            NDList parts = script.call(owner, "scored", hidden, weights.head(), target, uniform, owner.create(weights.learnt()),
                    owner.create(request.entropy()), others, heads, mixed);
            logProbs = script.call(owner, "smoothed", parts.get(0), target, uniform, smoothing).head();
            entropy = request.entropy() ? parts.get(1) : null;
            divergences.addAll(parts.subList(request.entropy() ? 2 : 1, parts.size()));
        } else {
            NDArray distribution = distribution(owner, hidden, weights.head(), columns, bias);
            logProbs = script.call(owner, "logProbs", distribution, target, uniform, smoothing).head();
            entropy = request.entropy() ? script.call(owner, "entropy", distribution).head() : null;
            for (ScoreRequest.Divergence divergence : request.divergences()) {
                Target other = target(owner, divergence, responses, columns);
                divergences.add(script.call(owner, "divergence", distribution,
                        distribution(owner, other.hidden(), other.head(), columns, bias),
                        uniform, owner.create((float) divergence.smoothing())).head());
            }
        }
        NDArray within = ragged ? mask : null;
        return new ScoreArrays(mask, finish(logProbs, within, owner), finish(values, within, owner),
                finish(entropy, within, owner),
                divergences.stream().map(divergence -> finish(divergence, within, owner)).toList());
    }

    /** Hidden states of a divergence's target, through which nothing is learnt, and its output layer. */
    private record Target(NDArray hidden, NDArray head) {}

    private Target target(NDManager owner, ScoreRequest.Divergence divergence, List<int[]> responses, int columns) {
        DecoderNetwork other = relative(divergence.target());
        try (NDManager scratch = owner.newSubManager()) {
            // The masters, not the leaves, even where the target is this policy: its side carries no gradient.
            Weights frozen = other.weights(scratch, List.copyOf(other.parameters.values()), false);
            NDArray hidden = other.hidden(
                    scratch, frozen, new PackedRows(window.encode(divergence.targetPrompts())), responses, columns);
            hidden.attach(owner);
            NDArray head = frozen.head();
            if (head.getManager() == scratch) {
                head.attach(owner);
            }
            return new Target(hidden, head);
        }
    }

    /** Log-distributions [rows, columns, outputs] at response positions. */
    private NDArray distribution(NDManager owner, NDArray hidden, NDArray head, int columns, NDArray bias) {
        return script.call(owner, "logDistribution", hidden, head, bias, owner.create((long) columns)).head();
    }

    private static NDArray finish(NDArray array, NDArray mask, NDManager owner) {
        if (array == null) {
            return null;
        }
        NDArray result = mask == null ? array : array.mul(mask);
        result.attach(owner);
        return result;
    }

    private DecoderNetwork relative(Policy policy) {
        String kinds = ": it must be this policy, a snapshot of it, or a decoder with the same tokens, as many outputs and a "
                + "context at least as long";
        if (!(NetworkPolicy.networkOf(policy) instanceof DecoderNetwork network && network.codec.sameAs(codec))) {
            throw new IllegalArgumentException("the target of a divergence has other tokens" + kinds);
        }
        if (network.outputs != outputs) {
            throw new IllegalArgumentException("the target of a divergence has " + network.outputs + " outputs, and this policy "
                    + outputs + kinds);
        }
        if (network.window.tokens() < window.tokens()) {
            throw new IllegalArgumentException("the target of a divergence has a context of " + network.window.tokens()
                    + " tokens, and this policy one of " + window.tokens() + kinds);
        }
        return network;
    }

    // ---- rows ----

    @Override
    public List<Prompt> fit(List<Prompt> versions) {
        return window.fit(versions);
    }

    @Override
    public int length(Response response) {
        return codec.encode(response).length;
    }

    @Override
    public List<int[]> microBatches(List<Prompt> prompts, List<Response> responses) {
        return passes(window.encode(prompts), responses.stream().map(codec::encode).toList());
    }

    /** Rows that are scored together: where whole distributions are held, {@link #MOST_PROBABILITIES} numbers at most. */
    private List<int[]> passes(List<int[]> prompts, List<int[]> responses) {
        long mostPositions = byParts() ? Long.MAX_VALUE : MOST_PROBABILITIES / outputs;
        return Passes.of(prompts, responses, maxTokens, rows -> rows.positions() <= mostPositions);
    }

    private static <T> List<T> at(List<T> list, int[] part) {
        return list.subList(part[0], part[part.length - 1] + 1);
    }

    private static ScoreRequest at(ScoreRequest request, int[] part) {
        return request.withDivergences(request.divergences().stream()
                .map(d -> new ScoreRequest.Divergence(d.target(), at(d.targetPrompts(), part), d.smoothing()))
                .toList());
    }

    @Override
    public void close() {
        prefixes.clear();
        parameters.close();
    }

    /**
     * Arrays by what the kernels use them for: embedding, layers and last normalisation; output layer; value head.
     *
     * @param learnt whether hidden states have gradients
     */
    record Weights(
            List<NDArray> trunk, NDArray head, NDArray valueWeight, NDArray valueBias, boolean learnt) {}
}
