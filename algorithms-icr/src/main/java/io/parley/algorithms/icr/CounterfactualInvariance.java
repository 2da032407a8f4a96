package io.parley.algorithms.icr;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Anchor;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Config;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Estimator;
import io.parley.core.math.KlEstimators;
import io.parley.core.policy.Policy;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.UpdateScope;
import io.parley.core.task.Counterfactual;
import io.parley.core.training.Regularizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The invariance term of Interruptible Collaborative Roleplayer (Nath and Krishnaswamy, "Learning 'Partner-Aware'
 * Collaborators in Multi-Party Collaboration", NeurIPS 2025, arXiv 2510.22462):
 * −λ_I·KL(π(·|s) ‖ sg[π_CF]), where π_CF is the anchor at the counterfactual state s_CF and sg stops the gradient.
 *
 * <p>With π_CF stopped the gradient of the KL at a state is g = E_{a∼π}[(log π(a|s) − log π_CF(a))·∇log π(a|s)], since
 * E_π[∇log π] = 0. Three forms have it in expectation:
 *
 * <ul>
 *   <li><b>reward × k1</b>: −λ_I·(log π(a_t|s) − log π_CF(a_t)) added to the reward of the token; the policy gradient
 *       multiplies it by ∇log π. Like every reward it also reaches the earlier tokens and rounds through the
 *       advantages: the policy learns to avoid states in which invariance will be costly. Cost: one forward pass over
 *       s_CF a rollout, without gradient.
 *   <li><b>loss × k2</b>: λ_I·ρ·½(log π(a_t|s) − log π_CF(a_t))², whose gradient is ρ·λ_I·(log-ratio)·∇log π. ρ =
 *       π/π_old turns the expectation over the policy that sampled into one over the current policy.
 *   <li><b>loss × full</b>: λ_I·Σ_a π(a|s)·(log π(a|s) − log π_CF(a)). It is exact at its state, so no sampled token
 *       needs a weight.
 * </ul>
 *
 * Both loss forms are myopic: each token answers for its own divergence only, at the states that were sampled. They
 * score s_CF anew in every mini-batch, because π_CF moves with the policy.
 *
 * <p>Every rollout reports, by kind of state, the entropy at s_CF of the policy that the anchor is made of, without its
 * smoothing, summed along the response that was given at s ({@code counterfactualEntropy}, nats), and KL(π ‖ π_CF) of a response, smoothing
 * included, measured with the low-variance estimator k3 ({@code counterfactualKl}, nats).
 */
final class CounterfactualInvariance implements Regularizer {
    private final Config config;
    private final Counterfactual counterfactual;

    CounterfactualInvariance(Config config, Counterfactual counterfactual) {
        this.config = config;
        this.counterfactual = counterfactual;
    }

    @Override
    public Place place() {
        return config.place() == CounterfactualInvarianceProvider.Place.REWARD ? Place.REWARD : Place.LOSS;
    }

    @Override
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        if (config.anchor() == Anchor.REFERENCE) {
            needs.add(Need.REFERENCE);
        }
        if (config.estimator() == Estimator.FULL) {
            needs.add(Need.FULL_DISTRIBUTION);
        }
        return needs;
    }

    @Override
    public List<Counterfactual> counterfactuals() {
        return List.of(counterfactual);
    }

    private Policy anchor(Batch batch) {
        return config.anchor() == Anchor.REFERENCE ? batch.reference() : batch.policy();
    }

    private double smoothing() {
        return config.anchor() == Anchor.SMOOTHED ? config.smoothing() : 0;
    }

    @Override
    public float[][] rollout(Batch batch, Map<String, Double> metrics) {
        Scores anchor = anchor(batch).score(batch.counterfactuals().get(0), batch.responses(),
                ScoreRequest.logProbs().withEntropy().withSmoothing(smoothing()));
        int rows = batch.responses().size();
        float[][] penalties = new float[rows][];
        Map<String, List<double[]>> measured = new TreeMap<>();
        for (int i = 0; i < rows; i++) {
            float[] logProbs = batch.responses().get(i).logProbs();
            double k3 = 0;
            double entropy = 0;
            double total = 0;
            for (int t = 0; t < logProbs.length; t++) {
                double logRatio = logProbs[t] - anchor.logProbs()[i][t];
                total += KlEstimators.k1(logRatio);
                k3 += KlEstimators.k3(logRatio);
                entropy += anchor.entropy()[i][t];
            }
            measured.computeIfAbsent(batch.strata().get(i), s -> new ArrayList<>()).add(new double[] {entropy, k3});
            double scale = config.bound() == null || Math.abs(total) <= config.bound() ? 1 : config.bound() / Math.abs(total);
            penalties[i] = new float[logProbs.length];
            for (int t = 0; t < logProbs.length && config.lambda() > 0; t++) {
                penalties[i][t] = (float) (-config.lambda() * scale * (logProbs[t] - anchor.logProbs()[i][t]));
            }
        }
        measured.forEach((stratum, values) -> {
            metrics.put("counterfactualEntropy." + stratum, values.stream().mapToDouble(v -> v[0]).average().orElseThrow());
            metrics.put("counterfactualKl." + stratum, values.stream().mapToDouble(v -> v[1]).average().orElseThrow());
        });
        return place() == Place.REWARD ? penalties : null;
    }

    @Override
    public List<ScoreRequest.Divergence> divergences(Batch minibatch) {
        return config.estimator() == Estimator.FULL && config.lambda() > 0
                ? List.of(new ScoreRequest.Divergence(anchor(minibatch), minibatch.counterfactuals().get(0), smoothing()))
                : List.of();
    }

    @Override
    public NDArray loss(Batch minibatch, UpdateScope scope, ScoreArrays scores, List<NDArray> divergences, NDArray ratio) {
        if (config.lambda() == 0) {
            // It only measures, at a rollout.
            return scores.mask().zerosLike();
        }
        NDArray penalty;
        if (config.estimator() == Estimator.FULL) {
            penalty = divergences.get(0);
        } else {
            Scores anchor = anchor(minibatch).score(minibatch.counterfactuals().get(0), minibatch.responses(),
                    ScoreRequest.logProbs().withSmoothing(smoothing()));
            int columns = (int) scores.logProbs().getShape().get(1);
            NDArray logRatio = scores.logProbs().sub(scope.array(anchor.logProbs(), columns));
            penalty = logRatio.square().mul(scope.constant(0.5)).mul(ratio);
        }
        if (config.bound() != null) {
            // min(KL of the response, bound): past the bound there is no gradient.
            NDArray total = penalty.stopGradient().mul(scores.mask()).sum(new int[] {1}, true);
            penalty = penalty.mul(total.lte(config.bound()).toType(total.getDataType(), false));
        }
        return penalty.mul(scope.constant(config.lambda()));
    }

    @Override
    public JsonNode state() {
        return JsonNodeFactory.instance.objectNode();
    }
}
