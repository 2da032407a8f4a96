package io.parley.checkpoints;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * What a {@code config.json} says of a decoder.
 *
 * @param vocabulary rows of the embedding
 * @param hidden width of the residual stream
 * @param intermediate width of the gated network
 * @param heads query heads, a multiple of {@code keyValueHeads}
 * @param headSize width of one head, even; heads × headSize need not be {@code hidden}
 * @param epsilon what normalisation adds to the mean square
 * @param ropeTheta base of the rotary frequencies
 * @param context positions that the model was made for
 * @param tiedEmbeddings whether the embedding is also the output layer
 * @param attentionBias whether query, key and value maps have a bias
 * @param outputBias whether the map behind attention has one
 * @param mlpBias whether the three maps of the gated network have one
 * @param queryKeyNorm whether each query and key head is normalised before it is turned
 * @param slidingWindow positions that a windowed layer sees, its own included; 0 if no layer is windowed
 * @param firstWindowedLayer layers before it see all positions; {@code layers} if no layer is windowed
 * @param dtype what the file says that the weights are; null if it says nothing
 */
public record DecoderConfig(
        Architecture architecture, int vocabulary, int hidden, int intermediate, int layers, int heads, int keyValueHeads,
        int headSize, double epsilon, double ropeTheta, RopeScaling ropeScaling, int context, boolean tiedEmbeddings,
        boolean attentionBias, boolean outputBias, boolean mlpBias, boolean queryKeyNorm, int slidingWindow,
        int firstWindowedLayer, Dtype dtype) {
    /** Name of the file. */
    public static final String FILE = "config.json";
    private static final int MOST_LAYERS = 1000;
    private static final int MOST_NUMBERS = 1 << 24; // of a dimension: products of two stay far from overflow

    /** Embedding, [vocabulary × hidden]. */
    public static final String EMBEDDING = "model.embed_tokens.weight";
    /** The last normalisation, [hidden]. */
    public static final String FINAL_NORM = "model.norm.weight";
    /** Output layer, [vocabulary × hidden], unless it is {@link #EMBEDDING}. */
    public static final String HEAD = "lm_head.weight";

    /** Normalisation before attention, [hidden]. */
    public static String attentionNorm(int layer) {
        return "model.layers." + layer + ".input_layernorm.weight";
    }

    /** Normalisation before the gated network, [hidden]. */
    public static String mlpNorm(int layer) {
        return "model.layers." + layer + ".post_attention_layernorm.weight";
    }

    /** Normalisation of a query head, [headSize], if there is {@link #queryKeyNorm}. */
    public static String queryNorm(int layer) {
        return "model.layers." + layer + ".self_attn.q_norm.weight";
    }

    /** Normalisation of a key head, [headSize], if there is {@link #queryKeyNorm}. */
    public static String keyNorm(int layer) {
        return "model.layers." + layer + ".self_attn.k_norm.weight";
    }

    /**
     * Reads {@code config.json} of a folder.
     *
     * @throws IOException if there is none, or it is no JSON, lacks a key, or asks for what is not supported; the message names
     *     the file, the key, what was found and what is supported
     */
    public static DecoderConfig read(Path folder) throws IOException {
        return of(JsonFile.read(folder.resolve(FILE), Checkpoint.ROLE));
    }

    /**
     * The same of files that are in memory.
     *
     * @param place names in messages where they come from, as if it were their folder
     * @param files contents by name
     */
    public static DecoderConfig of(Path place, Map<String, byte[]> files) throws IOException {
        Path file = place.resolve(FILE);
        if (!files.containsKey(FILE)) {
            throw new NoSuchFileException(file.toString(), null, Checkpoint.ROLE);
        }
        return of(new JsonFile(file, JsonFile.object(files.get(FILE), file.toString())));
    }

    static DecoderConfig of(JsonFile file) throws IOException {
        Architecture architecture = architecture(file);
        file.require("hidden_act", "silu");
        if (file.has("quantization_config")) {
            throw new IOException(file.file() + ": quantization_config is there; weights are " + Dtype.weights()
                    + ": take the model's unquantised folder");
        }
        int hidden = size(file, "hidden_size");
        int layers = file.integer("num_hidden_layers", 1);
        if (layers > MOST_LAYERS) {
            throw file.wrong("num_hidden_layers", "at most " + MOST_LAYERS);
        }
        int heads = size(file, "num_attention_heads");
        // Where the key is absent, Qwen and Mistral's reference has a number of its own, which no published file leaves out.
        boolean asManyAsHeads = file.node().path("num_key_value_heads").isNull()
                || architecture == Architecture.LLAMA && !file.has("num_key_value_heads");
        int keyValueHeads = asManyAsHeads ? heads : size(file, "num_key_value_heads");
        if (heads % keyValueHeads != 0) {
            throw file.wrong("num_key_value_heads", "a divisor of num_attention_heads, " + heads);
        }
        int headSize = headSize(file, architecture, hidden, heads);
        int context = file.integer("max_position_embeddings", 1);
        JsonFile rope = rope(file);
        boolean attentionBias = file.flag("attention_bias", false);
        boolean mlpBias = file.flag("mlp_bias", false);
        int window = window(file, architecture);
        int firstWindowed = window == 0 ? layers : firstWindowed(file, architecture, layers);
        return new DecoderConfig(architecture, size(file, "vocab_size"), hidden, size(file, "intermediate_size"), layers, heads,
                keyValueHeads, headSize, file.positive("rms_norm_eps", 1e-6),
                rope.positive("rope_theta", file.positive("rope_theta", 10_000)), scaling(file, rope, context), context,
                file.flag("tie_word_embeddings", false), bias(architecture.attentionBias, attentionBias, mlpBias),
                bias(architecture.outputBias, attentionBias, mlpBias), bias(architecture.mlpBias, attentionBias, mlpBias),
                architecture.queryKeyNorm, firstWindowed == layers ? 0 : window, firstWindowed, dtype(file));
    }

    private static Architecture architecture(JsonFile file) throws IOException {
        String modelType = file.text("model_type", null);
        JsonNode classes = file.node().path("architectures");
        String className = classes.isArray() && classes.size() == 1 ? classes.get(0).asText() : null;
        Optional<Architecture> byClass = className == null ? Optional.empty() : Architecture.ofClass(className);
        Optional<Architecture> byType = modelType == null ? byClass : Architecture.ofModelType(modelType);
        if (byType.isEmpty() || file.has("architectures") && !byClass.equals(byType)) {
            throw new IOException(file.file() + ": model_type is " + file.shown("model_type") + " and architectures is "
                    + file.shown("architectures") + "; supported are " + Architecture.classes());
        }
        return byType.get();
    }

    private static int size(JsonFile file, String key) throws IOException {
        int size = file.integer(key, 1);
        if (size > MOST_NUMBERS) {
            throw file.wrong(key, "at most " + MOST_NUMBERS);
        }
        return size;
    }

    private static int headSize(JsonFile file, Architecture architecture, int hidden, int heads) throws IOException {
        int headSize;
        if (file.has("head_dim")) {
            headSize = size(file, "head_dim");
        } else if (architecture == Architecture.QWEN3) {
            headSize = 128; // the reference implementation's, which does not follow hidden_size here
        } else if (hidden % heads == 0) {
            headSize = hidden / heads;
        } else {
            throw file.wrong("head_dim", "there, because hidden_size " + hidden + " is not a multiple of " + heads + " heads");
        }
        if (headSize % 2 != 0 || (long) heads * headSize > MOST_NUMBERS) {
            throw new IOException(file.file() + ": a head has " + headSize + " numbers; rotary positions need an even number, "
                    + "and " + heads + " heads at most " + MOST_NUMBERS + " together");
        }
        return headSize;
    }

    /**
     * Newer writers put everything rotary under {@code rope_parameters}; older ones the base beside {@code rope_scaling}, which
     * goes first where both are, as it does in the reference.
     */
    private static JsonFile rope(JsonFile file) throws IOException {
        JsonFile old = file.object("rope_scaling");
        String key = old.node().isEmpty() ? "rope_parameters" : "rope_scaling";
        JsonFile rope = file.object(key);
        if (rope.node().properties().stream().anyMatch(field -> field.getValue().isObject())) {
            throw file.wrong(key, "one for all layers");
        }
        for (JsonFile place : new JsonFile[] {file, rope}) {
            if (place.positive("partial_rotary_factor", 1) != 1) {
                throw place.wrong("partial_rotary_factor", "1: all of a head is turned");
            }
        }
        return rope;
    }

    private static RopeScaling scaling(JsonFile file, JsonFile rope, int context) throws IOException {
        String type = rope.text("rope_type", rope.text("type", "default"));
        return switch (type) {
            case "default" -> RopeScaling.NONE;
            case "linear" -> new RopeScaling(RopeScaling.Kind.LINEAR, factor(rope), 1, 1, context);
            case "llama3" -> {
                String original = "original_max_position_embeddings";
                double low = rope.positive("low_freq_factor");
                double high = rope.positive("high_freq_factor");
                if (high <= low) {
                    throw rope.wrong("high_freq_factor", "above low_freq_factor, " + low);
                }
                yield new RopeScaling(RopeScaling.Kind.LLAMA3, factor(rope), low, high,
                        file.integer(original, 1, rope.integer(original, 1, context)));
            }
            default -> throw new IOException(
                    rope.file() + ": rotary scaling is '" + type + "'; supported are default, linear, llama3");
        };
    }

    private static double factor(JsonFile rope) throws IOException {
        double factor = rope.positive("factor");
        if (factor < 1) {
            throw rope.wrong("factor", "at least 1");
        }
        return factor;
    }

    private static boolean bias(Architecture.Bias bias, boolean attention, boolean mlp) {
        return switch (bias) {
            case NEVER -> false;
            case ALWAYS -> true;
            case ATTENTION -> attention;
            case MLP -> mlp;
        };
    }

    private static int window(JsonFile file, Architecture architecture) throws IOException {
        boolean windowed = switch (architecture.window) {
            case NONE -> false;
            case UPPER_LAYERS -> file.flag("use_sliding_window", false);
            case ALL_LAYERS -> true;
        };
        // Null says that there is no window; a key that is left out has the reference's default.
        return windowed && !file.node().path("sliding_window").isNull() ? file.integer("sliding_window", 1, 4096) : 0;
    }

    private static int firstWindowed(JsonFile file, Architecture architecture, int layers) throws IOException {
        JsonNode types = file.node().path("layer_types");
        if (architecture.window == Architecture.Window.ALL_LAYERS) {
            return 0;
        }
        if (!types.isArray()) {
            return Math.min(layers, file.integer("max_window_layers", 0, 28));
        }
        List<String> names = StreamSupport.stream(types.spliterator(), false).map(JsonNode::asText).toList();
        int first = (int) names.stream().takeWhile("full_attention"::equals).count();
        boolean restWindowed = names.stream().skip(first).allMatch("sliding_attention"::equals);
        if (types.size() != layers || !restWindowed) {
            throw file.wrong("layer_types", "full_attention for the first layers and sliding_attention for the rest, " + layers
                    + " in all");
        }
        return first;
    }

    private static Dtype dtype(JsonFile file) throws IOException {
        String key = file.has("dtype") ? "dtype" : "torch_dtype";
        String name = file.text(key, "auto");
        if (name.equals("auto")) {
            return null;
        }
        return Dtype.ofTorch(name).filter(Dtype::isWeight).orElseThrow(() -> file.wrong(key, "one of " + Dtype.weights()));
    }

    /** Positions that a layer sees, the last of which is its own; 0 for all before it. */
    public int window(int layer) {
        return layer < firstWindowedLayer ? 0 : slidingWindow;
    }

    /**
     * Radians by which neighbouring positions differ, one for each pair of numbers of a head: θ_i = base^(−2i/headSize) for
     * i = 0 … headSize/2 − 1 (Su et al., "RoFormer", 2021, section 3.2.2), scaled by {@link RopeScaling}. Number i of a head is
     * turned together with number i + headSize/2.
     */
    public double[] inverseFrequencies() {
        double[] frequencies = new double[headSize / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = ropeScaling.apply(Math.pow(ropeTheta, -2.0 * i / headSize));
        }
        return frequencies;
    }

    /** Every tensor that the decoder has, with its shape, from the embedding to the output layer. */
    public Map<String, long[]> expectedTensors() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(EMBEDDING, new long[] {vocabulary, hidden});
        for (int layer = 0; layer < layers; layer++) {
            shapes.put(attentionNorm(layer), new long[] {hidden});
            for (Projection projection : Projection.values()) {
                shapes.put(projection.module(layer) + ".weight", new long[] {projection.outputs(this), projection.inputs(this)});
                if (projection.hasBias(this)) {
                    shapes.put(projection.module(layer) + ".bias", new long[] {projection.outputs(this)});
                }
            }
            if (queryKeyNorm) {
                shapes.put(queryNorm(layer), new long[] {headSize});
                shapes.put(keyNorm(layer), new long[] {headSize});
            }
            shapes.put(mlpNorm(layer), new long[] {hidden});
        }
        shapes.put(FINAL_NORM, new long[] {hidden});
        if (!tiedEmbeddings) {
            shapes.put(HEAD, new long[] {vocabulary, hidden});
        }
        return shapes;
    }
}
