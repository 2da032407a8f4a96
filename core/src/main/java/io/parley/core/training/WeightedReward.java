package io.parley.core.training;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;

/** The default reward: a weighted sum of the task's {@code own}, {@code group} and {@code commonGround} parts. */
public final class WeightedReward implements RewardFunctionProvider<WeightedReward.Config> {
    /** Weights; any finite numbers. */
    public record Config(
            @JsonPropertyDescription("Weight of the score of the collaborator's own stances in the round.") Double own,
            @JsonPropertyDescription("Weight of the group's final score, earned in the last round.") Double group,
            @JsonPropertyDescription("Weight of the growth of common ground in the round.") Double commonGround) {
        public Config {
            own = own == null ? 1.0 : own;
            group = group == null ? 0.0 : group;
            commonGround = commonGround == null ? 0.0 : commonGround;
            if (!Double.isFinite(own) || !Double.isFinite(group) || !Double.isFinite(commonGround)) {
                throw new IllegalArgumentException("weights must be finite numbers, found own " + own + ", group " + group
                        + ", commonGround " + commonGround);
            }
        }
    }

    @Override
    public String id() {
        return "weighted";
    }

    @Override
    public String description() {
        return "Weighted sum of the task's reward parts own, group and commonGround.";
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
    public RewardFunction create(Config config, PluginContext context) {
        return (prompt, response, parts) -> config.own() * parts.getOrDefault("own", 0.0)
                + config.group() * parts.getOrDefault("group", 0.0)
                + config.commonGround() * parts.getOrDefault("commonGround", 0.0);
    }
}
