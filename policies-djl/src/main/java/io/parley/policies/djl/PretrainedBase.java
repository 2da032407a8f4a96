package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.DecoderConfig;
import io.parley.checkpoints.Dtype;
import io.parley.checkpoints.LoraConfig;
import io.parley.checkpoints.Projection;
import io.parley.checkpoints.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * What a policy and its snapshots share of a pretrained decoder: kernels, weights that nobody trains, and hidden states that
 * follow from these alone. Closed with the last of them.
 */
final class PretrainedBase {
    private static final int FLOAT32 = 6;
    private static final int BFLOAT16 = 15;
    /** Arrays of a layer: its weights, and its adapters. The kernels say which. */
    private static final int LAYER = 12;
    private static final int ADAPTERS = 8;

    /** Numbers of hidden states that are kept: a quarter of a gigabyte of bfloat16, twice that of float32. */
    private static final int STATES = 1 << 27;
    /** Tokens whose states are kept at most, which is less than that for narrow models. */
    private static final int STATE_TOKENS = 1 << 18;

    private final DecoderConfig config;
    private final String sha256;
    private final Map<String, String> chatFiles;
    private final TorchScript script;
    private final NDManager manager;
    private final List<NDArray> frozen = new ArrayList<>();
    private final NDArray noAdapter;
    private final NDArray training;
    private final NDArray evaluating;
    private final TrunkStates trunkStates;
    private int users = 1;

    /**
     * @param checkpoint not held: its mapped files would be resident as long
     * @param lora null where all weights are trained; then none is frozen
     */
    PretrainedBase(Checkpoint checkpoint, Precision precision, LoraConfig lora) throws IOException {
        config = checkpoint.config();
        sha256 = checkpoint.sha256();
        chatFiles = checkpoint.chatFiles();
        script = TorchScript.resources(List.of("scores.py", "causal_lm.py"), replacements(config, precision, lora));
        manager = Torch.newManager();
        try {
            noAdapter = manager.create(new Shape(0));
            training = manager.create(true);
            evaluating = manager.create(false);
            trunkStates = new TrunkStates(script, manager, Math.min(STATES / config.hidden(), STATE_TOKENS));
            if (lora != null) {
                frozen.addAll(packed(manager, (name, scratch) -> array(checkpoint.tensors().get(name), scratch)));
            }
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    /** Layers before it have nothing that is trained. */
    static int firstTrained(DecoderConfig config, LoraConfig lora) {
        return lora == null ? 0 : lora.modules(config).stream()
                .mapToInt(Projection::layer).min().orElseThrow();
    }

    DecoderConfig config() {
        return config;
    }

    /** {@link Checkpoint#sha256} */
    String sha256() {
        return sha256;
    }

    /** As {@link Checkpoint#chatFiles} was at first. */
    Map<String, String> chatFiles() {
        return chatFiles;
    }

    TorchScript script() {
        return script;
    }

    /** As {@link #packed}; empty where all weights are trained. */
    List<NDArray> frozen() {
        return frozen;
    }

    /** Stands where a map has no adapter. */
    NDArray noAdapter() {
        return noAdapter;
    }

    /** Tells the kernels to drop out. */
    NDArray training() {
        return training;
    }

    /** Tells them not to. */
    NDArray evaluating() {
        return evaluating;
    }

    TrunkStates trunkStates() {
        return trunkStates;
    }

    PretrainedBase share() {
        users++;
        return this;
    }

    void release() {
        users--;
        if (users == 0) {
            manager.close();
        }
    }

    /**
     * Weights as the kernels read them, in the precision of products: the embedding as it is, {@value #LAYER} arrays a layer, in
     * which maps that read the same input are one, the last normalisation, and the output layer.
     *
     * @param tensors by their names in the checkpoint; the manager that they are given is closed as soon as they are packed, those
     *     of a layer before the next
     */
    List<NDArray> packed(NDManager owner, BiFunction<String, NDManager, NDArray> tensors) {
        List<String> names = List.copyOf(config.expectedTensors().keySet());
        List<NDArray> packed = new ArrayList<>();
        try (NDManager ends = owner.newSubManager()) {
            NDArray embedding = tensors.apply(names.get(0), ends);
            packed.addAll(script.call(owner, "same", embedding));
            for (int layer = 0; layer < config.layers(); layer++) {
                String prefix = "model.layers." + layer + ".";
                try (NDManager scratch = owner.newSubManager()) {
                    List<NDArray> own = names.stream().filter(name -> name.startsWith(prefix))
                            .map(name -> tensors.apply(name, scratch)).toList();
                    packed.addAll(script.call(owner, "packLayer", own));
                }
            }
            packed.add(script.call(owner, "cast", tensors.apply(DecoderConfig.FINAL_NORM, ends)).head());
            packed.add(script.call(owner, "cast",
                    config.tiedEmbeddings() ? embedding : tensors.apply(DecoderConfig.HEAD, ends)).head());
        }
        return packed;
    }

    /**
     * Adapters of all layers as the kernels read them, {@value #ADAPTERS} arrays a layer.
     *
     * @param matrices A and B of every map of every layer, {@link #noAdapter} where there is none
     */
    List<NDArray> packedAdapters(NDManager owner, List<NDArray> matrices) {
        int each = 2 * Projection.values().length;
        List<NDArray> packed = new ArrayList<>();
        for (int from = 0; from < matrices.size(); from += each) {
            packed.addAll(script.call(owner, "packAdapters", matrices.subList(from, from + each)));
        }
        return packed;
    }

    /** A tensor in the precision in which this base holds weights. The mapped bytes are read once and copied once. */
    NDArray array(Tensor tensor, NDManager owner) {
        ByteBuffer bytes = tensor.data();
        try (NDManager scratch = owner.newSubManager()) {
            NDArray bits = scratch.create(
                    bytes, new Shape(tensor.shape()), tensor.dtype() == Dtype.F32 ? DataType.FLOAT32 : DataType.FLOAT16);
            NDArray bfloat = scratch.create(tensor.dtype() == Dtype.BF16);
            return script.call(owner, "weight", bits, bfloat).head();
        }
    }

    /** The text of the kernels where decoders differ. */
    private static Map<String, String> replacements(DecoderConfig config, Precision precision, LoraConfig lora) {
        boolean bfloat = precision == Precision.BFLOAT16;
        List<String> names = List.copyOf(config.expectedTensors().keySet());
        Map<String, String> text = new HashMap<>();
        text.put("layerArrays", Integer.toString(LAYER));
        text.put("adapterArrays", Integer.toString(ADAPTERS));
        text.put("vocabulary", Integer.toString(config.vocabulary()));
        text.put("hidden", Integer.toString(config.hidden()));
        text.put("perHidden", Double.toString(1.0 / config.hidden()));
        text.put("epsilon", Double.toString(config.epsilon()));
        text.put("layers", Integer.toString(config.layers()));
        text.put("heads", Integer.toString(config.heads()));
        text.put("groups", Integer.toString(config.keyValueHeads()));
        text.put("repeat", Integer.toString(config.heads() / config.keyValueHeads()));
        text.put("head", Integer.toString(config.headSize()));
        text.put("halfHead", Integer.toString(config.headSize() / 2));
        text.put("scale", Double.toString(1 / Math.sqrt(config.headSize())));
        text.put("window", Integer.toString(config.slidingWindow()));
        text.put("firstWindowed", Integer.toString(config.firstWindowedLayer()));
        int packed = LAYER * config.layers() + 3;
        text.put("intermediate", Integer.toString(config.intermediate()));
        text.put("adapters", Integer.toString(packed));
        text.put("mode", Integer.toString(packed + ADAPTERS * config.layers()));
        text.put("firstTrained", Integer.toString(firstTrained(config, lora)));
        text.put("dropout", Double.toString(lora == null ? 0 : lora.dropout()));
        text.put("scaling", Double.toString(lora == null ? 0 : lora.scaling()));
        text.put("product", precision.product());
        text.put("stored", Integer.toString(bfloat && lora != null ? BFLOAT16 : FLOAT32));
        text.put("outputs", Arrays.stream(Projection.values()).map(projection -> projection.outputs(config)).toList().toString());
        joined(text, "qkv", config, names, Projection.QUERY, Projection.KEY, Projection.VALUE);
        joined(text, "output", config, names, Projection.OUTPUT);
        joined(text, "gateUp", config, names, Projection.GATE, Projection.UP);
        joined(text, "down", config, names, Projection.DOWN);
        text.put("mlpNorm", Integer.toString(names.indexOf(DecoderConfig.mlpNorm(0)) - 1));
        text.put("queryNorm", config.queryKeyNorm() ? tensor(names, DecoderConfig.queryNorm(0)) : "none");
        text.put("keyNorm", config.queryKeyNorm() ? tensor(names, DecoderConfig.keyNorm(0)) : "none");
        int heads = config.heads();
        text.put("normed", config.queryKeyNorm() ? "torch.cat([" + norm(config, 0, heads, 3) + ", "
                + norm(config, heads, heads + config.keyValueHeads(), 4) + "], 1)" : "x");
        return text;
    }

    private static String norm(DecoderConfig config, int from, int to, int weight) {
        return "(self).norm(torch.slice(x, 1, " + from + ", " + to + "), w[b + " + weight + "], " + 1.0 / config.headSize() + ")";
    }

    /** Weights, and biases if there are any, of maps that read the same input, one below the other. */
    private static void joined(
            Map<String, String> text, String name, DecoderConfig config, List<String> names, Projection... maps) {
        for (String part : List.of("weight", "bias")) {
            boolean present = part.equals("weight") || maps[0].hasBias(config);
            String tensors = Arrays.stream(maps).filter(map -> present).map(map -> tensor(names, map.module(0) + "." + part))
                    .collect(Collectors.joining(", "));
            String whole = !present ? "none" : maps.length == 1 ? tensors : "torch.cat([" + tensors + "], 0)";
            text.put(name + (part.equals("weight") ? "Weight" : "Bias"), whole);
        }
    }

    /** The embedding stands before the layers. */
    private static String tensor(List<String> names, String name) {
        return "(self).product(t[" + (names.indexOf(name) - 1) + "])";
    }
}
