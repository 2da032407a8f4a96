package io.parley.algorithms.ppo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.math.Gae;
import io.parley.core.math.Ragged;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.MiniBatches;
import io.parley.core.training.Regularizer;
import io.parley.core.training.RegularizerProvider;
import io.parley.core.training.Rollout;
import io.parley.core.training.TrainingContext;
import io.parley.core.training.Turn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Proximal policy optimisation (Schulman et al., "Proximal policy optimization algorithms", 2017) over the tokens of
 * a collaborator's responses, with a list of regularisers. Whitened advantages and the clipped value loss are not in the paper;
 * they are customary since OpenAI Baselines' implementation.
 *
 * <p>Each iteration plays whole episodes with the current policy; gives each token its regularisers' reward and the
 * last token of a response what the response earned; estimates advantages over all response tokens of an episode
 * (γ where one round ends, no discount within a response); whitens them over the rollout; and makes several epochs of
 * mini-batch steps on the clipped surrogate, the clipped value loss and the regularisers' losses, each a mean over
 * tokens. Log-probabilities and values at sampling time are kept from sampling.
 *
 * <p>Whitening divides the advantages by their deviation σ, so regularisers' losses are divided by σ too: a coefficient
 * is in units of the reward, and a penalty weighs the same against it whether it acts in the reward or in the loss.
 *
 * <p>The budget is spent in whole episodes and in rollouts of equal size; what is left of it is less than one episode. The
 * last mini-batch of a rollout has what the others leave of it.
 *
 * <p>Its curve counts {@code updates} and sampled response {@code tokens} from the beginning of training.
 *
 * <p>Between rollouts it keeps how far it is, if all of its regularisers can tell their state.
 */
public final class Ppo implements AlignmentAlgorithm {
    private final PpoConfig config;
    private final PluginContext plugins;

    /** @throws ConfigurationException if a regulariser or counterfactual cannot be made */
    public Ppo(PpoConfig config, PluginContext plugins) {
        this.config = config;
        this.plugins = plugins;
        regularizers();
        shown();
    }

    /** Fresh regularisers: one may keep the state of a controller, and serves one run. */
    private List<Regularizer> regularizers() {
        List<Regularizer> made = new ArrayList<>();
        List<PluginSpec> specs = specs(config, plugins);
        int builtIn = specs.size() - config.regularizers().size();
        for (int i = 0; i < specs.size(); i++) {
            try {
                PluginSpec spec = specs.get(i);
                made.add(plugins.plugins().find(RegularizerProvider.class, spec.id()).configured(spec, plugins));
            } catch (ConfigurationException e) {
                throw i < builtIn ? e : e.at("regularizers[" + (i - builtIn) + "]");
            }
        }
        return made;
    }

    /** The regularisers by name: those that have keys of their own, then the listed ones. */
    static List<PluginSpec> specs(PpoConfig config, PluginContext plugins) {
        List<PluginSpec> specs = new ArrayList<>();
        if (config.klCoefficient() > 0) {
            specs.add(new PluginSpec("kl-reference",
                    plugins.mapper().valueToTree(
                            new KlReferenceProvider.Config(config.klCoefficient(), config.klTarget(), null))));
        }
        if (config.entropyCoefficient() > 0) {
            specs.add(new PluginSpec("entropy",
                    plugins.mapper().valueToTree(new EntropyProvider.Config(config.entropyCoefficient()))));
        }
        specs.addAll(config.regularizers());
        return specs;
    }

    /** What stands in place of the task's states, or null. */
    Counterfactual shown() {
        if (config.shown() == null) {
            return null;
        }
        try {
            return plugins.plugins().find(CounterfactualProvider.class, config.shown().id()).configured(config.shown(), plugins);
        } catch (ConfigurationException e) {
            throw e.at("shown");
        }
    }

    @Override
    public void train(TrainingContext context, TrainablePolicy policy) {
        int rounds = context.task().rounds();
        if (context.budget() < rounds) {
            throw new ConfigurationException("budget.responses",
                    context.budget() + " is less than one episode, which has " + rounds + " rounds");
        }
        List<Regularizer> regularizers = regularizers();
        List<Counterfactual> counterfactuals = regularizers.stream().flatMap(r -> r.counterfactuals().stream()).toList();
        Counterfactual shown = shown();
        policy.configureOptimizer(new OptimizerConfig(0.9, 0.999, 1e-8, config.weightDecay(), config.maxGradNorm()));
        boolean referred = regularizers.stream().anyMatch(r -> r.needs().contains(Regularizer.Need.REFERENCE));
        try (Policy reference = referred ? policy.snapshot() : null) {
            long episodes = context.budget() / rounds;
            long rollouts = (episodes + config.rolloutEpisodes() - 1) / config.rolloutEpisodes();
            Progress begun = context.checkpoint().restore(policy, Progress.class).orElse(new Progress(0, 0, 0, List.of()));
            for (int r = 0; r < begun.regularizers().size(); r++) {
                regularizers.get(r).restore(begun.regularizers().get(r));
            }
            long updates = begun.updates();
            long tokens = begun.tokens();
            for (long k = begun.rollouts(); k < rollouts; k++) {
                context.checkCancelled();
                long episode = episodes * k / rollouts;
                int count = (int) (episodes * (k + 1) / rollouts - episode);
                double learningRate = config.lrSchedule().at(config.learningRate(), (double) k / rollouts);

                Rollout rollout = Rollout.sample(
                        context, policy, episode, count, SamplingConfig.standard().withValues(), shown, counterfactuals);
                Map<String, Double> metrics = new TreeMap<>();
                Experience experience = experience(rollout, policy, reference, regularizers, metrics);
                updates += update(context, policy, experience, regularizers, episode, learningRate, metrics);
                tokens += experience.tokens();
                metrics.put("updates", (double) updates);
                metrics.put("tokens", (double) tokens);
                context.metrics().record((episode + count) * rounds, metrics);
                List<JsonNode> states = regularizers.stream().map(Regularizer::state).toList();
                if (!states.contains(null)) {
                    context.checkpoint().keep(policy, new Progress(k + 1, updates, tokens, states));
                }
            }
        }
    }

    /**
     * How far it is.
     *
     * @param rollouts done
     * @param updates made on them
     * @param tokens of their responses
     * @param regularizers their states
     */
    record Progress(long rollouts, long updates, long tokens, List<JsonNode> regularizers) {}

    /**
     * A rollout, or rows of it, ready for updates: one row a response, one number a token.
     *
     * @param advantages whitened
     * @param scale 1/σ, what whitening multiplied the advantages by
     * @param batches what each regulariser sees of it
     */
    record Experience(
            List<Prompt> prompts,
            List<Response> responses,
            float[][] logProbs,
            float[][] values,
            float[][] advantages,
            float[][] returns,
            double scale,
            List<Regularizer.Batch> batches) {

        Experience rows(int[] rows) {
            return new Experience(MiniBatches.rows(prompts, rows), MiniBatches.rows(responses, rows),
                    pick(logProbs, rows), pick(values, rows), pick(advantages, rows), pick(returns, rows), scale,
                    batches.stream().map(batch -> batch.rows(rows)).toList());
        }

        private static float[][] pick(float[][] array, int[] rows) {
            float[][] picked = new float[rows.length][];
            for (int i = 0; i < rows.length; i++) {
                picked[i] = array[rows[i]];
            }
            return picked;
        }

        int tokens() {
            return (int) Ragged.size(logProbs);
        }
    }

    private Experience experience(
            Rollout rollout, Policy policy, Policy reference, List<Regularizer> regularizers, Map<String, Double> metrics) {
        List<Turn> turns = rollout.turns();
        List<Prompt> prompts = rollout.prompts();
        List<Response> responses = rollout.responses();
        List<String> strata = turns.stream().map(Turn::stratum).toList();
        float[][] logProbs = responses.stream().map(Response::logProbs).toArray(float[][]::new);
        float[][] values = responses.stream().map(Response::values).toArray(float[][]::new);

        // Rewards: regularisers at every token, the task's at the last one.
        float[][] rewards = new float[turns.size()][];
        for (int i = 0; i < rewards.length; i++) {
            rewards[i] = new float[logProbs[i].length];
            rewards[i][rewards[i].length - 1] = (float) turns.get(i).reward();
        }
        List<Regularizer.Batch> batches = new ArrayList<>();
        int next = 0;
        for (Regularizer regularizer : regularizers) {
            List<List<Prompt>> cuts = new ArrayList<>();
            for (int c = 0; c < regularizer.counterfactuals().size(); c++) {
                cuts.add(rollout.counterfactuals(next++));
            }
            Policy needed = regularizer.needs().contains(Regularizer.Need.REFERENCE) ? reference : null;
            Regularizer.Batch batch = new Regularizer.Batch(policy, needed, prompts, cuts, responses, strata);
            batches.add(batch);
            float[][] penalties = regularizer.rollout(batch, metrics);
            for (int i = 0; penalties != null && i < penalties.length; i++) {
                for (int t = 0; t < penalties[i].length; t++) {
                    rewards[i][t] += penalties[i][t];
                }
            }
        }

        float[][] advantages = advantages(rewards, values, rollout.rounds(), config.gamma(), config.gaeLambda());
        float[][] returns = new float[turns.size()][];
        for (int i = 0; i < returns.length; i++) {
            returns[i] = new float[values[i].length];
            for (int t = 0; t < returns[i].length; t++) {
                returns[i][t] = advantages[i][t] + values[i][t];
            }
        }

        // A floor of 1e-4 under σ keeps a rollout whose rewards are all alike from becoming pure noise.
        double scale = 1 / Math.hypot(Ragged.deviation(advantages), 1e-4);
        metrics.put("reward", turns.stream().mapToDouble(Turn::reward).average().orElseThrow());
        // The mean of −log π over what π drew is an unbiased estimate of its entropy, and free.
        metrics.put("entropy", -Ragged.mean(logProbs) * Ragged.size(logProbs) / turns.size());
        double spread = Ragged.deviation(returns);
        if (spread > 0) {
            metrics.put("explainedVariance", 1 - Math.pow(Ragged.deviation(advantages) / spread, 2));
        }
        return new Experience(prompts, responses, logProbs, values, Ragged.centre(advantages, scale), returns, scale, batches);
    }

    /**
     * Advantages over all response tokens of each episode.
     *
     * @param rewards one row a turn, episodes after each other, {@code rounds} turns each
     */
    static float[][] advantages(float[][] rewards, float[][] values, int rounds, double gamma, double lambda) {
        float[][] advantages = new float[rewards.length][];
        for (int first = 0; first < rewards.length; first += rounds) {
            int length = 0;
            for (int i = first; i < first + rounds; i++) {
                length += rewards[i].length;
            }
            float[] r = new float[length];
            float[] v = new float[length];
            float[] discounts = new float[length];
            Arrays.fill(discounts, 1);
            int at = 0;
            for (int i = first; i < first + rounds; i++) {
                System.arraycopy(rewards[i], 0, r, at, rewards[i].length);
                System.arraycopy(values[i], 0, v, at, values[i].length);
                at += rewards[i].length;
                discounts[at - 1] = (float) gamma;
            }
            float[] a = Gae.advantages(r, v, discounts, lambda);
            at = 0;
            for (int i = first; i < first + rounds; i++) {
                advantages[i] = Arrays.copyOfRange(a, at, at + rewards[i].length);
                at += rewards[i].length;
            }
        }
        return advantages;
    }

    /** Returns the number of steps. */
    private long update(
            TrainingContext context,
            TrainablePolicy policy,
            Experience rollout,
            List<Regularizer> regularizers,
            long episode,
            double learningRate,
            Map<String, Double> metrics) {
        int rounds = context.task().rounds();
        // Whole episodes, because a policy that reads a dialogue once can score all of its rounds.
        int episodes = Math.max(1, config.miniBatchSize() / rounds);
        double[] sums = new double[Losses.NAMES.size()];
        double gradNorm = 0;
        long updates = 0;
        for (int epoch = 0; epoch < config.epochs(); epoch++) {
            int[] order = context.streams().permutation(rollout.prompts().size() / rounds, "minibatch", episode, epoch, 0);
            for (int start = 0; start < order.length; start += episodes) {
                context.checkCancelled();
                Experience minibatch = rollout.rows(IntStream.range(start, Math.min(order.length, start + episodes))
                        .flatMap(i -> IntStream.range(order[i] * rounds, (order[i] + 1) * rounds)).toArray());
                try (UpdateScope scope = policy.beginUpdate()) {
                    for (int[] part : policy.microBatches(minibatch.prompts(), minibatch.responses())) {
                        Losses losses = losses(scope, minibatch.rows(part), regularizers, minibatch.tokens());
                        scope.backward(losses.total());
                        float[] measured = losses.measured().toFloatArray();
                        for (int m = 0; m < sums.length; m++) {
                            sums[m] += measured[m];
                        }
                    }
                    gradNorm += scope.step(learningRate);
                }
                updates++;
            }
        }
        for (int m = 0; m < sums.length; m++) {
            metrics.put(Losses.NAMES.get(m), sums[m] / updates);
        }
        metrics.put("gradNorm", gradNorm / updates);
        return updates;
    }

    /**
     * @param total scalar to minimise
     * @param measured means over tokens, in the order of {@link #NAMES}; no gradient
     */
    record Losses(NDArray total, NDArray measured) {
        static final List<String> NAMES = List.of("policyLoss", "valueLoss", "clipFraction", "approxKl");
    }

    /**
     * The mean over tokens of
     * −min(ρ·A, clip(ρ, 1 − ε, 1 + ε)·A) + c_v·½·max((V − R)², (V_clip − R)²) + regularisers/σ,
     * where ρ = π(a|s)/π_old(a|s) and V_clip = V_old + clip(V − V_old, −ε_v, ε_v).
     *
     * @param tokens number of tokens to divide by: those of the whole mini-batch, of which {@code batch} may be a part
     */
    Losses losses(UpdateScope scope, Experience batch, List<Regularizer> regularizers, int tokens) {
        ScoreRequest request = ScoreRequest.logProbs().withValues();
        List<ScoreRequest.Divergence> divergences = new ArrayList<>();
        int[] firstDivergence = new int[regularizers.size() + 1];
        for (int r = 0; r < regularizers.size(); r++) {
            if (regularizers.get(r).place() == Regularizer.Place.LOSS) {
                divergences.addAll(regularizers.get(r).divergences(batch.batches().get(r)));
                request = regularizers.get(r).needs().contains(Regularizer.Need.ENTROPY) ? request.withEntropy() : request;
            }
            firstDivergence[r + 1] = divergences.size();
        }
        ScoreArrays scores = scope.score(batch.prompts(), batch.responses(), request.withDivergences(divergences));
        NDArray mask = scores.mask();
        int columns = (int) mask.getShape().get(1);
        NDArray advantages = scope.array(batch.advantages(), columns);

        NDArray logRatio = scores.logProbs().sub(scope.array(batch.logProbs(), columns));
        NDArray ratio = logRatio.exp();
        NDArray clipped = ratio.clip(1 - config.clip(), 1 + config.clip());
        NDArray policyLoss = ratio.mul(advantages).minimum(clipped.mul(advantages)).neg();

        NDArray returns = scope.array(batch.returns(), columns);
        NDArray oldValues = scope.array(batch.values(), columns);
        NDArray moved = scores.values().sub(oldValues).clip(-config.valueClip(), config.valueClip()).add(oldValues);
        NDArray valueLoss = scores.values().sub(returns).square().maximum(moved.sub(returns).square()).mul(scope.constant(0.5));

        NDArray loss = policyLoss.add(valueLoss.mul(scope.constant(config.valueCoefficient())));
        NDArray weight = ratio.stopGradient();
        for (int r = 0; r < regularizers.size(); r++) {
            if (regularizers.get(r).place() == Regularizer.Place.LOSS) {
                List<NDArray> own = scores.divergences().subList(firstDivergence[r], firstDivergence[r + 1]);
                NDArray penalty = regularizers.get(r).loss(batch.batches().get(r), scope, scores, own, weight);
                loss = loss.add(penalty.mul(scope.constant(batch.scale())));
            }
        }
        NDArray outside = weight.sub(1).abs().gt(config.clip()).toType(mask.getDataType(), false);
        NDArray approxKl = weight.sub(1).sub(logRatio.stopGradient());
        NDArray measured = NDArrays.stack(new NDList(policyLoss.stopGradient(), valueLoss.stopGradient(), outside, approxKl))
                .mul(mask).sum(new int[] {1, 2}).div(scope.constant(tokens));
        return new Losses(loss.mul(mask).sum().div(scope.constant(tokens)), measured);
    }
}
