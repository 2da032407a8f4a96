package io.parley.policies.onnx;

import static io.parley.policies.onnx.OnnxGraph.BOOL;
import static io.parley.policies.onnx.OnnxGraph.FLOAT;
import static io.parley.policies.onnx.OnnxGraph.INT64;

import ai.onnx.proto.OnnxMl.GraphProto;
import io.parley.checkpoints.DecoderConfig;
import io.parley.checkpoints.Projection;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The graph of a decoder with a value head: a forward pass over new tokens, given keys and values of the tokens before. Inputs
 * and outputs have the names and shapes that Hugging Face's Optimum gives to decoders.
 */
final class DecoderExport {
    private static final float NEVER = -1e30f;

    /** Parameters by the names that checkpoints give them, {@code value_head.weight} and {@code value_head.bias} beside them. */
    @FunctionalInterface
    interface Parameters {
        /** Row by row. */
        float[] floats(String name, long... shape) throws IOException;
    }

    private final DecoderConfig decoder;
    private final int context;
    private final String tokens;
    private final Parameters parameters;
    private final int repeat;
    private final OnnxGraph graph = new OnnxGraph("decoder");
    private String eps;
    private String squared;
    private String scale;
    private String firstKept;
    private String end;
    private String perHead;
    private String perKeyHead;
    private String grouped;
    private String apart;
    private String joined;
    private String never;
    private String allowed;
    /** What is allowed in layers with a window. */
    private String inWindow;
    private String cos;
    private String sin;

    /**
     * A graph that is still to be made.
     *
     * @param context most tokens of a prompt and its response together
     * @param tokens says which they are
     */
    DecoderExport(DecoderConfig decoder, int context, String tokens, Parameters parameters) {
        this.decoder = decoder;
        this.context = context;
        this.tokens = tokens;
        this.parameters = parameters;
        repeat = decoder.heads() / decoder.keyValueHeads();
    }

    /** Bytes of the parameters. */
    static long bytes(DecoderConfig decoder) {
        return Float.BYTES * decoder.expectedTensors().values().stream()
                .mapToLong(shape -> Arrays.stream(shape).reduce(1, Math::multiplyExact)).sum();
    }

    GraphProto graph() throws IOException {
        String ids = graph.input("input_ids", "New tokens: " + tokens + " Shorter rows are filled up on the left.",
                INT64, "batch", "new");
        String attention = graph.input("attention_mask",
                "1 at tokens, those before the new ones first; 0 where rows are filled up.", INT64, "batch", "all");
        String positions = graph.input("position_ids", "Number of tokens of the row before each new one.", INT64, "batch", "new");
        String keep = graph.input("num_logits_to_keep",
                "For how many of the last new tokens logits and values are wanted, at least 1.", INT64, 1);

        constants();
        firstKept = graph.node("Neg", keep);
        rotations(positions);
        String table = constant(DecoderConfig.EMBEDDING, decoder.vocabulary(), decoder.hidden());
        String x = graph.node("Gather", table, ids);
        for (int i = 0; i < decoder.layers(); i++) {
            String past = "past_key_values." + i + ".";
            String pastKey = cache(past + "key");
            String pastValue = cache(past + "value");
            if (i == 0) {
                mask(attention, ids, pastKey);
            }
            x = layer(i, x, pastKey, pastValue);
        }
        String last = norm(x, DecoderConfig.FINAL_NORM, decoder.hidden());
        String head = decoder.tiedEmbeddings() ? table : constant(DecoderConfig.HEAD, decoder.vocabulary(), decoder.hidden());
        graph.output("logits", "Of every token. Which a response may have at a position is for the caller to see to.",
                product(last, head), FLOAT, "batch", "kept", decoder.vocabulary());
        String values = graph.node(
                "Add", product(last, constant("value_head.weight", 1, decoder.hidden())), constant("value_head.bias", 1));
        graph.output("values", "Estimate of what the response will earn.", graph.node("Squeeze", values, graph.list("width", 2)),
                FLOAT, "batch", "kept");
        return graph.build();
    }

    private void constants() {
        eps = graph.constant("eps", (float) decoder.epsilon());
        squared = graph.constant("squared", 2f);
        scale = graph.constant("scale", (float) (1 / Math.sqrt(decoder.headSize())));
        perHead = graph.list("per_head", 0, 0, decoder.heads(), decoder.headSize());
        perKeyHead = graph.list("per_key_head", 0, 0, decoder.keyValueHeads(), decoder.headSize());
        if (repeat > 1) {
            grouped = graph.list("grouped", 0, decoder.keyValueHeads(), -1, decoder.headSize());
            apart = graph.list("apart", 0, decoder.heads(), -1, decoder.headSize());
        }
        joined = graph.list("joined", 0, 0, decoder.heads() * decoder.headSize());
        never = graph.constant("never", NEVER);
        end = graph.list("end", Long.MAX_VALUE);
    }

    private String cache(String name) {
        return graph.input(name, "What the step before gave as present; of length 0 at first.", FLOAT,
                "batch", decoder.keyValueHeads(), "past", decoder.headSize());
    }

    /** Rotations of the new tokens' positions, [batch, 1, new, head]: halves of a head turn alike. */
    private void rotations(String positions) {
        int head = decoder.headSize();
        double[] turns = decoder.inverseFrequencies();
        float[] cosines = new float[context * head];
        float[] sines = new float[cosines.length];
        for (int p = 0; p < context; p++) {
            for (int i = 0; i < head; i++) {
                double angle = p * turns[i % turns.length];
                cosines[p * head + i] = (float) Math.cos(angle);
                sines[p * head + i] = (float) Math.sin(angle);
            }
        }
        String axis = graph.list("each_head", 1);
        String cosTable = graph.constant("cos", cosines, context, head);
        String sinTable = graph.constant("sin", sines, context, head);
        cos = graph.node("Unsqueeze", graph.node("Gather", cosTable, positions), axis);
        sin = graph.node("Unsqueeze", graph.node("Gather", sinTable, positions), axis);
    }

    /**
     * Which scores count, [batch, 1, new, all]: a token sees itself and what is before, in a window the last of it, but no
     * filling.
     */
    private void mask(String attention, String ids, String pastKey) {
        String past = graph.node("Gather", graph.node("Shape", pastKey), graph.constant("length", new long[] {2}));
        String fresh = graph.node("Gather", graph.node("Shape", ids), graph.constant("length_new", new long[] {1}));
        String all = graph.node("Add", past, fresh);
        String one = graph.constant("step", new long[] {1});
        String rows = graph.node("Unsqueeze", graph.node("Range", past, all, one), graph.list("column", 1));
        String columns = graph.node("Range", graph.constant("from", new long[] {0}), all, one);
        String before = graph.node("LessOrEqual", columns, rows);
        String real = graph.node(
                "Unsqueeze", graph.node("Cast", Map.of("to", (long) BOOL), attention), graph.list("heads_and_rows", 1, 2));
        allowed = graph.node("And", before, real);
        if (decoder.slidingWindow() > 0) {
            String since = graph.node("Sub", rows, graph.constant("window", new long[] {decoder.slidingWindow()}));
            inWindow = graph.node("And", allowed, graph.node("Greater", columns, since));
        }
    }

    private String layer(int i, String x, String pastKey, String pastValue) throws IOException {
        String y = norm(x, DecoderConfig.attentionNorm(i), decoder.hidden());
        String key = rotated(normed(split(mapped(Projection.KEY, i, y), perKeyHead), DecoderConfig.keyNorm(i)));
        String value = split(mapped(Projection.VALUE, i, y), perKeyHead);
        if (i == decoder.layers() - 1) {
            // Of the last layer, keys and values are all that later tokens see of the others.
            x = kept(x, 1);
            y = kept(y, 1);
            cos = kept(cos, 2);
            sin = kept(sin, 2);
            allowed = kept(allowed, 2);
            inWindow = inWindow == null ? null : kept(inWindow, 2);
        }
        String query = rotated(normed(split(mapped(Projection.QUERY, i, y), perHead), DecoderConfig.queryNorm(i)));
        Map<String, Object> along = Map.of("axis", 2L);
        String keys = graph.node("Concat", along, pastKey, key);
        String values = graph.node("Concat", along, pastValue, value);
        graph.output("present." + i + ".key", "", keys, FLOAT, "batch", decoder.keyValueHeads(), "all", decoder.headSize());
        graph.output("present." + i + ".value", "", values, FLOAT, "batch", decoder.keyValueHeads(), "all", decoder.headSize());

        String mask = decoder.window(i) > 0 ? inWindow : allowed;
        if (repeat > 1) {
            // The query heads that share a key head become rows of one product, head by head.
            query = graph.node("Reshape", query, grouped);
            mask = graph.node("Concat", along, Collections.nCopies(repeat, mask).toArray(String[]::new));
        }
        String scores = graph.node("MatMul", graph.node("Mul", query, scale), transposed(keys, 0, 1, 3, 2));
        String shares = graph.node("Softmax", Map.of("axis", -1L), graph.node("Where", mask, scores, never));
        String read = graph.node("MatMul", shares, values);
        if (repeat > 1) {
            read = graph.node("Reshape", read, apart);
        }
        String attended = graph.node("Reshape", transposed(read, 0, 2, 1, 3), joined);
        x = graph.node("Add", x, mapped(Projection.OUTPUT, i, attended));

        y = norm(x, DecoderConfig.mlpNorm(i), decoder.hidden());
        String gate = mapped(Projection.GATE, i, y);
        String swish = graph.node("Mul", gate, graph.node("Sigmoid", gate));
        return graph.node("Add", x, mapped(Projection.DOWN, i, graph.node("Mul", swish, mapped(Projection.UP, i, y))));
    }

    /** W·x, or W·x + b. */
    private String mapped(Projection projection, int layer, String x) throws IOException {
        String module = projection.module(layer);
        int rows = projection.outputs(decoder);
        String product = product(x, constant(module + ".weight", rows, projection.inputs(decoder)));
        return projection.hasBias(decoder) ? graph.node("Add", product, constant(module + ".bias", rows)) : product;
    }

    /** Queries or keys, normalised head by head where the decoder does so. */
    private String normed(String x, String gain) throws IOException {
        return decoder.queryKeyNorm() ? norm(x, gain, decoder.headSize()) : x;
    }

    /** The last of the new tokens, along their axis. */
    private String kept(String x, int axis) {
        return graph.node("Slice", x, firstKept, end, graph.list(x + ".tokens", axis));
    }

    /** RMSNorm. */
    private String norm(String x, String gain, int width) throws IOException {
        String mean = graph.node("ReduceMean", Map.of("axes", List.of(-1L)), graph.node("Pow", x, squared));
        String normal = graph.node("Div", x, graph.node("Sqrt", graph.node("Add", mean, eps)));
        return graph.node("Mul", normal, constant(gain, width));
    }

    /** [batch, new, hidden] as [batch, heads, new, head]. */
    private String split(String x, String heads) {
        return transposed(graph.node("Reshape", x, heads), 0, 2, 1, 3);
    }

    private String rotated(String x) {
        List<String> halves = graph.nodes("Split", 2, Map.of("axis", 3L), x);
        String turned = graph.node("Concat", Map.of("axis", 3L), graph.node("Neg", halves.get(1)), halves.get(0));
        return graph.node("Add", graph.node("Mul", x, cos), graph.node("Mul", turned, sin));
    }

    private String transposed(String x, long... order) {
        return graph.node("Transpose", Map.of("perm", Arrays.stream(order).boxed().toList()), x);
    }

    private String constant(String name, long... shape) throws IOException {
        return graph.constant(name, parameters.floats(name, shape), shape);
    }

    /** x·Wᵀ over the last axis. */
    private String product(String x, String weight) {
        return graph.node("MatMul", x, transposed(weight, 1, 0));
    }
}
