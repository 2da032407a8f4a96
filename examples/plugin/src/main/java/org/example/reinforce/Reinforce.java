package org.example.reinforce;

import ai.djl.ndarray.NDArray;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.Rollout;
import io.parley.core.training.TrainingContext;
import io.parley.core.training.Turn;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * REINFORCE with a baseline (Williams, Machine Learning 8, 1992): one step a batch of episodes along
 * Σ (G − b)·∇ log π(response | state), where G is what the episode earns from this round on, and b the running mean of G in
 * this round over the batches before.
 */
final class Reinforce implements AlignmentAlgorithm {
    private final ReinforceProvider.Config config;

    Reinforce(ReinforceProvider.Config config) {
        this.config = config;
    }

    @Override
    public void train(TrainingContext context, TrainablePolicy policy) {
        int rounds = context.task().rounds();
        long episodes = context.budget() / rounds;
        if (episodes == 0) {
            throw new ConfigurationException("budget.responses",
                    context.budget() + " is less than one episode, which has " + rounds + " rounds");
        }
        policy.configureOptimizer(OptimizerConfig.adam());
        double[] baseline = new double[rounds];
        for (long first = 0; first < episodes; first += config.batchEpisodes()) {
            context.checkCancelled();
            int count = (int) Math.min(config.batchEpisodes(), episodes - first);
            Rollout rollout = Rollout.sample(context, policy, first, count, SamplingConfig.standard(), List.of());
            double gradNorm = update(policy, rollout, advantages(rollout, baseline, first == 0));
            double reward = rollout.turns().stream().mapToDouble(Turn::reward).average().orElseThrow();
            context.metrics().record((first + count) * rounds, Map.of("reward", reward, "gradNorm", gradNorm));
        }
    }

    /** G − b of each turn; moves the baseline afterwards. */
    private double[] advantages(Rollout rollout, double[] baseline, boolean begins) {
        int rounds = rollout.rounds();
        double[] returns = new double[rollout.turns().size()];
        double[] means = new double[rounds];
        for (int i = returns.length - 1; i >= 0; i--) {
            boolean last = (i + 1) % rounds == 0;
            returns[i] = rollout.turns().get(i).reward() + (last ? 0 : returns[i + 1]);
            means[i % rounds] += returns[i] / rollout.episodes();
        }
        if (begins) {
            System.arraycopy(means, 0, baseline, 0, rounds);
        }
        double[] advantages = new double[returns.length];
        for (int i = 0; i < returns.length; i++) {
            advantages[i] = returns[i] - baseline[i % rounds];
        }
        for (int r = 0; r < rounds; r++) {
            baseline[r] += (1 - config.baselineDecay()) * (means[r] - baseline[r]);
        }
        return advantages;
    }

    private double update(TrainablePolicy policy, Rollout rollout, double[] advantages) {
        try (UpdateScope scope = policy.beginUpdate()) {
            for (int[] rows : policy.microBatches(rollout.prompts(), rollout.responses())) {
                ScoreArrays scores = scope.score(
                        Arrays.stream(rows).mapToObj(row -> rollout.turns().get(row).prompt()).toList(),
                        Arrays.stream(rows).mapToObj(row -> rollout.turns().get(row).response()).toList(),
                        ScoreRequest.logProbs());
                float[][] weights = new float[rows.length][];
                for (int i = 0; i < rows.length; i++) {
                    weights[i] = new float[rollout.turns().get(rows[i]).response().logProbs().length];
                    Arrays.fill(weights[i], (float) (advantages[rows[i]] / advantages.length));
                }
                int columns = (int) scores.logProbs().getShape().get(1);
                NDArray loss = scores.logProbs().mul(scope.array(weights, columns)).sum().neg();
                scope.backward(loss);
            }
            return scope.step(config.learningRate());
        }
    }
}
