package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.tokens.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A decoder of Llama's shape (Touvron et al. 2023): RMSNorm before each block, rotary positions (Su et
 * al. 2021), SwiGLU (Shazeer 2020), no biases, and a scalar value head on the last hidden state.
 *
 * <p>Of the last layer, only keys and values are computed where there is no response.
 *
 * <p>In memory, a rotary pair is two neighbouring entries of a head, so that a rotation is one complex product. In the file
 * it is entry i and entry i + d/2, as in Hugging Face's Llama, whose parameter names the file uses.
 */
final class TransformerNetwork extends DecoderNetwork {
    /**
     * Tokens of one pass, a beginning counted once for rows that follow each other: bounds memory, and is far above what
     * saturates a core.
     */
    private static final int MAX_TOKENS = 16_384;
    /** Arrays of a layer. The kernels say which. */
    private static final int LAYER = 9;
    private static final double ROTARY_BASE = 10_000;

    private final TransformerProvider.Config config;
    private final Vocabulary vocabulary;

    TransformerNetwork(TransformerProvider.Config config, Vocabulary vocabulary, RandomGenerator random) {
        this(config, vocabulary, compile(config, vocabulary), new Parameters());
        int hidden = config.hidden();
        // A projection of the stream then keeps its scale, whatever the width (LeCun et al. 1998). 0.02, which is usual, is
        // meant for models a dozen times as wide; docs/results.md has what was not learnt with it.
        double deviation = 1 / Math.sqrt(hidden);
        // Blocks that write to the residual stream start smaller, so that its variance does not grow with depth (GPT-2).
        double residual = deviation / Math.sqrt(2.0 * config.layers());
        normal("model.embed_tokens.weight", random, deviation, vocabulary.size(), hidden);
        for (int i = 0; i < config.layers(); i++) {
            String layer = "model.layers." + i + ".";
            ones(layer + "input_layernorm.weight");
            normal(layer + "self_attn.q_proj.weight", random, deviation, hidden, hidden);
            normal(layer + "self_attn.k_proj.weight", random, deviation, hidden, hidden);
            normal(layer + "self_attn.v_proj.weight", random, deviation, hidden, hidden);
            normal(layer + "self_attn.o_proj.weight", random, residual, hidden, hidden);
            ones(layer + "post_attention_layernorm.weight");
            normal(layer + "mlp.gate_proj.weight", random, deviation, config.intermediate(), hidden);
            normal(layer + "mlp.up_proj.weight", random, deviation, config.intermediate(), hidden);
            normal(layer + "mlp.down_proj.weight", random, residual, hidden, config.intermediate());
        }
        ones("model.norm.weight");
        if (!config.tiedHead()) {
            normal("lm_head.weight", random, deviation, vocabulary.size(), hidden);
        }
        parameters().put("value_head.weight", parameters().manager().zeros(new Shape(1, hidden)));
        parameters().put("value_head.bias", parameters().manager().zeros(new Shape(1)));
    }

    private TransformerNetwork(
            TransformerProvider.Config config, Vocabulary vocabulary, TorchScript script, Parameters parameters) {
        super(vocabulary, vocabulary.size(), script, parameters, config.context(), MAX_TOKENS, MAX_TOKENS,
                inverseFrequencies(config));
        this.config = config;
        this.vocabulary = vocabulary;
    }

    private static TorchScript compile(TransformerProvider.Config config, Vocabulary vocabulary) {
        int head = config.hidden() / config.heads();
        return TorchScript.resources(List.of("scores.py", "decoder.py"), Map.of(
                "layerArrays", Integer.toString(LAYER),
                "vocabulary", Integer.toString(vocabulary.size()),
                "hidden", Integer.toString(config.hidden()),
                "perHidden", Double.toString(1.0 / config.hidden()),
                "layers", Integer.toString(config.layers()),
                "heads", Integer.toString(config.heads()),
                "head", Integer.toString(head),
                "halfHead", Integer.toString(head / 2),
                "product", config.precision().product()));
    }

    private static double[] inverseFrequencies(TransformerProvider.Config config) {
        double[] frequencies = new double[config.hidden() / config.heads() / 2];
        Arrays.setAll(frequencies, i -> Math.pow(ROTARY_BASE, -(double) i / frequencies.length));
        return frequencies;
    }

    private void normal(String name, RandomGenerator random, double deviation, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        parameters().put(name, parameters().manager().create(values, new Shape(rows, columns)));
    }

    private void ones(String name) {
        parameters().put(name, parameters().manager().ones(new Shape(config.hidden())));
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
    public Network copy() {
        return new TransformerNetwork(config, vocabulary, script(), parameters().copy());
    }

    @Override
    Weights weights(NDManager owner, List<NDArray> all, boolean training) {
        List<NDArray> trunk = all.subList(0, 2 + LAYER * config.layers());
        NDArray head = config.tiedHead() ? all.get(0) : all.get(all.size() - 3);
        if (config.precision() == Precision.BFLOAT16 && !training) {
            // Once, rather than in every step of decoding. Where they are learnt, gradients reach the masters through the
            // conversion.
            List<NDArray> rest = new ArrayList<>(trunk.subList(1, trunk.size()));
            rest.add(head);
            NDList halves = script().call(owner, "halves", rest);
            head = halves.remove(halves.size() - 1);
            trunk = new ArrayList<>(halves);
            trunk.add(0, all.get(0));
        }
        return new Weights(trunk, head, all.get(all.size() - 2), all.get(all.size() - 1), training);
    }

    @Override
    boolean byParts() {
        return false;
    }

    @Override
    KeyValueCache newCache(int groups, int capacity) {
        return new KeyValueCache(script(), parameters().manager(), config.layers(),
                new Shape(groups, config.heads(), capacity, config.hidden() / config.heads()), 0, Precision.FLOAT32);
    }

    @Override
    NDArray hidden(NDManager scratch, Weights weights, PackedRows packed, List<int[]> responses, int columns) {
        return script().call(scratch, "hidden", weights.trunk(), rotationTable(), packed.prefix(scratch, 0),
                packed.suffix(scratch, responses, columns), packed.group(scratch), packed.suffixLengths(scratch),
                packed.slots(scratch)).head();
    }

    // ---- files ----

    @Override
    public Map<String, NDArray> toFile(NDManager owner) {
        return rotaryOrder(parameters().byName(), owner, true);
    }

    @Override
    public void fromFile(Map<String, NDArray> arrays) throws IOException {
        NDManager scratch = arrays.isEmpty() ? parameters().manager() : arrays.values().iterator().next().getManager();
        super.fromFile(rotaryOrder(arrays, scratch, false));
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
                try (NDArray split = array.reshape(pairs); NDArray swapped = split.transpose(0, 2, 1, 3)) {
                    NDArray turned = swapped.reshape(hidden, hidden);
                    turned.attach(owner);
                    result.put(name, turned);
                }
            } else {
                result.put(name, array);
            }
        });
        return result;
    }
}
