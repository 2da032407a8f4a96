package io.parley.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a policy that can be trained promises beside {@link PolicyContract}. Before each test the policy takes a few steps
 * in a random direction, so that it is not at a symmetric start. Dropout, if it has any, is to be switched off in
 * {@link #configuration}.
 */
public abstract class TrainablePolicyContract extends PolicyContract {
    private static final Clause TRAINABLE = new Clause(PolicyProvider.class,
            "A provider whose policies can be trained returns TrainablePolicy.");
    private static final Clause SCORES = new Clause(UpdateScope.class, "As Policy#score, differentiable");
    private static final Clause PADDED = new Clause(ScoreArrays.class,
            "1 at tokens of the response, 0 past its end; no gradient");
    private static final Clause GRADIENT = new Clause(UpdateScope.class, "Euclidean norm of the gradient before clipping");
    private static final Clause ADDS = new Clause(UpdateScope.class, "Adds the gradient of a scalar loss.");
    private static final Clause FINITE = new Clause(UpdateScope.class,
            "if the gradient is not finite; the parameters are left as they were");
    private static final Clause UNDONE = new Clause(UpdateScope.class,
            "An update that is closed without a step changes nothing.");
    private static final Clause FROZEN = new Clause(TrainablePolicy.class, "The policy as it is now, frozen.");
    private static final Clause WRITES = new Clause(TrainablePolicy.class, "Writes the trained parameters");
    private static final Clause READS = new Clause(TrainablePolicy.class,
            "if a file is absent, truncated or of another shape or base; the message names the file, what was found and what was "
                    + "expected, and the policy is left as it was");
    private static final Clause FORGETS = new Clause(TrainablePolicy.class,
            "Sets the optimiser and forgets its moments and step count.");
    private static final Clause GOES_ON = new Clause(TrainablePolicy.class,
            "from which training goes on as if it had not been cut off");
    private static final Clause SAME_OPTIMISER = new Clause(TrainablePolicy.class, "and if the optimiser was another");
    private static final Clause PARTS = new Clause(TrainablePolicy.class, "lists of indices, in order, each index once");
    private static final Clause LENGTHS = new Clause(TrainablePolicy.class, "the lengths of its rows of log-probabilities");
    private static final Clause DIVERGENCE = new Clause(ScoreRequest.class,
            "in nats, at each token of the response, where π is the policy that scores");

    @TempDir
    private Path folder;

    /** For contracts outside this package to extend. */
    protected TrainablePolicyContract() {}

    @Override
    TrainablePolicy make(PluginSpec spec, PluginContext context) {
        Policy policy = super.make(spec, context);
        if (policy instanceof TrainablePolicy trainable) {
            return trainable;
        }
        policy.close();
        throw TRAINABLE.broken("it returns a " + policy.getClass().getName(), null);
    }

    /** Every prompt with a response of random words, and a weight in [−1, 1] for each of its tokens. */
    private final class Batch {
        final List<Prompt> prompts = prompts();
        final List<Response> responses = new ArrayList<>();
        final float[][] weights;

        Batch(Policy policy, long seed) {
            RandomGenerator random = new RandomStreams(seed).stream("testkit", 0, 0, 0);
            for (int i = 0; i < prompts.size(); i++) {
                responses.add(Play.response(task().text(), random));
            }
            float[][] tokens = score(policy, prompts, responses, ScoreRequest.logProbs()).logProbs();
            weights = new float[tokens.length][];
            for (int i = 0; i < tokens.length; i++) {
                weights[i] = new float[tokens[i].length];
                for (int t = 0; t < tokens[i].length; t++) {
                    weights[i][t] = (float) (2 * random.nextDouble() - 1);
                }
            }
        }

        /** Σ weight·log π, in double precision. */
        double loss(Policy policy) {
            float[][] logProbs = policy.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
            double loss = 0;
            for (int i = 0; i < weights.length; i++) {
                for (int t = 0; t < weights[i].length; t++) {
                    loss += weights[i][t] * (double) logProbs[i][t];
                }
            }
            return loss;
        }

        NDArray loss(UpdateScope scope, int from, int to) {
            ScoreArrays scores = scope.score(prompts.subList(from, to), responses.subList(from, to), ScoreRequest.logProbs());
            float[][] rows = Arrays.copyOfRange(weights, from, to);
            return scores.logProbs().mul(scope.array(rows, (int) scores.logProbs().getShape().get(1))).sum();
        }

        /** One step along ±the loss; returns the gradient's norm. */
        double step(TrainablePolicy policy, double rate, float sign) {
            try (UpdateScope scope = policy.beginUpdate()) {
                scope.backward(loss(scope, 0, prompts.size()).mul(scope.constant(sign)));
                return scope.step(rate);
            }
        }
    }

    @Override
    TrainablePolicy policy() {
        TrainablePolicy policy = make(spec(), context(3));
        Batch batch = new Batch(policy, 29);
        policy.configureOptimizer(OptimizerConfig.adam());
        for (int i = 0; i < 10; i++) {
            batch.step(policy, 0.03, 1);
        }
        return policy;
    }

    private float[][] scores(Policy policy) {
        Batch batch = new Batch(policy, 31);
        return policy.score(batch.prompts, batch.responses, ScoreRequest.logProbs()).logProbs();
    }

    private Path saved(TrainablePolicy policy, String name) {
        try {
            policy.save(folder.resolve(name));
        } catch (IOException e) {
            throw WRITES.broken("save threw " + e, e);
        }
        return folder.resolve(name);
    }

    @Test
    void anUpdateScoresAsThePolicyDoes() {
        try (TrainablePolicy policy = policy()) {
            Batch batch = new Batch(policy, 31);
            Scores expected = policy.score(batch.prompts, batch.responses, ScoreRequest.logProbs().withEntropy());
            policy.configureOptimizer(OptimizerConfig.adam());
            try (UpdateScope scope = policy.beginUpdate()) {
                ScoreArrays found = scope.score(batch.prompts, batch.responses, ScoreRequest.logProbs().withEntropy());
                float[][] mask = rows(found.mask());
                for (int i = 0; i < mask.length; i++) {
                    for (int t = 0; t < mask[i].length; t++) {
                        float wanted = t < expected.logProbs()[i].length ? 1 : 0;
                        float is = mask[i][t];
                        PADDED.require(is == wanted, () -> "the mask holds " + is + " where it should be " + wanted);
                    }
                }
                SCORES.close(padded(expected.logProbs(), mask[0].length), rows(found.logProbs()), ROUNDING,
                        "log-probabilities by score, and in an update");
                SCORES.close(padded(expected.entropy(), mask[0].length), rows(found.entropy()), ROUNDING,
                        "entropies by score, and in an update");
            }
        }
    }

    private static float[][] padded(float[][] rows, int columns) {
        float[][] padded = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            padded[i] = Arrays.copyOf(rows[i], columns);
        }
        return padded;
    }

    private static float[][] rows(NDArray array) {
        int columns = (int) array.getShape().get(1);
        float[] flat = array.stopGradient().toFloatArray();
        float[][] rows = new float[flat.length / columns][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    /** An ε far above the gradient turns AdamW's first step into θ − h·g, with h = rate/ε. */
    private static final double FAR = 1e4;
    private static final OptimizerConfig DESCENT = new OptimizerConfig(0.9, 0.999, FAR, 0, 0);

    /**
     * The gradient is what a step takes from the parameters that are saved; the loss is that of what is loaded when these have
     * been moved. Along the gradient the slope is its length, which shows a wrong factor best; but so it is along a gradient of
     * which a part was dropped, as the length of what is left. Random directions show what is missing. Arrays in the file that
     * hold no fractions are no parameters.
     */
    @Test
    void gradientsAgreeWithFiniteDifferences() throws IOException {
        try (TrainablePolicy policy = policy()) {
            Batch batch = new Batch(policy, 31);
            Path folder = saved(policy, "here");
            double[] here = parameters(folder);
            policy.configureOptimizer(DESCENT);
            double norm = batch.step(policy, FAR, 1);
            double[] gradient = parameters(saved(policy, "there"));
            Arrays.setAll(gradient, i -> here[i] - gradient[i]);
            double length = Math.sqrt(product(gradient, gradient));
            GRADIENT.require(norm > 0 && Math.abs(length / norm - 1) < 0.01, () -> String.format(Locale.ROOT,
                    "a step of plain descent moves the parameters by %.5g, and step() says that the gradient is %.5g long",
                    length, norm));
            double slope = slope(policy, batch, folder, here, gradient, 0.004 / length) / length;
            GRADIENT.require(Math.abs(slope / norm - 1) < 0.02, () -> String.format(Locale.ROOT,
                    "along the gradient the loss changes by %.5g for each unit of length, and step() says that the gradient is "
                            + "%.5g long", slope, norm));
            RandomGenerator random = new RandomStreams(41).stream("testkit", 0, 0, 0);
            for (int k = 0; k < 5; k++) {
                double[] direction = new double[here.length];
                Arrays.setAll(direction, i -> random.nextGaussian());
                double expected = product(direction, gradient);
                double found = slope(policy, batch, folder, here, direction, 0.001);
                ADDS.require(Math.abs(found - expected) < 0.05 * norm, () -> String.format(Locale.ROOT,
                        "where the parameters move in a random direction the loss changes by %.5g for each unit, and by the "
                                + "gradient, %.5g long, it would change by %.5g", found, norm, expected));
            }
        }
    }

    /** Of the loss where the saved parameters move in a direction, by how often it is added to them. */
    private static double slope(
            TrainablePolicy policy, Batch batch, Path folder, double[] here, double[] direction, double step) throws IOException {
        double difference = 0;
        for (int sign = 1; sign >= -1; sign -= 2) {
            double[] moved = here.clone();
            for (int i = 0; i < moved.length; i++) {
                moved[i] += sign * step * direction[i];
            }
            write(folder, moved);
            policy.load(folder);
            difference += sign * batch.loss(policy);
        }
        return difference / (2 * step);
    }

    private static double product(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /** The numbers that are saved in a folder, one array behind the other. */
    private static double[] parameters(Path folder) {
        try (NDManager scratch = Engine.getEngine("PyTorch").newBaseManager()) {
            return PolicyFiles.read(folder, scratch).arrays().values().stream().filter(array -> array.getDataType().isFloating())
                    .flatMapToDouble(array -> Arrays.stream(array.toType(DataType.FLOAT64, false).toDoubleArray())).toArray();
        } catch (IOException e) {
            throw WRITES.broken("what was saved is not of the form that PolicyFiles reads: " + e.getMessage(), e);
        }
    }

    /** Puts others in their place. */
    private static void write(Path folder, double[] parameters) throws IOException {
        try (NDManager scratch = Engine.getEngine("PyTorch").newBaseManager()) {
            PolicyFiles files = PolicyFiles.read(folder, scratch);
            Map<String, NDArray> arrays = new LinkedHashMap<>(files.arrays());
            int at = 0;
            for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
                NDArray array = entry.getValue();
                if (array.getDataType().isFloating()) {
                    int end = at + (int) array.size();
                    entry.setValue(scratch.create(Arrays.copyOfRange(parameters, at, end), array.getShape())
                            .toType(array.getDataType(), false));
                    at = end;
                }
            }
            PolicyFiles.write(folder, files.description().path("id").asText(), (ObjectNode) files.description(), arrays);
        }
    }

    @Test
    void gradientsOfPartsAddUp() throws IOException {
        try (TrainablePolicy policy = policy()) {
            Batch batch = new Batch(policy, 31);
            policy.configureOptimizer(DESCENT);
            double whole = batch.step(policy, 0, 1);
            double parts;
            int half = batch.prompts.size() / 2;
            try (UpdateScope scope = policy.beginUpdate()) {
                scope.backward(batch.loss(scope, 0, half));
                scope.backward(batch.loss(scope, half, batch.prompts.size()));
                parts = scope.step(0);
            }
            ADDS.require(Math.abs(parts / whole - 1) < 1e-3, () -> "the norm of the gradient is " + whole + " for one loss and "
                    + parts + " for the two halves of it");
        }
    }

    @Test
    void aGradientThatIsNotFiniteChangesNothing() {
        try (TrainablePolicy policy = policy()) {
            float[][] before = scores(policy);
            Batch batch = new Batch(policy, 31);
            policy.configureOptimizer(OptimizerConfig.adam());
            try (UpdateScope scope = policy.beginUpdate()) {
                scope.backward(batch.loss(scope, 0, batch.prompts.size()).mul(Float.NaN));
                FINITE.refused(ArithmeticException.class, () -> scope.step(0.1), "a loss of NaN");
            }
            FINITE.close(before, scores(policy), 0, "scores before and after a loss of NaN");
        }
    }

    @Test
    void aSnapshotIsIsolated() {
        try (TrainablePolicy policy = policy(); Policy snapshot = policy.snapshot()) {
            float[][] before = scores(policy);
            FROZEN.close(before, scores(snapshot), 0, "scores of the policy, and of its snapshot");
            policy.configureOptimizer(OptimizerConfig.adam());
            new Batch(policy, 37).step(policy, 0.1, 1);
            FROZEN.close(before, scores(snapshot), 0, "scores of a snapshot before and after a step of the policy");
            FROZEN.require(!Arrays.deepEquals(before, scores(policy)), () -> "a step of rate 0.1 did not change the policy");
        }
    }

    @Test
    void savesAndLoadsExactly() throws IOException {
        try (TrainablePolicy policy = policy(); TrainablePolicy other = make(spec(), context(4))) {
            float[][] before = scores(policy);
            Path here = saved(policy, "here");
            WRITES.require(Files.isRegularFile(here.resolve("policy.safetensors"))
                    && Files.isRegularFile(here.resolve("policy.json")),
                    () -> "save wrote no policy.safetensors and policy.json into " + here);
            policy.configureOptimizer(OptimizerConfig.adam());
            new Batch(policy, 37).step(policy, 0.1, 1);
            policy.load(here);
            WRITES.close(before, scores(policy), 0, "scores when saved, and when loaded again");
            other.load(here);
            WRITES.close(before, scores(other), 0, "scores when saved, and when loaded by a policy of another seed");
        }
    }

    @Test
    void refusesFilesThatAreNotWhole() throws IOException {
        try (TrainablePolicy policy = policy()) {
            Path here = saved(policy, "here");
            policy.configureOptimizer(OptimizerConfig.adam());
            new Batch(policy, 37).step(policy, 0.1, 1);
            float[][] before = scores(policy);
            READS.refused(IOException.class, () -> policy.load(folder.resolve("nothing-here")), "a folder that is not there");
            Path file = here.resolve("policy.safetensors");
            byte[] whole = Files.readAllBytes(file);
            for (int length : new int[] {whole.length / 2, 0}) {
                Files.write(file, Arrays.copyOf(whole, length));
                IOException refusal = READS.refused(IOException.class, () -> policy.load(here),
                        "policy.safetensors with " + length + " of its " + whole.length + " bytes");
                READS.require(String.valueOf(refusal.getMessage()).contains("policy.safetensors"),
                        () -> "the message about a truncated policy.safetensors is '" + refusal.getMessage() + "'");
                READS.close(before, scores(policy), 0, "scores before and after a truncated file was refused");
            }
        }
    }

    @Test
    void configuringTheOptimiserForgetsItsMoments() throws IOException {
        try (TrainablePolicy policy = policy()) {
            Batch batch = new Batch(policy, 31);
            Path here = saved(policy, "here");
            float[][][] after = new float[2][][];
            for (int k = 0; k < 2; k++) {
                policy.load(here);
                policy.configureOptimizer(OptimizerConfig.adam());
                batch.step(policy, 0.05, 1);
                after[k] = scores(policy);
                policy.configureOptimizer(OptimizerConfig.adam());
                batch.step(policy, 0.05, -1);
                batch.step(policy, 0.05, -1);
            }
            FORGETS.close(after[0], after[1], 0,
                    "scores after a first step, and after it was taken again from the same parameters");
            policy.load(here);
            policy.configureOptimizer(OptimizerConfig.adam());
            batch.step(policy, 0.05, -1);
            policy.load(here);
            policy.configureOptimizer(OptimizerConfig.adam());
            batch.step(policy, 0.05, 1);
            FORGETS.close(after[0], scores(policy), 0,
                    "scores after a first step, with and without other steps before configureOptimizer,");
        }
    }

    /** Steps with momentum and clipping, in states that were met before the state was written and in others. */
    @Test
    void trainingGoesOnFromWhatWasWritten() throws IOException {
        OptimizerConfig config = new OptimizerConfig(0.9, 0.999, 1e-8, 0.01, 0.5);
        Path here = folder.resolve("state");
        try (TrainablePolicy policy = policy(); TrainablePolicy other = make(spec(), context(4))) {
            policy.configureOptimizer(config);
            Batch batch = new Batch(policy, 31);
            for (int i = 0; i < 3; i++) {
                batch.step(policy, 0.03, 1);
            }
            try {
                policy.saveState(here);
            } catch (UnsupportedOperationException e) {
                abort("it keeps no state of its training, which begins anew when it is cut off");
            }
            other.configureOptimizer(config);
            other.loadState(here);
            GOES_ON.close(scores(policy), scores(other), 0, "scores when the state was written, and when it was read");
            for (TrainablePolicy each : List.of(policy, other)) {
                for (int i = 0; i < 3; i++) {
                    batch.step(each, 0.03, i == 1 ? -1 : 1);
                    new Batch(policy, 37 + i).step(each, 0.02, 1);
                }
            }
            GOES_ON.close(scores(policy), scores(other), 0,
                    "scores after some more steps, and after the same steps from what was read,");
            float[][] before = scores(other);
            other.configureOptimizer(OptimizerConfig.adam());
            SAME_OPTIMISER.refused(IOException.class, () -> other.loadState(here), "the state with weight decay, without it,");
            SAME_OPTIMISER.close(before, scores(other), 0, "scores before and after a state was refused");
        }
    }

    @Test
    void anUpdateThatIsClosedWithoutAStepChangesNothing() {
        try (TrainablePolicy policy = policy()) {
            float[][] before = scores(policy);
            Batch batch = new Batch(policy, 31);
            policy.configureOptimizer(OptimizerConfig.adam());
            try (UpdateScope scope = policy.beginUpdate()) {
                scope.backward(batch.loss(scope, 0, batch.prompts.size()));
            }
            UNDONE.close(before, scores(policy), 0, "scores before and after an update that was closed without a step");
            batch.step(policy, 0.1, 1);
        }
    }

    @Test
    void microBatchesHoldEachRowOnce() {
        try (TrainablePolicy policy = policy()) {
            Batch batch = new Batch(policy, 31);
            int next = 0;
            for (int[] part : policy.microBatches(batch.prompts, batch.responses)) {
                for (int row : part) {
                    int expected = next++;
                    PARTS.require(row == expected, () -> "found " + row + " in the place of " + expected);
                }
            }
            int found = next;
            PARTS.require(found == batch.prompts.size(), () -> found + " of " + batch.prompts.size() + " rows");
        }
    }

    @Test
    void responseLengthsAreThoseOfTheScores() {
        try (TrainablePolicy policy = policy()) {
            Batch batch = new Batch(policy, 31);
            float[][] scored = score(policy, batch.prompts, batch.responses, ScoreRequest.logProbs()).logProbs();
            int[] lengths = policy.responseLengths(batch.prompts, batch.responses);
            for (int i = 0; i < scored.length; i++) {
                int row = i;
                LENGTHS.require(lengths.length == scored.length && lengths[row] == scored[row].length,
                        () -> "row " + row + " has " + scored[row].length
                                + " scores, and its lengths are " + Arrays.toString(lengths));
            }
        }
    }

    /** KL(π ‖ π) is 0; KL to another state is at least 0, and Σ π·(log π − log target) where all responses can be tried. */
    @Test
    void divergencesAreExact() {
        try (TrainablePolicy policy = policy(); Policy snapshot = policy.snapshot()) {
            Batch batch = new Batch(policy, 31);
            List<Prompt> others = new ArrayList<>(batch.prompts);
            Collections.reverse(others);
            ScoreRequest request = ScoreRequest.logProbs().withDivergences(List.of(
                    new ScoreRequest.Divergence(policy, batch.prompts, 0),
                    new ScoreRequest.Divergence(snapshot, batch.prompts, 0),
                    new ScoreRequest.Divergence(policy, others, 0.2)));
            List<float[][]> found = score(policy, batch.prompts, batch.responses, request).divergences();
            DIVERGENCE.require(found != null && found.size() == 3, () -> "three divergences were asked for, and there are "
                    + (found == null ? 0 : found.size()));
            float[][] none = new float[found.get(0).length][];
            for (int i = 0; i < none.length; i++) {
                none[i] = new float[found.get(0)[i].length];
            }
            DIVERGENCE.close(none, found.get(0), ROUNDING, "the divergence from itself should be 0, it");
            DIVERGENCE.close(none, found.get(1), ROUNDING, "the divergence from a snapshot of itself should be 0, it");
            float[][] sums = firstTokenDivergence(policy, batch.prompts, others, 0.2);
            float[][] first = new float[sums.length][];
            for (int i = 0; i < first.length; i++) {
                first[i] = new float[] {found.get(2)[i][0]};
            }
            DIVERGENCE.close(sums, first, ROUNDING, "the first token's divergence from other prompts by its sum, and as given");
        }
    }

    private float[][] firstTokenDivergence(Policy policy, List<Prompt> prompts, List<Prompt> others, double smoothing) {
        if (!(task().text().format() instanceof ResponseFormat.Choices choices)) {
            return abort("free texts cannot be enumerated");
        }
        float[][] sums = new float[prompts.size()][1];
        String rest = String.join(" ", choices.positions().stream().skip(1).map(words -> words.get(0)).toList());
        for (String word : choices.positions().get(0)) {
            List<Response> responses = Collections.nCopies(prompts.size(), Response.of((word + " " + rest).trim()));
            float[][] own = policy.score(prompts, responses, ScoreRequest.logProbs()).logProbs();
            float[][] target = policy.score(others, responses, ScoreRequest.logProbs().withSmoothing(smoothing)).logProbs();
            for (int i = 0; i < sums.length; i++) {
                sums[i][0] += (float) (Math.exp(own[i][0]) * (own[i][0] - target[i][0]));
            }
        }
        return sums;
    }
}
