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
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.tokens.DialogueFit;
import io.parley.core.tokens.TokenSampler;
import io.parley.core.tokens.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A decoder-only transformer of Llama's shape (Touvron et al. 2023): RMSNorm before each block, rotary positions (Su et
 * al. 2021), SwiGLU (Shazeer 2020), no biases, and a scalar value head on the last hidden state.
 *
 * <p>Work that is not done: logits and values exist at response positions only; of the last layer, only keys and values are
 * computed for the rest of the prompt; prompts that begin alike are computed once ({@link PackedRows}); and sampling keeps
 * keys and values, also from one round of a dialogue to the next.
 *
 * <p>In memory, a rotary pair is two neighbouring entries of a head, so that a rotation is one complex product. In the file
 * it is entry i and entry i + d/2, as in Hugging Face's Llama, whose parameter names the file uses.
 */
final class TransformerNetwork implements Network {
    /** Tokens of one pass, shared beginnings counted once for each row: bounds memory, and is far above what saturates a core. */
    private static final int MAX_TOKENS = 16_384;
    private static final double INITIAL_DEVIATION = 0.02;
    private static final double ROTARY_BASE = 10_000;
    /** Stands for minus infinity: exp of it is 0, and 0 times it is 0. */
    private static final float NEVER = -1e30f;

    private final TransformerProvider.Config config;
    private final Vocabulary vocabulary;
    private final TorchScript script;
    private final Parameters parameters;
    private final Constants constants;
    private KeyValueCache cache;

    /** Rotations by position; what is added to logits; uniform distribution over the allowed tokens. */
    private record Constants(NDArray rotations, NDArray bias, NDArray uniform) {}

    TransformerNetwork(TransformerProvider.Config config, Vocabulary vocabulary, RandomGenerator random) {
        this(config, vocabulary, compile(config, vocabulary), new Parameters());
        int hidden = config.hidden();
        // Blocks that write to the residual stream start smaller, so that its variance does not grow with depth (GPT-2).
        double residual = INITIAL_DEVIATION / Math.sqrt(2.0 * config.layers());
        normal("model.embed_tokens.weight", random, INITIAL_DEVIATION, vocabulary.size(), hidden);
        for (int i = 0; i < config.layers(); i++) {
            String layer = "model.layers." + i + ".";
            ones(layer + "input_layernorm.weight");
            normal(layer + "self_attn.q_proj.weight", random, INITIAL_DEVIATION, hidden, hidden);
            normal(layer + "self_attn.k_proj.weight", random, INITIAL_DEVIATION, hidden, hidden);
            normal(layer + "self_attn.v_proj.weight", random, INITIAL_DEVIATION, hidden, hidden);
            normal(layer + "self_attn.o_proj.weight", random, residual, hidden, hidden);
            ones(layer + "post_attention_layernorm.weight");
            normal(layer + "mlp.gate_proj.weight", random, INITIAL_DEVIATION, config.intermediate(), hidden);
            normal(layer + "mlp.up_proj.weight", random, INITIAL_DEVIATION, config.intermediate(), hidden);
            normal(layer + "mlp.down_proj.weight", random, residual, hidden, config.intermediate());
        }
        ones("model.norm.weight");
        if (!config.tiedHead()) {
            normal("lm_head.weight", random, INITIAL_DEVIATION, vocabulary.size(), hidden);
        }
        parameters.put("value_head.weight", parameters.manager().zeros(new Shape(1, hidden)));
        parameters.put("value_head.bias", parameters.manager().zeros(new Shape(1)));
    }

    private TransformerNetwork(
            TransformerProvider.Config config, Vocabulary vocabulary, TorchScript script, Parameters parameters) {
        this.config = config;
        this.vocabulary = vocabulary;
        this.script = script;
        this.parameters = parameters;
        this.constants = constants();
    }

    private static TorchScript compile(TransformerProvider.Config config, Vocabulary vocabulary) {
        int head = config.hidden() / config.heads();
        return TorchScript.resource(
                "decoder.py",
                "vocabulary", Integer.toString(vocabulary.size()),
                "hidden", Integer.toString(config.hidden()),
                "perHidden", Double.toString(1.0 / config.hidden()),
                "layers", Integer.toString(config.layers()),
                "heads", Integer.toString(config.heads()),
                "head", Integer.toString(head),
                "halfHead", Integer.toString(head / 2),
                "scale", Double.toString(1 / Math.sqrt(head)));
    }

    private Constants constants() {
        NDManager manager = parameters.manager();
        int half = config.hidden() / config.heads() / 2;
        int positions = config.context();
        float[] rotations = new float[positions * half * 2];
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < half; i++) {
                double angle = p * Math.pow(ROTARY_BASE, -(double) i / half);
                rotations[2 * (p * half + i)] = (float) Math.cos(angle);
                rotations[2 * (p * half + i) + 1] = (float) Math.sin(angle);
            }
        }
        boolean[][] allowed = vocabulary.allowed();
        int size = vocabulary.size();
        float[] bias = new float[allowed.length * size];
        float[] uniform = new float[allowed.length * size];
        for (int t = 0; t < allowed.length; t++) {
            int count = 0;
            for (boolean each : allowed[t]) {
                count += each ? 1 : 0;
            }
            for (int id = 0; id < size; id++) {
                bias[t * size + id] = allowed[t][id] ? 0 : NEVER;
                uniform[t * size + id] = allowed[t][id] ? 1f / count : 0;
            }
        }
        Shape table = new Shape(allowed.length, size);
        return new Constants(
                manager.create(rotations, new Shape(positions, half, 2)),
                manager.create(bias, table),
                manager.create(uniform, table));
    }

    private void normal(String name, RandomGenerator random, double deviation, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        parameters.put(name, parameters.manager().create(values, new Shape(rows, columns)));
    }

    private void ones(String name) {
        parameters.put(name, parameters.manager().ones(new Shape(config.hidden())));
    }

    @Override
    public String id() {
        return TransformerProvider.ID;
    }

    @Override
    public ObjectNode description() {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode description = mapper.createObjectNode();
        description.set("config", mapper.valueToTree(config));
        description.set("words", mapper.valueToTree(vocabulary.words()));
        description.set("format", mapper.valueToTree(vocabulary.format()));
        return description;
    }

    @Override
    public String tokenizer() {
        return vocabulary.file();
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public long parameterCount() {
        return parameters.values().stream().mapToLong(NDArray::size).sum();
    }

    @Override
    public Network copy() {
        return new TransformerNetwork(config, vocabulary, script, parameters.copy());
    }

    // ---- sampling ----

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        List<Response> responses = new ArrayList<>(prompts.size());
        for (int[] part : parts(encode(prompts), vocabulary.maxResponse())) {
            responses.addAll(samplePart(at(encode(prompts), part), sampling, at(streams, part)));
        }
        return responses;
    }

    private List<Response> samplePart(List<int[]> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        int rows = prompts.size();
        int max = vocabulary.maxResponse();
        int size = vocabulary.size();
        PackedRows packed = new PackedRows(prompts);
        int[][] tokens = new int[rows][max];
        float[][] logProbs = new float[rows][max];
        float[][] values = new float[rows][max];
        int[] lengths = new int[rows];
        Arrays.fill(lengths, max);
        boolean[] ended = new boolean[rows];
        int running = rows;
        Weights weights = new Weights(new ArrayList<>(parameters.values()), config);
        TokenSampler sampler = new TokenSampler(sampling);
        try (NDManager manager = parameters.manager().newSubManager()) {
            KeyValueCache kept = prefill(manager, packed, weights);
            List<NDArray> keys = kept.keys();
            List<NDArray> valuesCache = kept.values();
            NDArray group = packed.group(manager);
            if (!group.isEmpty()) {
                keys = script.call(manager, "rows", keys, group);
                valuesCache = script.call(manager, "rows", valuesCache, group);
            }
            NDArray prefixLengths = packed.lengths(manager);
            NDArray last = packed.lastTokens(manager);
            for (int t = 0; t < max && running > 0; t++) {
                try (NDManager step = manager.newSubManager()) {
                    NDArray where = step.create(new long[] {packed.prefixLength(), t});
                    NDArray hidden = script.call(step, "decode",
                            weights.trunk(), constants.rotations(), last, where, prefixLengths, keys, valuesCache).head();
                    float[] logits = script.call(step, "logits", hidden, weights.head(), bias(step, t)).head().toFloatArray();
                    float[] estimates = sampling.values()
                            ? script.call(step, "values", hidden, weights.valueWeight(), weights.valueBias()).head().toFloatArray()
                            : null;
                    long[] next = new long[rows];
                    for (int i = 0; i < rows; i++) {
                        if (ended[i]) {
                            continue;
                        }
                        int token = sampler.draw(logits, i * size, size, streams.get(i).nextDouble());
                        tokens[i][t] = token;
                        next[i] = token;
                        logProbs[i][t] = (float) sampler.logProb();
                        if (estimates != null) {
                            values[i][t] = estimates[i];
                        }
                        if (token == Vocabulary.END && vocabulary.mayEnd()) {
                            ended[i] = true;
                            lengths[i] = t + 1;
                            running--;
                        }
                    }
                    last = manager.create(next);
                }
            }
        }
        List<Response> responses = new ArrayList<>(rows);
        for (int i = 0; i < rows; i++) {
            responses.add(vocabulary.decode(
                    Arrays.copyOf(tokens[i], lengths[i]),
                    Arrays.copyOf(logProbs[i], lengths[i]),
                    sampling.values() ? Arrays.copyOf(values[i], lengths[i]) : null));
        }
        return responses;
    }

    /** Keys and values of all prefixes, with room for a response; what the last call computed is not computed again. */
    private KeyValueCache prefill(NDManager manager, PackedRows packed, Weights weights) {
        int room = packed.prefixLength() + vocabulary.maxResponse();
        if (cache != null && (cache.groups() != packed.groups() || cache.shared(packed) == 0)) {
            closeCache();
        }
        if (cache == null) {
            cache = new KeyValueCache(parameters.manager(), config, packed.groups(), room);
        } else if (cache.capacity() < room) {
            // A dialogue that grew will grow again.
            KeyValueCache larger = new KeyValueCache(parameters.manager(), config, packed.groups(), 2 * room);
            larger.takeOver(cache);
            closeCache();
            cache = larger;
        }
        int from = cache.shared(packed);
        if (from < packed.prefixLength()) {
            script.call(manager, "prefill", weights.trunk(), constants.rotations(), packed.prefix(manager, from),
                    manager.create((long) from), cache.keys(), cache.values());
        }
        cache.holds(packed);
        return cache;
    }

    /** float32 [1, vocabulary]: what is added to the logits of response position t. */
    private NDArray bias(NDManager manager, int t) {
        NDArray row = constants.bias().getShape().get(0) == 1 ? constants.bias() : constants.bias().get(new NDIndex(t + ":" + (t + 1)));
        if (row != constants.bias()) {
            row.attach(manager);
        }
        return row;
    }

    @Override
    public void parametersChanged() {
        closeCache();
    }

    private void closeCache() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
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
        List<int[]> spoken = responses.stream().map(vocabulary::encode).toList();
        Weights weights = new Weights(new ArrayList<>(parameters.values()), config);
        for (int[] part : parts(encode(prompts), vocabulary.maxResponse())) {
            try (NDManager manager = parameters.manager().newSubManager()) {
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
    public Graph graph(NDManager owner) {
        List<NDArray> leaves = parameters.leaves(owner, parameters.byName().keySet());
        Weights weights = new Weights(leaves, config);
        return new Graph() {
            @Override
            public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                List<int[]> spoken = responses.stream().map(vocabulary::encode).toList();
                return TransformerNetwork.this.score(owner, weights, prompts, spoken, request);
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
    private ScoreArrays score(NDManager owner, Weights weights, List<Prompt> prompts, List<int[]> responses, ScoreRequest request) {
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
        NDArray bias = table(constants.bias(), columns, owner);
        NDArray uniform = table(constants.uniform(), columns, owner);
        Pass pass = forward(owner, weights, encode(prompts), responses, columns, bias);

        NDArray logProbs = script.call(
                owner, "logProbs", pass.distribution(), target, uniform, owner.create((float) request.smoothing())).head();
        NDArray values = request.values()
                ? script.call(owner, "values", pass.hidden(), weights.valueWeight(), weights.valueBias()).head().reshape(shape)
                : null;
        NDArray entropy = request.entropy() ? script.call(owner, "entropy", pass.distribution()).head() : null;
        List<NDArray> divergences = new ArrayList<>();
        for (ScoreRequest.Divergence divergence : request.divergences()) {
            TransformerNetwork other = relative(divergence.target());
            // The masters, not the leaves, even where the target is this policy: its side carries no gradient.
            Weights frozen = new Weights(new ArrayList<>(other.parameters.values()), config);
            NDArray right = other.forward(
                    owner, frozen, encode(divergence.targetPrompts()), responses, columns, bias).distribution();
            divergences.add(finish(script.call(owner, "divergence", pass.distribution(), right, uniform,
                    owner.create((float) divergence.smoothing())).head(), ragged ? mask : null, owner));
        }
        return new ScoreArrays(
                mask,
                finish(logProbs, ragged ? mask : null, owner),
                finish(values, ragged ? mask : null, owner),
                finish(entropy, ragged ? mask : null, owner),
                divergences);
    }

    /** Hidden states [rows × columns, hidden] and log-distributions [rows, columns, vocabulary] at response positions. */
    private record Pass(NDArray hidden, NDArray distribution) {}

    private Pass forward(
            NDManager scratch, Weights weights, List<int[]> prompts, List<int[]> responses, int columns, NDArray bias) {
        PackedRows packed = new PackedRows(prompts);
        NDArray suffix = packed.suffix(scratch, responses, columns);
        NDArray hidden = script.call(scratch, "hidden", weights.trunk(), constants.rotations(), packed.prefix(scratch, 0), suffix,
                packed.group(scratch), packed.suffixLengths(scratch), packed.slots(scratch)).head();
        return new Pass(hidden, script.call(scratch, "logDistribution", hidden, weights.head(), bias, suffix).head());
    }

    private static NDArray finish(NDArray array, NDArray mask, NDManager owner) {
        if (array == null) {
            return null;
        }
        NDArray result = mask == null ? array : array.mul(mask);
        result.attach(owner);
        return result;
    }

    /** The first rows of a table by position, or its only row. */
    private static NDArray table(NDArray table, int columns, NDManager manager) {
        if (table.getShape().get(0) == 1 || table.getShape().get(0) == columns) {
            return table;
        }
        NDArray rows = table.get(new NDIndex("0:" + columns));
        rows.attach(manager);
        return rows;
    }

    private TransformerNetwork relative(Policy policy) {
        if (NetworkPolicy.networkOf(policy) instanceof TransformerNetwork network
                && network.vocabulary.size() == vocabulary.size()
                && network.vocabulary.words().equals(vocabulary.words())
                && network.vocabulary.format().equals(vocabulary.format())) {
            return network;
        }
        throw new IllegalArgumentException(
                "the target of a divergence has other tokens: it must be this policy, a snapshot of it, or a transformer for the "
                        + "same texts");
    }

    // ---- rows ----

    /** @throws IllegalArgumentException if a prompt leaves no room for a response */
    private List<int[]> encode(List<Prompt> prompts) {
        List<int[]> tokens = new ArrayList<>(prompts.size());
        for (Prompt prompt : prompts) {
            if (!fits(prompt)) {
                throw new IllegalArgumentException(limit(prompt) + ": shorten it with Policy.fit, or raise context");
            }
            tokens.add(vocabulary.encode(prompt));
        }
        return tokens;
    }

    private boolean fits(Prompt prompt) {
        return vocabulary.encode(prompt).length <= config.context() - vocabulary.maxResponse();
    }

    private String limit(Prompt prompt) {
        return "the prompt has " + vocabulary.encode(prompt).length + " tokens; at most " + (config.context() - vocabulary.maxResponse())
                + " leave room for a response in a context of " + config.context();
    }

    @Override
    public List<Prompt> fit(List<Prompt> versions) {
        return DialogueFit.fit(versions, this::fits, this::limit);
    }

    @Override
    public List<int[]> microBatches(List<Prompt> prompts, List<Response> responses) {
        return parts(encode(prompts), vocabulary.maxResponse());
    }

    private static List<int[]> parts(List<int[]> prompts, int response) {
        List<int[]> parts = new ArrayList<>();
        int begin = 0;
        int longest = 0;
        for (int i = 0; i < prompts.size(); i++) {
            int width = Math.max(longest, prompts.get(i).length + response);
            if (i > begin && (i - begin + 1) * (long) width > MAX_TOKENS) {
                parts.add(range(begin, i));
                begin = i;
                width = prompts.get(i).length + response;
            }
            longest = width;
        }
        if (begin < prompts.size()) {
            parts.add(range(begin, prompts.size()));
        }
        return parts;
    }

    private static int[] range(int from, int to) {
        int[] indices = new int[to - from];
        Arrays.setAll(indices, i -> from + i);
        return indices;
    }

    private static <T> List<T> at(List<T> list, int[] part) {
        return list.subList(part[0], part[part.length - 1] + 1);
    }

    private static ScoreRequest at(ScoreRequest request, int[] part) {
        return request.withDivergences(request.divergences().stream()
                .map(d -> new ScoreRequest.Divergence(d.target(), at(d.targetPrompts(), part), d.smoothing()))
                .toList());
    }

    // ---- files ----

    @Override
    public Map<String, NDArray> toFile(NDManager owner) {
        return rotaryOrder(parameters.byName(), owner, true);
    }

    @Override
    public void fromFile(Map<String, NDArray> arrays) throws IOException {
        NDManager scratch = arrays.isEmpty() ? parameters.manager() : arrays.values().iterator().next().getManager();
        Network.super.fromFile(rotaryOrder(arrays, scratch, false));
    }

    /** Rows of query and key projections, from neighbouring pairs to halves or back. */
    private Map<String, NDArray> rotaryOrder(Map<String, NDArray> arrays, NDManager owner, boolean toHalves) {
        int hidden = config.hidden();
        int half = hidden / config.heads() / 2;
        Map<String, NDArray> result = new LinkedHashMap<>();
        arrays.forEach((name, array) -> {
            boolean rotated = name.endsWith("q_proj.weight") || name.endsWith("k_proj.weight");
            if (rotated && array.getShape().equals(new Shape(hidden, hidden)) && array.getDataType() == DataType.FLOAT32) {
                Shape pairs = toHalves
                        ? new Shape(config.heads(), half, 2, hidden)
                        : new Shape(config.heads(), 2, half, hidden);
                NDArray turned = array.reshape(pairs).transpose(0, 2, 1, 3).reshape(hidden, hidden);
                turned.attach(owner);
                result.put(name, turned);
            } else {
                result.put(name, array);
            }
        });
        return result;
    }

    @Override
    public void close() {
        closeCache();
        parameters.close();
    }

    /** Parameters, or leaves for them, by what the script uses them for. */
    private record Weights(List<NDArray> trunk, NDArray head, NDArray valueWeight, NDArray valueBias) {
        Weights(List<NDArray> all, TransformerProvider.Config config) {
            this(all.subList(0, 2 + 9 * config.layers()), config.tiedHead() ? all.get(0) : all.get(all.size() - 3),
                    all.get(all.size() - 2), all.get(all.size() - 1));
        }
    }
}
