package io.parley.policies.onnx;

import static io.parley.policies.onnx.OnnxGraph.FLOAT;
import static io.parley.policies.onnx.OnnxGraph.INT64;

import ai.onnx.proto.OnnxMl.GraphProto;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.tokens.ChoiceTokens;
import io.parley.core.tokens.FixedLayout;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The graph of an {@code mlp}: one step of its autoregressive head. What a step knows of prompt and answer is one vector, the
 * {@code state}, as the running sum of NADE (Larochelle and Murray 2011): at position 0 it is computed from the prompt, later the
 * word that was chosen last is added to it. So the layers below the head run once an answer.
 */
final class MlpExport {
    private final MlpDescription description;
    private final Weights weights;
    private final FixedLayout layout;
    private final ChoiceTokens tokens;

    MlpExport(MlpDescription description, Weights weights) {
        this.description = description;
        this.weights = weights;
        layout = new FixedLayout(description.text().spec());
        tokens = new ChoiceTokens((ResponseFormat.Choices) description.text().spec().format());
    }

    GraphProto graph() throws IOException {
        OnnxGraph graph = new OnnxGraph("mlp");
        int places = layout.places();
        int positions = tokens.positions();
        int most = tokens.most();
        int last = description.last();
        int outputs = most + 1;
        String words = graph.input("words", "The word at each place of the prompt, counted from 0; the number of words where "
                + "there is none. System words stand at the first places, dialogue words at the last. Read at position 0.",
                INT64, "batch", places);
        String state = graph.input("state", "What the step before gave. Not read at position 0.", FLOAT, "batch", last);
        String previous = graph.input("previous",
                "Index of the word that was chosen at the position before. Not read at position 0.", INT64, "batch");
        String position = graph.input("position", "The position of the answer, from 0.", INT64, 1);

        float[] given = weights.floats("head.given", (positions - 1L) * most + positions, last);
        int starts = (positions - 1) * most * last;
        String first = graph.node("Equal", position, graph.list("zero", 0));
        String isFirst = graph.node("Squeeze", first);
        OnnxGraph prompt = graph.branch("prompt");
        prompt.output("state", "", trunk(prompt, words), FLOAT, "batch", last);
        OnnxGraph answer = graph.branch("answer");
        answer.output("state", "", grown(answer, state, previous, position, given), FLOAT, "batch", last);
        String now = graph.node("If", Map.of("then_branch", prompt, "else_branch", answer), isFirst);

        String bias = graph.node("Gather", graph.constant("head.start", tail(given, starts), positions, last), position);
        String hidden = activated(graph, graph.node("Add", now, bias));
        String weight = graph.node("Gather", graph.constant("head.weight",
                weights.floats("head.weight", (long) positions * outputs, last), positions, outputs, last), position);
        String out = graph.node("Add",
                graph.linear(hidden, graph.node("Squeeze", weight, graph.list("first", 0))),
                graph.node("Gather",
                        graph.constant("head.bias", weights.floats("head.bias", positions, outputs), positions, outputs),
                        position));
        List<String> split = graph.nodes("Split", 2, Map.of("axis", 1L), out, graph.list("sizes", most, 1));
        String mask = graph.node("Gather", graph.constant("mask", mask(), positions, most), position);
        graph.output("logits", "Of the words allowed at the position, in their order; filled up with -1e9.",
                graph.node("Add", split.get(0), mask), FLOAT, "batch", most);
        graph.output("value", "Estimate of what the answer will earn.",
                graph.node("Squeeze", split.get(1), graph.list("second", 1)), FLOAT, "batch");
        graph.output("next_state", "For the next step.", now, FLOAT, "batch", last);
        return graph.build();
    }

    private String trunk(OnnxGraph graph, String words) throws IOException {
        List<Integer> hidden = description.config().hidden();
        int each = layout.words() + 1;
        long[] offsets = new long[layout.places()];
        for (int place = 0; place < offsets.length; place++) {
            offsets[place] = (long) place * each;
        }
        String features = graph.node("Add", words, graph.constant("places", offsets, 1, offsets.length));
        String rows = graph.node("Gather",
                graph.constant("embedding", table(), (long) layout.places() * each, hidden.get(0)), features);
        String x = graph.node("ReduceSum", Map.of("keepdims", 0L), rows, graph.list("axis", 1));
        for (int i = 1; i < hidden.size(); i++) {
            int in = hidden.get(i - 1);
            int out = hidden.get(i);
            String name = "hidden." + i + ".bias";
            String bias = graph.constant(name, weights.floats(name, in), in);
            name = "hidden." + (i + 1) + ".weight";
            String weight = graph.constant(name, weights.floats(name, out, in), out, in);
            x = graph.linear(activated(graph, graph.node("Add", x, bias)), weight);
        }
        return x;
    }

    /** Adds the row of the word that was chosen at the position before. */
    private String grown(OnnxGraph graph, String state, String previous, String position, float[] given) {
        int most = tokens.most();
        if (tokens.positions() == 1) {
            return graph.node("Identity", state);
        }
        String before = graph.node("Mul", graph.node("Sub", position, graph.list("one", 1)), graph.list("most", most));
        long rows = (tokens.positions() - 1L) * most;
        String table = graph.constant("head.given", head(given, Math.toIntExact(rows * description.last())),
                rows, description.last());
        return graph.node("Add", state, graph.node("Gather", table, graph.node("Add", before, previous)));
    }

    /** φ of the hidden layers. */
    private String activated(OnnxGraph graph, String x) throws IOException {
        return switch (description.config().activation()) {
            case "relu" -> graph.node("Relu", x);
            case "gelu" -> {
                // Of the scalars each use has its own.
                String tag = x.replace('/', '.') + ".";
                String erf = graph.node("Erf", graph.node("Mul", x, graph.constant(tag + "root", (float) Math.sqrt(0.5))));
                String twice = graph.node("Mul", x, graph.node("Add", erf, graph.constant(tag + "one", 1f)));
                yield graph.node("Mul", twice, graph.constant(tag + "half", 0.5f));
            }
            default -> throw new IOException("activation is " + description.config().activation() + "; relu or gelu");
        };
    }

    /**
     * The embedding of every word at every place, and of no word, which is 0. Rows that training never met are as training made
     * them.
     */
    private float[] table() throws IOException {
        int units = description.config().hidden().get(0);
        int each = layout.words() + 1;
        int known = (int) weights.rows("embedding.features");
        int[] features = weights.ints("embedding.features", known);
        float[] rows = weights.floats("embedding", known, units);
        long seed = weights.longs("embedding.seed", 1)[0];
        float[] table = new float[Math.multiplyExact(layout.places() * each, units)];
        for (int feature = 0; feature < layout.features(); feature++) {
            layout.initialEmbedding(seed, feature, table, row(feature, each) * units, units);
        }
        for (int i = 0; i < known; i++) {
            if (features[i] < 0 || features[i] >= layout.features()) {
                throw new IOException("feature " + features[i] + " is not one of " + layout.features());
            }
            System.arraycopy(rows, i * units, table, row(features[i], each) * units, units);
        }
        return table;
    }

    private int row(int feature, int each) {
        return feature / layout.words() * each + feature % layout.words();
    }

    private float[] mask() {
        float[] mask = new float[tokens.positions() * tokens.most()];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % tokens.most() < tokens.allowed(i / tokens.most()) ? 0 : -1e9f;
        }
        return mask;
    }

    private static float[] head(float[] values, int length) {
        return Arrays.copyOf(values, length);
    }

    private static float[] tail(float[] values, int from) {
        return Arrays.copyOfRange(values, from, values.length);
    }
}
