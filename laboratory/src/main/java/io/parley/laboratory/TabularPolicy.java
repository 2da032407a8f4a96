package io.parley.laboratory;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Segment;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.tokens.TokenSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A softmax table: for every prompt and every beginning of a response, one logit a word and one value, all 0 until
 * they are learnt. Nothing is shared between prompts, so what an algorithm does to a distribution can be compared
 * with a formula.
 *
 * <p>Rows appear when a prompt is first met, so {@link #parameterCount()} grows. Gradients come from automatic
 * differentiation of the algorithm's loss on DJL's PyTorch engine; parameters and the optimiser are plain doubles.
 */
public final class TabularPolicy implements TrainablePolicy {
    /** Steps of an optimiser. */
    public enum Optimizer {
        /** AdamW, as {@link OptimizerConfig} says. */
        @JsonProperty("adam") ADAM,
        /** Plain gradient descent: after a step with rate 1 and no clipping the table has moved by minus the gradient. */
        @JsonProperty("sgd") SGD;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A drawn response: the index of each word in its position's list. */
    private record Tokens(List<List<String>> positions, int[] choices) {}

    /** Stands for the logit of a word that is not allowed; far below any that is learnt, and finite. */
    private static final float NEVER = -1e9f;
    private static final String TABLE = "table";
    private static final String FIRST_MOMENTS = "firstMoments";
    private static final String SECOND_MOMENTS = "secondMoments";
    private static final String STEPS = "steps";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<List<String>> positions;
    private final int width;
    /** First row of each response position, relative to the prompt's first row. */
    private final int[] offsets;
    private final int rowsPerPrompt;
    private final Optimizer optimizer;
    private final Map<Prompt, Integer> firstRows = new LinkedHashMap<>();
    /** Logits of the allowed words, then the value. */
    private final List<double[]> table = new ArrayList<>();
    private final NDManager manager;

    private OptimizerConfig config = OptimizerConfig.adam();
    private final List<double[]> firstMoments = new ArrayList<>();
    private final List<double[]> secondMoments = new ArrayList<>();
    private long steps;

    /** A uniform policy over responses of a format. */
    public TabularPolicy(ResponseFormat.Choices format, Optimizer optimizer) {
        positions = format.positions();
        this.optimizer = optimizer;
        width = positions.stream().mapToInt(List::size).max().orElseThrow();
        offsets = new int[positions.size()];
        long beginnings = 1;
        long rows = 0;
        for (int t = 0; t < positions.size(); t++) {
            offsets[t] = (int) rows;
            rows += beginnings;
            beginnings *= positions.get(t).size();
            if (rows > 100_000) {
                throw new IllegalArgumentException("a table over responses of " + positions.size()
                        + " words has more than 100000 rows for each prompt; use a policy that generalises");
            }
        }
        rowsPerPrompt = (int) rows;
        manager = Engine.getEngine("PyTorch").newBaseManager();
    }

    /**
     * Logits of the next word.
     *
     * @param beginning the words of the response so far
     */
    public double[] logits(Prompt prompt, String... beginning) {
        return Arrays.copyOf(table.get(row(prompt, beginning)), positions.get(beginning.length).size());
    }

    /** Probabilities of the next word; the same order as the format's words. */
    public double[] probabilities(Prompt prompt, String... beginning) {
        double[] logits = logits(prompt, beginning);
        double normaliser = logSumExp(logits, logits.length);
        return Arrays.stream(logits).map(z -> Math.exp(z - normaliser)).toArray();
    }

    /** Value estimate before the next word. */
    public double value(Prompt prompt, String... beginning) {
        return table.get(row(prompt, beginning))[width];
    }

    /** Sets the logits of the next word. */
    public void setLogits(Prompt prompt, List<String> beginning, double... logits) {
        double[] row = table.get(row(prompt, beginning.toArray(String[]::new)));
        if (logits.length != positions.get(beginning.size()).size()) {
            throw new IllegalArgumentException(
                    logits.length + " logits for " + positions.get(beginning.size()).size() + " words");
        }
        System.arraycopy(logits, 0, row, 0, logits.length);
    }

    private int row(Prompt prompt, String... beginning) {
        int[] tokens = new int[positions.size()];
        for (int t = 0; t < beginning.length; t++) {
            tokens[t] = token(t, beginning[t]);
        }
        return row(prompt, tokens, beginning.length);
    }

    private int row(Prompt prompt, int[] tokens, int length) {
        Integer first = firstRows.get(prompt);
        if (first == null) {
            first = table.size();
            firstRows.put(prompt, first);
            for (int i = 0; i < rowsPerPrompt; i++) {
                table.add(new double[width + 1]);
                firstMoments.add(new double[width + 1]);
                secondMoments.add(new double[width + 1]);
            }
        }
        int beginning = 0;
        for (int t = 0; t < length; t++) {
            beginning = beginning * positions.get(t).size() + tokens[t];
        }
        return first + offsets[length] + beginning;
    }

    private int token(int position, String word) {
        int token = positions.get(position).indexOf(word);
        if (token < 0) {
            throw new IllegalArgumentException(
                    "'" + word + "' is not an answer at position " + position + "; allowed: " + positions.get(position));
        }
        return token;
    }

    private int[] tokens(Response response) {
        if (response.tokens() instanceof Tokens known && known.positions().equals(positions)) {
            return known.choices();
        }
        String[] words = response.text().trim().split("\\s+");
        if (words.length != positions.size()) {
            throw new IllegalArgumentException(
                    "'" + response.text() + "' has " + words.length + " words; a response has " + positions.size());
        }
        int[] tokens = new int[words.length];
        for (int t = 0; t < words.length; t++) {
            tokens[t] = token(t, words[t]);
        }
        return tokens;
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        requireSameSize(prompts.size(), streams.size(), "streams");
        TokenSampler sampler = new TokenSampler(sampling);
        List<Response> responses = new ArrayList<>(prompts.size());
        for (int i = 0; i < prompts.size(); i++) {
            int[] tokens = new int[positions.size()];
            float[] logProbs = new float[tokens.length];
            float[] values = sampling.values() ? new float[tokens.length] : null;
            List<String> words = new ArrayList<>(tokens.length);
            for (int t = 0; t < tokens.length; t++) {
                double[] row = table.get(row(prompts.get(i), tokens, t));
                float[] logits = new float[positions.get(t).size()];
                for (int k = 0; k < logits.length; k++) {
                    logits[k] = (float) row[k];
                }
                tokens[t] = sampler.draw(logits, 0, logits.length, streams.get(i).nextDouble());
                words.add(positions.get(t).get(tokens[t]));
                logProbs[t] = (float) sampler.logProb();
                if (values != null) {
                    values[t] = (float) row[width];
                }
            }
            responses.add(Response.sampled(String.join(" ", words), logProbs, values, new Tokens(positions, tokens)));
        }
        return responses;
    }

    private static double logSumExp(double[] z, int n) {
        double max = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < n; k++) {
            max = Math.max(max, z[k]);
        }
        double sum = 0;
        for (int k = 0; k < n; k++) {
            sum += Math.exp(z[k] - max);
        }
        return max + Math.log(sum);
    }

    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        try (NDManager scope = manager.newSubManager()) {
            ScoreArrays arrays = new Scorer(scope, null).score(prompts, responses, request);
            return new Scores(rows(arrays.logProbs()), rows(arrays.values()), rows(arrays.entropy()),
                    arrays.divergences().stream().map(TabularPolicy::rows).toList());
        }
    }

    private static float[][] rows(NDArray array) {
        if (array == null) {
            return null;
        }
        int columns = (int) array.getShape().get(1);
        float[] flat = array.toFloatArray();
        float[][] rows = new float[(int) array.getShape().get(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    /** Part of the table that a loss can be differentiated in: one row of the array a token. */
    private record Leaf(NDArray logits, NDArray values, int[] tableRows) {}

    /** Computes scores; when {@code leaves} is given, differentiably. */
    private final class Scorer {
        private final NDManager scope;
        private final List<Leaf> leaves;

        Scorer(NDManager scope, List<Leaf> leaves) {
            this.scope = scope;
            this.leaves = leaves;
        }

        ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            requireSameSize(prompts.size(), responses.size(), "responses");
            int rows = prompts.size();
            int length = positions.size();
            int[][] tokens = responses.stream().map(TabularPolicy.this::tokens).toArray(int[][]::new);
            int[] tableRows = tableRows(prompts, tokens);
            NDArray logits = TabularPolicy.this.logits(scope, tableRows, rows);
            NDArray values = request.values() ? values(tableRows, rows) : null;
            if (leaves != null) {
                logits.setRequiresGradient(true);
                if (values != null) {
                    values.setRequiresGradient(true);
                }
                leaves.add(new Leaf(logits, values, tableRows));
            }
            NDArray logProbs = logits.logSoftmax(-1);
            long[] chosen = new long[rows * length];
            for (int i = 0; i < chosen.length; i++) {
                chosen[i] = tokens[i / length][i % length];
            }
            NDArray picked = logProbs.gather(scope.create(chosen, new Shape(rows, length, 1)), 2).squeeze(2);
            if (request.smoothing() > 0) {
                picked = picked.exp().mul(scope.create((float) (1 - request.smoothing())))
                        .add(uniform(rows, request.smoothing()).max(new int[] {2})).log();
            }
            NDArray entropy = request.entropy() ? logProbs.exp().mul(logProbs).sum(new int[] {2}).neg() : null;
            List<NDArray> divergences = new ArrayList<>();
            for (ScoreRequest.Divergence divergence : request.divergences()) {
                if (!(divergence.target() instanceof TabularPolicy target)) {
                    throw new IllegalArgumentException("the target of a divergence is "
                            + divergence.target().getClass().getSimpleName() + "; a table compares itself with a table");
                }
                NDArray other = target.logits(scope, target.tableRows(divergence.targetPrompts(), tokens), rows).logSoftmax(2);
                if (divergence.smoothing() > 0) {
                    // 1e-37 only where a word is not allowed, and there it is multiplied by a probability of 0.
                    other = other.exp().mul(1 - divergence.smoothing())
                            .add(uniform(rows, divergence.smoothing())).maximum(1e-37).log();
                }
                divergences.add(logProbs.exp().mul(logProbs.sub(other)).sum(new int[] {2}));
            }
            return new ScoreArrays(scope.ones(new Shape(rows, length)), picked, values, entropy, divergences);
        }

        private NDArray values(int[] tableRows, int rows) {
            float[] flat = new float[tableRows.length];
            for (int i = 0; i < flat.length; i++) {
                flat[i] = (float) table.get(tableRows[i])[width];
            }
            return scope.create(flat, new Shape(rows, positions.size()));
        }

        /** ε / number of allowed words where a word is allowed, else 0. */
        private NDArray uniform(int rows, double epsilon) {
            float[] flat = new float[rows * positions.size() * width];
            for (int i = 0; i < rows * positions.size(); i++) {
                int allowed = positions.get(i % positions.size()).size();
                Arrays.fill(flat, i * width, i * width + allowed, (float) (epsilon / allowed));
            }
            return scope.create(flat, new Shape(rows, positions.size(), width));
        }
    }

    private int[] tableRows(List<Prompt> prompts, int[][] tokens) {
        requireSameSize(prompts.size(), tokens.length, "prompts");
        int length = positions.size();
        int[] rows = new int[tokens.length * length];
        for (int i = 0; i < tokens.length; i++) {
            for (int t = 0; t < length; t++) {
                rows[i * length + t] = row(prompts.get(i), tokens[i], t);
            }
        }
        return rows;
    }

    private NDArray logits(NDManager scope, int[] tableRows, int rows) {
        float[] flat = new float[tableRows.length * width];
        for (int i = 0; i < tableRows.length; i++) {
            double[] row = table.get(tableRows[i]);
            int allowed = positions.get(i % positions.size()).size();
            for (int k = 0; k < width; k++) {
                flat[i * width + k] = k < allowed ? (float) row[k] : NEVER;
            }
        }
        return scope.create(flat, new Shape(rows, positions.size(), width));
    }

    private static void requireSameSize(int rows, int found, String what) {
        if (rows != found) {
            throw new IllegalArgumentException(found + " " + what + " for " + rows + " prompts");
        }
    }

    @Override
    public void configureOptimizer(OptimizerConfig optimizerConfig) {
        config = optimizerConfig;
        steps = 0;
        firstMoments.forEach(row -> Arrays.fill(row, 0));
        secondMoments.forEach(row -> Arrays.fill(row, 0));
    }

    @Override
    public UpdateScope beginUpdate() {
        return new Update();
    }

    private final class Update implements UpdateScope {
        private final NDManager scope = manager.newSubManager();
        private final GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector();
        private final List<Leaf> leaves = new ArrayList<>();
        private boolean closed;

        @Override
        public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            return new Scorer(scope, leaves).score(prompts, responses, request);
        }

        @Override
        public NDArray array(float[][] rows, int columns) {
            float[] flat = new float[rows.length * columns];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(rows[i], 0, flat, i * columns, rows[i].length);
            }
            return scope.create(flat, new Shape(rows.length, columns));
        }

        @Override
        public void backward(NDArray loss) {
            collector.backward(loss);
        }

        @Override
        public double step(double learningRate) {
            double[][] gradient = gradient();
            double squares = 0;
            for (double[] row : gradient) {
                for (double g : row) {
                    squares += g * g;
                }
            }
            double norm = Math.sqrt(squares);
            if (!Double.isFinite(norm)) {
                throw new ArithmeticException("the gradient's norm is " + norm + "; the table is left as it was");
            }
            double scale = config.maxGradNorm() > 0 && norm > config.maxGradNorm() ? config.maxGradNorm() / norm : 1;
            steps++;
            double correction1 = 1 - Math.pow(config.beta1(), steps);
            double correction2 = 1 - Math.pow(config.beta2(), steps);
            for (int r = 0; r < gradient.length; r++) {
                double[] row = table.get(r);
                double[] m = firstMoments.get(r);
                double[] v = secondMoments.get(r);
                for (int k = 0; k < row.length; k++) {
                    double g = gradient[r][k] * scale;
                    row[k] -= learningRate * config.weightDecay() * row[k];
                    if (optimizer == Optimizer.SGD) {
                        row[k] -= learningRate * g;
                        continue;
                    }
                    m[k] = config.beta1() * m[k] + (1 - config.beta1()) * g;
                    v[k] = config.beta2() * v[k] + (1 - config.beta2()) * g * g;
                    row[k] -= learningRate * (m[k] / correction1) / (Math.sqrt(v[k] / correction2) + config.epsilon());
                }
            }
            return norm;
        }

        private double[][] gradient() {
            double[][] gradient = new double[table.size()][width + 1];
            for (Leaf leaf : leaves) {
                float[] logits = leaf.logits().getGradient().toFloatArray();
                float[] values = leaf.values() == null ? null : leaf.values().getGradient().toFloatArray();
                for (int i = 0; i < leaf.tableRows().length; i++) {
                    double[] row = gradient[leaf.tableRows()[i]];
                    for (int k = 0; k < width; k++) {
                        row[k] += logits[i * width + k];
                    }
                    if (values != null) {
                        row[width] += values[i];
                    }
                }
            }
            return gradient;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                collector.close();
                scope.close();
            }
        }
    }

    @Override
    public Policy snapshot() {
        TabularPolicy copy = new TabularPolicy(new ResponseFormat.Choices(positions), optimizer);
        copy.firstRows.putAll(firstRows);
        for (double[] row : table) {
            copy.table.add(row.clone());
            copy.firstMoments.add(new double[width + 1]);
            copy.secondMoments.add(new double[width + 1]);
        }
        return copy;
    }

    @Override
    public long parameterCount() {
        return (long) table.size() * (width + 1);
    }

    @Override
    public void save(Path folder) throws IOException {
        save(folder, about(), Map.of(TABLE, table));
    }

    @Override
    public void saveState(Path folder) throws IOException {
        Map<String, List<double[]>> arrays = new LinkedHashMap<>();
        arrays.put(TABLE, table);
        arrays.put(FIRST_MOMENTS, firstMoments);
        arrays.put(SECOND_MOMENTS, secondMoments);
        ObjectNode about = about().put(STEPS, steps);
        about.set("optimizer", JSON.valueToTree(config));
        save(folder, about, arrays);
    }

    private void save(Path folder, ObjectNode about, Map<String, List<double[]>> arrays) throws IOException {
        about.set("prompts", JSON.valueToTree(firstRows.keySet().stream().map(Prompt::segments).toList()));
        try (NDManager scope = manager.newSubManager()) {
            Map<String, NDArray> written = new LinkedHashMap<>();
            arrays.forEach((name, rows) -> {
                double[] flat = rows.stream().flatMapToDouble(Arrays::stream).toArray();
                written.put(name, scope.create(flat, new Shape(rows.size(), width + 1)));
            });
            PolicyFiles.write(folder, TabularProvider.ID, about, written);
        }
    }

    private ObjectNode about() {
        ObjectNode about = JSON.createObjectNode();
        about.set("positions", JSON.valueToTree(positions));
        return about;
    }

    @Override
    public void load(Path folder) throws IOException {
        Read read = read(folder, about(), List.of(TABLE));
        take(read.prompts());
        fill(table, read.arrays().get(0));
    }

    @Override
    public void loadState(Path folder) throws IOException {
        ObjectNode about = about();
        about.set("optimizer", JSON.valueToTree(config));
        Read read = read(folder, about, List.of(TABLE, FIRST_MOMENTS, SECOND_MOMENTS));
        take(read.prompts());
        fill(table, read.arrays().get(0));
        fill(firstMoments, read.arrays().get(1));
        fill(secondMoments, read.arrays().get(2));
        steps = read.steps();
    }

    private record Read(List<Prompt> prompts, List<double[]> arrays, long steps) {}

    private Read read(Path folder, ObjectNode about, List<String> names) throws IOException {
        try (NDManager scope = manager.newSubManager()) {
            PolicyFiles files = PolicyFiles.read(folder, TabularProvider.ID, about, scope);
            List<Prompt> prompts;
            try {
                List<List<Segment>> segments = JSON.convertValue(files.description().path("prompts"), new TypeReference<>() {});
                prompts = segments.stream().map(Prompt::new).toList();
            } catch (RuntimeException e) {
                throw new IOException(
                        folder.resolve(PolicyFiles.DESCRIPTION) + ": prompts are not lists of segments: " + e.getMessage(), e);
            }
            Shape expected = new Shape((long) prompts.size() * rowsPerPrompt, width + 1);
            List<double[]> arrays = new ArrayList<>();
            for (String name : names) {
                NDArray array = files.arrays().get(name);
                if (array == null || !array.getShape().equals(expected) || array.getDataType() != DataType.FLOAT64) {
                    throw new IOException(folder.resolve(PolicyFiles.PARAMETERS) + ": found "
                            + (array == null ? files.arrays().keySet() : array.getDataType() + " of shape " + array.getShape())
                            + "; expected " + name + ", FLOAT64 " + expected);
                }
                arrays.add(array.toDoubleArray());
            }
            return new Read(prompts, arrays, files.description().path(STEPS).asLong());
        }
    }

    /** Rows for these prompts and no others, all 0. */
    private void take(List<Prompt> prompts) {
        firstRows.clear();
        table.clear();
        firstMoments.clear();
        secondMoments.clear();
        for (Prompt prompt : prompts) {
            row(prompt, new int[0], 0);
        }
    }

    private void fill(List<double[]> rows, double[] flat) {
        for (int r = 0; r < rows.size(); r++) {
            System.arraycopy(flat, r * (width + 1), rows.get(r), 0, width + 1);
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
