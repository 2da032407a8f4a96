package io.parley.algorithms.icr;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.UpdateScope;
import io.parley.core.task.Counterfactual;
import io.parley.core.training.Regularizer;
import io.parley.core.training.RegularizerProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Provides {@code swapped-invariance}. */
public final class SwappedInvarianceProvider implements RegularizerProvider<SwappedInvarianceProvider.Config> {
    /**
     * Configuration of {@code swapped-invariance}. The default of λ_S is what trials on the split {@code dev}
     * chose (docs/results.md, A training partner who is never wrong).
     */
    public record Config(
            @JsonPropertyDescription("The counterfactual that puts another suggestion in the place of this one.") PluginSpec swap,
            @JsonPropertyDescription("The counterfactual whose answer the policy is held to.") PluginSpec counterfactual,
            @JsonPropertyDescription("λ_S, at least 0. With 0.3, and a training partner who is never wrong, an agent "
                            + "ignores half of what it should follow on the card task.")
                    Double lambda,
            @JsonPropertyDescription("ε: that answer is mixed with this share of a uniform one, at least 0 and below 1.")
                    Double smoothing) {
        public Config {
            swap = swap == null ? PluginSpec.of("swap") : swap;
            counterfactual = counterfactual == null ? PluginSpec.of("mask") : counterfactual;
            lambda = lambda == null ? 0.01 : lambda;
            smoothing = smoothing == null ? 0.3 : smoothing;
            if (!(lambda >= 0) || Double.isInfinite(lambda)) {
                throw new IllegalArgumentException("lambda is " + lambda + "; at least 0");
            }
            if (!(smoothing >= 0 && smoothing < 1)) {
                throw new IllegalArgumentException("smoothing is " + smoothing + "; at least 0 and below 1");
            }
        }
    }

    @Override
    public String id() {
        return "swapped-invariance";
    }

    @Override
    public String description() {
        return "Another episode's suggestion must not change the answer that the policy gives without one.";
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
        return new SwappedInvariance(config, List.of(
                CounterfactualInvarianceProvider.counterfactual("swap", config.swap(), context),
                CounterfactualInvarianceProvider.counterfactual("counterfactual", config.counterfactual(), context)));
    }

    /** Without the swap: a swapped state looks like any other, so a start has met its like. */
    @Override
    public List<PluginSpec> counterfactuals(Config config, PluginContext context) {
        return List.of(config.counterfactual());
    }

    /**
     * λ_S·KL(π(·|s_swap) ‖ sg[(1 − ε)·π(·|s_CF) + ε·uniform]), the full divergence, in the loss. s_swap is the sampled
     * state with another episode's intervention, a state that sampling never meets: there the policy is held to its own
     * answer without an intervention, whatever is suggested. Where the evidence settles the question this agrees with
     * the reward; where only the partner knows, the two compete.
     *
     * <p>The distribution of a word is taken after the words of the response that was sampled at s, as in the forms of
     * {@link CounterfactualInvariance}.
     *
     * <p>Cost: one more differentiable pass, over s_swap, and one pass over s_CF without gradient, in every mini-batch.
     * States whose swap is the state itself, because the partner was silent or the donor's said the same, carry none.
     */
    private record SwappedInvariance(Config config, List<Counterfactual> counterfactuals) implements Regularizer {
        @Override
        public Place place() {
            return Place.LOSS;
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.FULL_DISTRIBUTION);
        }

        @Override
        public float[][] rollout(Batch batch, Map<String, Double> metrics) {
            return null;
        }

        @Override
        public NDArray loss(Batch minibatch, UpdateScope scope, ScoreArrays scores, List<NDArray> divergences, NDArray ratio) {
            var swaps = minibatch.counterfactuals().get(0);
            var target = new ScoreRequest.Divergence(minibatch.policy(), minibatch.counterfactuals().get(1), config.smoothing());
            ScoreArrays swapped = scope.score(swaps, minibatch.responses(),
                    ScoreRequest.logProbs().withDivergences(List.of(target)));
            float[][] changed = new float[swaps.size()][1];
            for (int i = 0; i < changed.length; i++) {
                changed[i][0] = swaps.get(i).equals(minibatch.prompts().get(i)) ? 0 : 1;
            }
            return swapped.divergences().get(0).mul(scope.array(changed, 1)).mul(scope.constant(config.lambda()));
        }

        @Override
        public JsonNode state() {
            return JsonNodeFactory.instance.objectNode();
        }
    }
}
