package io.parley.algorithms.dpo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.task.Counterfactual;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.MiniBatches;
import io.parley.core.training.Preference;
import io.parley.core.training.PreferenceSource;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.Preferences;
import io.parley.core.training.Regularizer;
import io.parley.core.training.Regularizer.Need;
import io.parley.core.training.RegularizerProvider;
import io.parley.core.training.TrainingContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Direct preference optimisation (Rafailov et al., NeurIPS 2023) and identity preference optimisation (Azar et al.,
 * AISTATS 2024). With the margin h = [log π(y_w|x) − log π_ref(y_w|x)] − [log π(y_l|x) − log π_ref(y_l|x)],
 *
 * <ul>
 *   <li>DPO minimises −log σ(β·h), log-probabilities being sums over response tokens;
 *   <li>IPO minimises (h − 1/(2β))², log-probabilities being means over response tokens as in TRL; the paper has sums.
 * </ul>
 *
 * <p>The pairs are made or read once; π_ref is the policy before the first update and scores them once. The value head
 * is not trained.
 */
final class Dpo implements AlignmentAlgorithm {
    /** Which loss. */
    enum Loss { DPO, IPO }

    private final Loss kind;
    private final DpoConfig config;
    private final PluginContext plugins;

    Dpo(Loss kind, DpoConfig config, PluginContext plugins) {
        this.kind = kind;
        this.config = config;
        this.plugins = plugins;
        source();
        regularizers();
    }

    private PreferenceSource source() {
        PluginSpec spec = config.preferences();
        try {
            return plugins.plugins().find(PreferenceSourceProvider.class, spec.id()).configured(spec, plugins);
        } catch (ConfigurationException e) {
            throw e.at("preferences");
        }
    }

    private List<Regularizer> regularizers() {
        List<Regularizer> made = new ArrayList<>();
        for (PluginSpec spec : config.regularizers()) {
            String path = "regularizers[" + made.size() + "]";
            Regularizer regularizer;
            try {
                regularizer = plugins.plugins().find(RegularizerProvider.class, spec.id()).configured(spec, plugins);
            } catch (ConfigurationException e) {
                throw e.at(path);
            }
            if (regularizer.place() == Regularizer.Place.REWARD) {
                throw new ConfigurationException(path, "'" + spec.id() + "' acts in the reward of a token, and a preference loss "
                        + "has no reward to add it to; give it a place in the loss, such as {place: loss, estimator: full}");
            }
            if (!regularizer.needs().contains(Need.FULL_DISTRIBUTION) && !regularizer.needs().contains(Need.ENTROPY)) {
                throw new ConfigurationException(path, "'" + spec.id() + "' estimates an expectation over the policy's own "
                        + "responses, and the responses here are those of the pairs; use one that takes the full distribution, "
                        + "such as {place: loss, estimator: full}");
            }
            made.add(regularizer);
        }
        return made;
    }

    @Override
    public void train(TrainingContext context, TrainablePolicy policy) {
        Preferences preferences = source().preferences(context, policy);
        List<Preference> pairs = preferences.pairs();
        List<Regularizer> regularizers = regularizers();
        List<Counterfactual> counterfactuals = regularizers.stream().flatMap(r -> r.counterfactuals().stream()).toList();
        policy.configureOptimizer(new OptimizerConfig(0.9, 0.999, 1e-8, config.weightDecay(), config.maxGradNorm()));
        boolean referred = regularizers.stream().anyMatch(regularizer -> regularizer.needs().contains(Need.REFERENCE));
        try (Policy reference = referred ? policy.snapshot() : null) {
            List<Row> rows = rows(context, policy, pairs, counterfactuals);
            List<Prompt> prompts = rows.stream().map(row -> row.pair().prompt()).toList();
            boolean whole = config.wholeDialogues() == null
                    ? MiniBatches.wholeByDefault(context.task().rounds())
                    : config.wholeDialogues();
            Progress begun = context.checkpoint().restore(policy, Progress.class)
                    .orElse(new Progress(0, 0, 0, new double[Losses.NAMES.size()], List.of()));
            for (int r = 0; r < begun.regularizers().size(); r++) {
                regularizers.get(r).restore(begun.regularizers().get(r));
            }
            long updates = begun.updates();
            for (int epoch = begun.epoch(); epoch < config.epochs(); epoch++) {
                double[] sums = epoch == begun.epoch() ? begun.sums().clone() : new double[Losses.NAMES.size()];
                int done = epoch == begun.epoch() ? begun.batches() : 0;
                List<int[]> batches = MiniBatches.shuffled(prompts, config.batchSize(), whole, context.streams(), epoch);
                for (int[] batch : batches.subList(done, batches.size())) {
                    context.checkCancelled();
                    float[] measured = update(policy, reference, Arrays.stream(batch).mapToObj(rows::get).toList(), regularizers);
                    for (int m = 0; m < sums.length; m++) {
                        sums[m] += measured[m];
                    }
                    updates++;
                    done++;
                    List<JsonNode> states = regularizers.stream().map(Regularizer::state).toList();
                    if (!states.contains(null)) {
                        context.checkpoint().keep(policy, new Progress(epoch, done, updates, sums.clone(), states));
                    }
                }
                Map<String, Double> metrics = new TreeMap<>(
                        Map.of("epoch", epoch + 1.0, "pairs", (double) pairs.size(), "updates", (double) updates));
                for (int m = 0; m < sums.length && !pairs.isEmpty(); m++) {
                    metrics.put(Losses.NAMES.get(m), sums[m] / pairs.size());
                }
                metrics.put("tokens", (double) preferences.tokens());
                context.metrics().record(preferences.responses(), metrics);
            }
        }
    }

    /**
     * How far it is. The pairs are not kept: the same start and streams give them again.
     *
     * @param batches done in this epoch
     * @param updates made in all epochs
     * @param sums what {@link Losses} measured in this epoch
     * @param regularizers their states
     */
    record Progress(int epoch, int batches, long updates, double[] sums, List<JsonNode> regularizers) {}

    /**
     * A pair with what does not change while training.
     *
     * @param chosenReference log π_ref(y_w|x), summed or averaged over tokens as the loss says
     * @param rejectedReference log π_ref(y_l|x), likewise
     * @param counterfactuals the prompt's counterfactual states
     */
    record Row(Preference pair, float chosenReference, float rejectedReference, List<Prompt> counterfactuals) {}

    private List<Row> rows(
            TrainingContext context, Policy reference, List<Preference> pairs, List<Counterfactual> counterfactuals) {
        List<Prompt> prompts = pairs.stream().map(Preference::prompt).toList();
        List<List<Prompt>> cuts = new ArrayList<>();
        for (int c = 0; c < counterfactuals.size(); c++) {
            cuts.add(prompts.isEmpty() ? prompts
                    : counterfactuals.get(c).cut(prompts, context.streams().stream("counterfactual", 0, 0, c)));
        }
        List<Row> rows = new ArrayList<>(pairs.size());
        for (int start = 0; start < pairs.size(); start += config.batchSize()) {
            context.checkCancelled();
            int end = Math.min(pairs.size(), start + config.batchSize());
            List<List<Prompt>> versions = new ArrayList<>();
            for (int i = start; i < end; i++) {
                List<Prompt> all = new ArrayList<>();
                all.add(prompts.get(i));
                for (List<Prompt> cut : cuts) {
                    all.add(cut.get(i));
                }
                versions.add(reference.fit(all));
            }
            List<Prompt> fitted = versions.stream().map(v -> v.get(0)).toList();
            // Both responses of a pair in one call: a policy may compute their prompt once.
            int n = fitted.size();
            List<Prompt> twice = new ArrayList<>(fitted);
            twice.addAll(fitted);
            List<Response> responses = new ArrayList<>(2 * n);
            pairs.subList(start, end).forEach(pair -> responses.add(pair.chosen()));
            pairs.subList(start, end).forEach(pair -> responses.add(pair.rejected()));
            float[][] logProbs = reference.score(twice, responses, ScoreRequest.logProbs()).logProbs();
            for (int i = start; i < end; i++) {
                Preference pair = pairs.get(i);
                List<Prompt> all = versions.get(i - start);
                rows.add(new Row(new Preference(all.get(0), pair.chosen(), pair.rejected()),
                        total(logProbs[i - start]), total(logProbs[n + i - start]), List.copyOf(all.subList(1, all.size()))));
            }
        }
        return rows;
    }

    private float total(float[] logProbs) {
        double sum = 0;
        for (float logProb : logProbs) {
            sum += logProb;
        }
        return (float) (kind == Loss.IPO ? sum / logProbs.length : sum);
    }

    /** One step; returns {@link Losses#measured()}. */
    private float[] update(TrainablePolicy policy, Policy reference, List<Row> batch, List<Regularizer> regularizers) {
        List<Prompt> prompts = new ArrayList<>();
        List<Response> responses = new ArrayList<>();
        for (Row row : batch) {
            prompts.addAll(List.of(row.pair().prompt(), row.pair().prompt()));
            responses.addAll(List.of(row.pair().chosen(), row.pair().rejected()));
        }
        float[] sums = new float[Losses.NAMES.size()];
        int done = 0;
        int rows = 0;
        try (UpdateScope scope = policy.beginUpdate()) {
            for (int[] part : policy.microBatches(prompts, responses)) {
                rows += part.length;
                // A pair that a part divides goes with the next one, whose rows begin with its prompt anyway.
                int end = rows / 2;
                if (end == done) {
                    continue;
                }
                Losses losses = losses(scope, policy, reference, batch.subList(done, end), regularizers);
                done = end;
                scope.backward(losses.total().div(scope.constant(batch.size())));
                float[] measured = losses.measured().toFloatArray();
                for (int m = 0; m < sums.length; m++) {
                    sums[m] += measured[m];
                }
            }
            scope.step(config.learningRate());
        }
        return sums;
    }

    /**
     * @param total scalar, the sum over pairs
     * @param measured sums over pairs, in the order of {@link #NAMES}; no gradient
     */
    record Losses(NDArray total, NDArray measured) {
        /**
         * {@code chosenLogRatio} is log π(y_w|x) − log π_ref(y_w|x): below 0 both responses lose to others that no pair shows.
         */
        static final List<String> NAMES = List.of("loss", "margin", "preferenceAccuracy", "chosenLogRatio");
    }

    /** Scores both responses of every pair in one forward pass: the chosen ones in the first half of the rows. */
    Losses losses(UpdateScope scope, Policy policy, Policy reference, List<Row> pairs, List<Regularizer> regularizers) {
        int n = pairs.size();
        List<Prompt> prompts = new ArrayList<>(2 * n);
        List<Response> responses = new ArrayList<>(2 * n);
        float[][] references = new float[2 * n][];
        for (int i = 0; i < n; i++) {
            prompts.add(pairs.get(i).pair().prompt());
            responses.add(pairs.get(i).pair().chosen());
            references[i] = new float[] {pairs.get(i).chosenReference()};
            references[n + i] = new float[] {pairs.get(i).rejectedReference()};
        }
        prompts.addAll(prompts.subList(0, n));
        for (Row row : pairs) {
            responses.add(row.pair().rejected());
        }

        ScoreRequest request = ScoreRequest.logProbs();
        List<Regularizer.Batch> batches = new ArrayList<>();
        List<ScoreRequest.Divergence> divergences = new ArrayList<>();
        int[] firstDivergence = new int[regularizers.size() + 1];
        int cut = 0;
        for (int r = 0; r < regularizers.size(); r++) {
            List<List<Prompt>> cuts = new ArrayList<>();
            for (int c = 0; c < regularizers.get(r).counterfactuals().size(); c++, cut++) {
                List<Prompt> once = new ArrayList<>(n);
                for (Row row : pairs) {
                    once.add(row.counterfactuals().get(cut));
                }
                List<Prompt> twice = new ArrayList<>(once);
                twice.addAll(once);
                cuts.add(twice);
            }
            Policy needed = regularizers.get(r).needs().contains(Need.REFERENCE) ? reference : null;
            batches.add(new Regularizer.Batch(policy, needed, prompts, cuts, responses, Collections.nCopies(2 * n, "")));
            divergences.addAll(regularizers.get(r).divergences(batches.get(r)));
            request = regularizers.get(r).needs().contains(Need.ENTROPY) ? request.withEntropy() : request;
            firstDivergence[r + 1] = divergences.size();
        }

        ScoreArrays scores = scope.score(prompts, responses, request.withDivergences(divergences));
        NDArray logProbs = scores.logProbs().mul(scores.mask()).sum(new int[] {1});
        NDArray lengths = scores.mask().sum(new int[] {1});
        NDArray logRatios = (kind == Loss.IPO ? logProbs.div(lengths) : logProbs).sub(scope.array(references, 1).squeeze(1));
        NDArray margins = logRatios.get(":" + n).sub(logRatios.get(n + ":"));
        NDArray losses = kind == Loss.IPO
                ? margins.sub(1 / (2 * config.beta())).square()
                : softplus(margins.mul(scope.constant(-config.beta())), scope);

        NDArray total = losses.sum();
        for (int r = 0; r < regularizers.size(); r++) {
            List<NDArray> own = scores.divergences().subList(firstDivergence[r], firstDivergence[r + 1]);
            NDArray penalty = regularizers.get(r).loss(batches.get(r), scope, scores, own, scores.mask());
            // For each pair the mean penalty of its two responses, a response's being the sum over its tokens.
            total = total.add(penalty.mul(scores.mask()).sum().div(scope.constant(2)));
        }
        NDArray stopped = margins.stopGradient();
        NDArray measured = NDArrays.stack(new NDList(
                losses.stopGradient().sum(), stopped.sum(), stopped.gt(0).toType(stopped.getDataType(), false).sum(),
                logRatios.stopGradient().get(":" + n).sum()));
        return new Losses(total, measured);
    }

    /** log(1 + e^x) without overflow: −log σ(−x). */
    private static NDArray softplus(NDArray x, UpdateScope scope) {
        return x.maximum(scope.constant(0)).add(x.abs().neg().exp().add(1).log());
    }
}
