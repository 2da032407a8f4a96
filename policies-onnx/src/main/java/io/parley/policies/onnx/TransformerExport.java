package io.parley.policies.onnx;

import static io.parley.policies.onnx.OnnxGraph.BOOL;
import static io.parley.policies.onnx.OnnxGraph.FLOAT;
import static io.parley.policies.onnx.OnnxGraph.INT64;

import ai.onnx.proto.OnnxMl.GraphProto;
import io.parley.core.tokens.Vocabulary;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The graph of a {@code transformer}: a forward pass over new tokens, given keys and values of the tokens before. Inputs and
 * outputs have the names and shapes that Hugging Face's Optimum gives to decoders.
 */
final class TransformerExport {
    private static final float NEVER = -1e30f;
    private static final double ROTARY_BASE = 10_000;

    private final TransformerDescription.Config config;
    private final Vocabulary vocabulary;
    private final Weights weights;
    private final OnnxGraph graph = new OnnxGraph("transformer");
    private String eps;
    private String squared;
    private String scale;
    private String firstKept;
    private String end;
    private String heads;
    private String joined;
    private String never;
    private String allowed;
    private String cos;
    private String sin;

    TransformerExport(TransformerDescription description, Weights weights) {
        config = description.config();
        vocabulary = description.vocabulary();
        this.weights = weights;
    }

    GraphProto graph() throws IOException {
        String ids = graph.input("input_ids", "New tokens: 0 ends a response, 1 to 3 begin what system, user and assistant say, "
                + "4 and on are the words, after them in free text one for all other words. Shorter rows are filled up on the left.", INT64, "batch", "new");
        String attention = graph.input("attention_mask", "1 at tokens, those before the new ones first; 0 where rows are filled up.",
                INT64, "batch", "all");
        String positions = graph.input("position_ids", "Number of tokens of the row before each new one.", INT64, "batch", "new");
        String keep = graph.input("num_logits_to_keep", "For how many of the last new tokens logits and values are wanted, at least 1.",
                INT64, 1);

        constants();
        firstKept = graph.node("Neg", keep);
        rotations(positions);
        String table = matrix("model.embed_tokens.weight", vocabulary.size(), config.hidden());
        String x = graph.node("Gather", table, ids);
        for (int i = 0; i < config.layers(); i++) {
            String past = "past_key_values." + i + ".";
            String pastKey = cache(past + "key");
            String pastValue = cache(past + "value");
            if (i == 0) {
                mask(attention, ids, pastKey);
            }
            x = layer(i, x, pastKey, pastValue);
        }
        String last = norm(x, "model.norm.weight");
        String head = config.tiedHead() ? table : matrix("lm_head.weight", vocabulary.size(), config.hidden());
        graph.output("logits", "Of every token. Which a response may have at a position is for the caller to see to.",
                product(last, head), FLOAT, "batch", "kept", vocabulary.size());
        String values = graph.node("Add", product(last, matrix("value_head.weight", 1, config.hidden())),
                graph.constant("value_head.bias", weights.floats("value_head.bias", 1), 1));
        graph.output("values", "Estimate of what the response will earn.", graph.node("Squeeze", values, graph.list("width", 2)),
                FLOAT, "batch", "kept");
        return graph.build();
    }

    private void constants() {
        eps = graph.constant("eps", 1e-6f);
        squared = graph.constant("squared", 2f);
        scale = graph.constant("scale", (float) (1 / Math.sqrt(config.head())));
        heads = graph.list("heads", 0, 0, config.heads(), config.head());
        joined = graph.list("joined", 0, 0, config.hidden());
        never = graph.constant("never", NEVER);
        end = graph.list("end", Long.MAX_VALUE);
    }

    private String cache(String name) {
        return graph.input(name, "What the step before gave as present; of length 0 at first.", FLOAT,
                "batch", config.heads(), "past", config.head());
    }

    /** Rotations of the new tokens' positions, [batch, 1, new, head]: halves of a head turn alike. */
    private void rotations(String positions) {
        int half = config.head() / 2;
        float[] cosines = new float[config.context() * config.head()];
        float[] sines = new float[cosines.length];
        for (int p = 0; p < config.context(); p++) {
            for (int i = 0; i < config.head(); i++) {
                double angle = p * Math.pow(ROTARY_BASE, -(double) (i % half) / half);
                cosines[p * config.head() + i] = (float) Math.cos(angle);
                sines[p * config.head() + i] = (float) Math.sin(angle);
            }
        }
        String axis = graph.list("each_head", 1);
        String cosTable = graph.constant("cos", cosines, config.context(), config.head());
        String sinTable = graph.constant("sin", sines, config.context(), config.head());
        cos = graph.node("Unsqueeze", graph.node("Gather", cosTable, positions), axis);
        sin = graph.node("Unsqueeze", graph.node("Gather", sinTable, positions), axis);
    }

    /** What is added to attention scores, [batch, 1, new, all]: a token sees itself and what is before, but no filling. */
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
    }

    private String layer(int i, String x, String pastKey, String pastValue) throws IOException {
        String name = "model.layers." + i + ".";
        int hidden = config.hidden();
        String y = norm(x, name + "input_layernorm.weight");
        String key = rotated(split(product(y, matrix(name + "self_attn.k_proj.weight", hidden, hidden))));
        String value = split(product(y, matrix(name + "self_attn.v_proj.weight", hidden, hidden)));
        if (i == config.layers() - 1) {
            // Of the last layer, keys and values are all that later tokens see of the others.
            x = kept(x, 1);
            y = kept(y, 1);
            cos = kept(cos, 2);
            sin = kept(sin, 2);
            allowed = kept(allowed, 2);
        }
        String query = rotated(split(product(y, matrix(name + "self_attn.q_proj.weight", hidden, hidden))));
        Map<String, Object> along = Map.of("axis", 2L);
        String keys = graph.node("Concat", along, pastKey, key);
        String values = graph.node("Concat", along, pastValue, value);
        graph.output("present." + i + ".key", "", keys, FLOAT, "batch", config.heads(), "all", config.head());
        graph.output("present." + i + ".value", "", values, FLOAT, "batch", config.heads(), "all", config.head());

        String scores = graph.node("MatMul", graph.node("Mul", query, scale), transposed(keys, 0, 1, 3, 2));
        String shares = graph.node("Softmax", Map.of("axis", -1L), graph.node("Where", allowed, scores, never));
        String attended = graph.node("Reshape", transposed(graph.node("MatMul", shares, values), 0, 2, 1, 3), joined);
        x = graph.node("Add", x, product(attended, matrix(name + "self_attn.o_proj.weight", hidden, hidden)));

        y = norm(x, name + "post_attention_layernorm.weight");
        String gate = product(y, matrix(name + "mlp.gate_proj.weight", config.intermediate(), hidden));
        String swish = graph.node("Mul", gate, graph.node("Sigmoid", gate));
        String up = product(y, matrix(name + "mlp.up_proj.weight", config.intermediate(), hidden));
        return graph.node("Add", x,
                product(graph.node("Mul", swish, up), matrix(name + "mlp.down_proj.weight", hidden, config.intermediate())));
    }

    /** The last of the new tokens, along their axis. */
    private String kept(String x, int axis) {
        return graph.node("Slice", x, firstKept, end, graph.list(x + ".tokens", axis));
    }

    /** RMSNorm. */
    private String norm(String x, String gain) throws IOException {
        String mean = graph.node("ReduceMean", Map.of("axes", List.of(-1L)), graph.node("Pow", x, squared));
        String normal = graph.node("Div", x, graph.node("Sqrt", graph.node("Add", mean, eps)));
        return graph.node("Mul", normal, graph.constant(gain, weights.floats(gain, config.hidden()), config.hidden()));
    }

    /** [batch, new, hidden] as [batch, heads, new, head]. */
    private String split(String x) {
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

    private String matrix(String name, int rows, int columns) throws IOException {
        return graph.constant(name, weights.floats(name, rows, columns), rows, columns);
    }

    /** x·Wᵀ over the last axis. */
    private String product(String x, String weight) {
        return graph.node("MatMul", x, transposed(weight, 1, 0));
    }
}
