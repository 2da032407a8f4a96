package io.parley.algorithms.icr;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.DefaultDependsOn;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.training.Regularizer;
import io.parley.core.training.RegularizerProvider;
import java.util.List;
import java.util.Locale;

/** Provides {@code counterfactual-invariance}. */
public final class CounterfactualInvarianceProvider implements RegularizerProvider<CounterfactualInvarianceProvider.Config> {
    /** Where the penalty acts. */
    public enum Place {
        @JsonProperty("reward") REWARD,
        @JsonProperty("loss") LOSS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How KL(π ‖ π_CF) is computed: as in {@link io.parley.core.math.KlEstimators}, or k2 = r²/2, or over all tokens. */
    public enum Estimator {
        @JsonProperty("k1") K1,
        @JsonProperty("k2") K2,
        @JsonProperty("k3") K3,
        @JsonProperty("full") FULL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What the policy is held to at the counterfactual state. */
    public enum Anchor {
        /** The policy itself. */
        @JsonProperty("current") CURRENT,
        /** The frozen start: it cannot collapse. */
        @JsonProperty("reference") REFERENCE,
        /** (1 − ε)·(the policy itself) + ε·uniform over the tokens allowed: it cannot become certain. */
        @JsonProperty("smoothed") SMOOTHED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Configuration of {@code counterfactual-invariance}; the defaults are the published form. */
    public record Config(
            @JsonPropertyDescription("Which counterfactual state, such as prefix or mask.") PluginSpec counterfactual,
            @JsonPropertyDescription("reward, or loss.") Place place,
            @JsonPropertyDescription("k1 in the reward; k2 or full (the default there) in the loss. No other pair has the "
                    + "gradient of the stated objective.") @DefaultDependsOn("place") Estimator estimator,
            @JsonPropertyDescription("λ_I, at least 0; 0 only measures, in PPO's rollouts.") Double lambda,
            @JsonPropertyDescription("What the policy is held to there: current, reference (the start), or smoothed.")
                    Anchor anchor,
            @JsonPropertyDescription("ε of the smoothed anchor, above 0 and below 1; 0.3 when left out there.") Double smoothing,
            @JsonPropertyDescription("Bound of a response's log-ratio (reward) or KL (loss, with full) in nats, above 0; none "
                            + "when left out.")
                    Double bound) {
        public Config {
            counterfactual = counterfactual == null ? PluginSpec.of("prefix") : counterfactual;
            place = place == null ? Place.REWARD : place;
            estimator = estimator != null ? estimator : place == Place.REWARD ? Estimator.K1 : Estimator.FULL;
            lambda = lambda == null ? 0.1 : lambda;
            anchor = anchor == null ? Anchor.CURRENT : anchor;
            if (anchor != Anchor.SMOOTHED && smoothing != null) {
                throw new IllegalArgumentException("smoothing is " + smoothing + " but anchor is " + anchor
                        + "; leave smoothing out, or use {anchor: smoothed}");
            }
            smoothing = anchor != Anchor.SMOOTHED ? null : smoothing == null ? 0.3 : smoothing;
            String pair = "place " + place + " with estimator " + estimator + ": ";
            String mend = "; allowed: reward with k1, loss with k2, loss with full";
            if (place == Place.REWARD && estimator == Estimator.FULL) {
                throw new IllegalArgumentException(pair + "a full divergence does not depend on the token that was drawn, so as "
                        + "that token's reward it cannot move it" + mend);
            }
            if (place == Place.REWARD && estimator != Estimator.K1) {
                throw new IllegalArgumentException(
                        pair + "as a reward it has another expected gradient than the KL (biased)" + mend);
            }
            if (place == Place.LOSS && estimator == Estimator.K1) {
                throw new IllegalArgumentException(
                        pair + "its expected gradient is E[∇log π] = 0: it would do nothing but add noise" + mend);
            }
            if (place == Place.LOSS && estimator == Estimator.K3) {
                throw new IllegalArgumentException(pair + "its gradient is that of KL(π_CF ‖ π), the other direction" + mend);
            }
            if (bound != null && estimator == Estimator.K2) {
                throw new IllegalArgumentException("bound is " + bound + " with estimator k2, which knows a response's squared "
                        + "log-ratio and not its KL; leave bound out, or use estimator full");
            }
            if (!(lambda >= 0) || Double.isInfinite(lambda)) {
                throw new IllegalArgumentException("lambda is " + lambda + "; at least 0");
            }
            if (smoothing != null && !(smoothing > 0 && smoothing < 1)) {
                throw new IllegalArgumentException("smoothing is " + smoothing + "; above 0 and below 1");
            }
            if (bound != null && !(bound > 0)) {
                throw new IllegalArgumentException("bound is " + bound + "; above 0, in nats a response, or left out for none");
            }
        }
    }

    @Override
    public String id() {
        return "counterfactual-invariance";
    }

    @Override
    public String description() {
        return "KL to the policy's own answer where the intervention's influence is cut.";
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
        return new CounterfactualInvariance(config, counterfactual("counterfactual", config.counterfactual(), context));
    }

    @Override
    public List<PluginSpec> counterfactuals(Config config, PluginContext context) {
        return List.of(config.counterfactual());
    }

    /** The counterfactual that the key {@code path} names. */
    static Counterfactual counterfactual(String path, PluginSpec spec, PluginContext context) {
        try {
            return context.plugins().find(CounterfactualProvider.class, spec.id()).configured(spec, context);
        } catch (ConfigurationException e) {
            throw e.at(path);
        }
    }
}
