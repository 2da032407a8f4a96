package io.parley.algorithms.icr;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Anchor;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Estimator;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Place;
import io.parley.algorithms.ppo.Ppo;
import io.parley.algorithms.ppo.PpoConfig;
import io.parley.algorithms.ppo.PpoProvider;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.DefaultDependsOn;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import java.util.List;

/**
 * Provides {@code icr}: {@link Ppo} with the regularisers {@code counterfactual-invariance} and, when λ_S is above 0,
 * {@code swapped-invariance}. The defaults are the published form.
 */
public final class IcrProvider implements AlgorithmProvider<IcrProvider.Config> {
    /** Configuration of {@code icr}. */
    public record Config(
            @JsonPropertyDescription("Which counterfactual state, such as prefix or mask.") PluginSpec counterfactual,
            @JsonPropertyDescription("reward, or loss.") Place place,
            @JsonPropertyDescription("k1 in the reward; k2 or full (the default there) in the loss.") @DefaultDependsOn("place")
                    Estimator estimator,
            @JsonPropertyDescription("λ_I, at least 0.") Double lambda,
            @JsonPropertyDescription("What the policy is held to there: current, reference (the start), or smoothed.")
                    Anchor anchor,
            @JsonPropertyDescription("ε of the smoothed anchor, above 0 and below 1, and of the swapped term, where it may be 0; "
                            + "0.3 when left out there.")
                    Double smoothing,
            @JsonPropertyDescription("Bound of a response's log-ratio (reward) or KL (loss, with full) in nats, above 0; none "
                            + "when left out.")
                    Double bound,
            @JsonPropertyDescription("λ_S, the weight of swapped-invariance against the same counterfactual, at least 0.")
                    Double swapped,
            @JsonPropertyDescription("PPO's own keys.") PpoConfig ppo) {
        public Config {
            swapped = swapped == null ? 0.0 : swapped;
            ppo = ppo == null ? PpoConfig.defaults() : ppo;
            if (!(swapped >= 0) || Double.isInfinite(swapped)) {
                throw new IllegalArgumentException("swapped is " + swapped + "; at least 0");
            }
            boolean anchorSmoothing = anchor == Anchor.SMOOTHED || swapped == 0;
            var term = new CounterfactualInvarianceProvider.Config(
                    counterfactual, place, estimator, lambda, anchor, anchorSmoothing ? smoothing : null, bound);
            counterfactual = term.counterfactual();
            place = term.place();
            estimator = term.estimator();
            lambda = term.lambda();
            anchor = term.anchor();
            smoothing = anchorSmoothing ? term.smoothing() : smoothing;
            // Refuses a smoothing that the swapped term cannot have.
            new SwappedInvarianceProvider.Config(null, counterfactual, swapped, smoothing);
        }

        private CounterfactualInvarianceProvider.Config invariance() {
            return new CounterfactualInvarianceProvider.Config(counterfactual, place, estimator, lambda, anchor,
                    anchor == Anchor.SMOOTHED ? smoothing : null, bound);
        }

        private SwappedInvarianceProvider.Config swapping() {
            return new SwappedInvarianceProvider.Config(null, counterfactual, swapped, smoothing);
        }
    }

    @Override
    public String id() {
        return "icr";
    }

    @Override
    public String description() {
        return "PPO that is held to its own answer where the intervention's influence is cut.";
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
    public AlignmentAlgorithm create(Config config, PluginContext context) {
        CounterfactualInvarianceProvider.counterfactual("counterfactual", config.counterfactual(), context);
        try {
            return new Ppo(ppo(config, context), context);
        } catch (ConfigurationException e) {
            throw e.at("ppo");
        }
    }

    @Override
    public List<PluginSpec> counterfactuals(Config config, PluginContext context) {
        return new PpoProvider().counterfactuals(ppo(config, context), context);
    }

    private static PpoConfig ppo(Config config, PluginContext context) {
        PpoConfig ppo = config.ppo().withRegularizer(spec("counterfactual-invariance", config.invariance(), context));
        return config.swapped() == 0 ? ppo : ppo.withRegularizer(spec("swapped-invariance", config.swapping(), context));
    }

    private static PluginSpec spec(String id, Record config, PluginContext context) {
        ObjectNode node = context.mapper().valueToTree(config);
        return new PluginSpec(id, node);
    }
}
