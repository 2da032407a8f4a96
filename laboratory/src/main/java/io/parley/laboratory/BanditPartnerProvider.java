package io.parley.laboratory;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;

/** Provides {@code bandit-partner}, so that the laboratory needs no other module's partners. */
public final class BanditPartnerProvider implements InterventionAgentProvider<BanditPartnerProvider.Config> {
    /** Configuration of {@code bandit-partner}. */
    public record Config(
            @JsonPropertyDescription("Probability that a suggestion is true, in [0, 1].") Double reliability,
            @JsonPropertyDescription("Probability of silence in a round, in [0, 1].") Double silent) {
        public Config {
            reliability = reliability == null ? 0.8 : reliability;
            silent = silent == null ? 0.0 : silent;
            if (!(reliability >= 0 && reliability <= 1) || !(silent >= 0 && silent <= 1)) {
                throw new IllegalArgumentException(
                        "reliability is " + reliability + " and silent " + silent + "; probabilities, from 0 to 1");
            }
        }
    }

    @Override
    public String id() {
        return "bandit-partner";
    }

    @Override
    public String description() {
        return "True with a fixed probability in each round, independently.";
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
    public InterventionAgent create(Config config, PluginContext context) {
        return SuggestionBandit.partner(config.reliability(), config.silent());
    }
}
