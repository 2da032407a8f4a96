package io.parley.algorithms.ppo;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.training.Regularizer;
import io.parley.core.training.RegularizerProvider;

/** Provides {@code kl-reference}. */
public final class KlReferenceProvider implements RegularizerProvider<KlReferenceProvider.Config> {
    /** Configuration of {@code kl-reference}. */
    public record Config(
            @JsonPropertyDescription("λ_H, at least 0; where the controller starts when there is a target.") Double coefficient,
            @JsonPropertyDescription("KL of a response in nats that the controller steers to, above 0; none for a fixed "
                            + "coefficient.")
                    Double target,
            @JsonPropertyDescription("Responses over which the controller can change the coefficient by a fifth, above 0; no "
                            + "rollout changes it by more.")
                    Double horizon) {
        public Config {
            coefficient = coefficient == null ? 0.02 : coefficient;
            horizon = horizon == null ? 10_000.0 : horizon;
            if (!(coefficient >= 0) || Double.isInfinite(coefficient)) {
                throw new IllegalArgumentException("coefficient is " + coefficient + "; at least 0");
            }
            if (target != null && !(target > 0)) {
                throw new IllegalArgumentException("target is " + target + "; above 0, in nats a response");
            }
            if (!(horizon > 0)) {
                throw new IllegalArgumentException("horizon is " + horizon + "; above 0, in responses");
            }
        }
    }

    @Override
    public String id() {
        return "kl-reference";
    }

    @Override
    public String description() {
        return "KL to the start, in the reward; fixed or adaptive weight.";
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
        return new KlReference(config);
    }
}
