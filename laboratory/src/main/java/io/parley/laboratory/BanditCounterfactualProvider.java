package io.parley.laboratory;

import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;

/** Provides {@code bandit-mask}, so that the laboratory needs no other module's counterfactuals. */
public final class BanditCounterfactualProvider implements CounterfactualProvider<NoConfig> {
    @Override
    public String id() {
        return "bandit-mask";
    }

    @Override
    public String description() {
        return "The suggestion bandit's dialogue with every suggestion left out.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<NoConfig> configType() {
        return NoConfig.class;
    }

    @Override
    public Counterfactual create(NoConfig config, PluginContext context) {
        return SuggestionBandit.withoutSuggestions();
    }
}
