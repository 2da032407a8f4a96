package io.parley.algorithms.ppo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.training.Regularizer;
import java.util.Map;
import java.util.Set;

/**
 * KL(π ‖ π_ref) as −λ_H·(log π(a_t|s) − log π_ref(a_t|s)) in the reward of each token (Ziegler et al., "Fine-tuning
 * language models from human preferences", 2019). The coefficient is fixed or follows their controller:
 * λ_H ← λ_H·(1 + min(1, n/h)·clip(KL/target − 1, −0.2, 0.2)) after each rollout of n responses with horizon h. One
 * rollout so moves it by a fifth at most, and it stays above 0 even when a rollout is much longer than the horizon.
 */
final class KlReference implements Regularizer {
    private final KlReferenceProvider.Config config;
    private double coefficient;

    KlReference(KlReferenceProvider.Config config) {
        this.config = config;
        coefficient = config.coefficient();
    }

    @Override
    public Place place() {
        return Place.REWARD;
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.REFERENCE);
    }

    @Override
    public float[][] rollout(Batch batch, Map<String, Double> metrics) {
        float[][] reference = batch.reference().score(batch.prompts(), batch.responses(), ScoreRequest.logProbs()).logProbs();
        float[][] penalties = new float[reference.length][];
        double kl = 0;
        for (int i = 0; i < penalties.length; i++) {
            float[] logProbs = batch.responses().get(i).logProbs();
            penalties[i] = new float[logProbs.length];
            for (int t = 0; t < logProbs.length; t++) {
                double logRatio = logProbs[t] - reference[i][t];
                kl += logRatio;
                penalties[i][t] = (float) (-coefficient * logRatio);
            }
        }
        kl /= penalties.length;
        metrics.put("kl", kl);
        metrics.put("klCoefficient", coefficient);
        if (config.target() != null) {
            double error = Math.max(-0.2, Math.min(0.2, kl / config.target() - 1));
            coefficient *= 1 + error * Math.min(1, penalties.length / config.horizon());
        }
        return penalties;
    }

    @Override
    public JsonNode state() {
        return JsonNodeFactory.instance.objectNode().put("coefficient", coefficient);
    }

    @Override
    public void restore(JsonNode state) {
        coefficient = state.path("coefficient").asDouble();
    }
}
