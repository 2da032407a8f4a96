package io.parley.algorithms.ppo;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.UpdateScope;
import io.parley.core.training.Regularizer;
import io.parley.core.training.RegularizerProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Provides {@code entropy}. */
public final class EntropyProvider implements RegularizerProvider<EntropyProvider.Config> {
    /** Configuration of {@code entropy}. */
    public record Config(@JsonPropertyDescription("Weight of the bonus in units of the reward, at least 0: PPO divides "
            + "it by the deviation of the advantages, as whitening divides them.") Double coefficient) {
        public Config {
            coefficient = coefficient == null ? 0.01 : coefficient;
            if (!(coefficient >= 0) || Double.isInfinite(coefficient)) {
                throw new IllegalArgumentException("coefficient is " + coefficient + "; at least 0");
            }
        }
    }

    @Override
    public String id() {
        return "entropy";
    }

    @Override
    public String description() {
        return "Entropy of each token's distribution, as a bonus in the loss.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Regularizer create(Config config, PluginContext context) {
        return new Entropy(config.coefficient());
    }

    /** −c·H(π(·|s)) a token: exact at each state, so it needs no importance weight. */
    private record Entropy(double coefficient) implements Regularizer {
        @Override
        public Place place() {
            return Place.LOSS;
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.ENTROPY);
        }

        @Override
        public float[][] rollout(Batch batch, Map<String, Double> metrics) {
            return null;
        }

        @Override
        public NDArray loss(Batch minibatch, UpdateScope scope, ScoreArrays scores, List<NDArray> divergences, NDArray ratio) {
            return scores.entropy().mul(scope.constant(-coefficient));
        }

        @Override
        public JsonNode state() {
            return JsonNodeFactory.instance.objectNode();
        }
    }
}
