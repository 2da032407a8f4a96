package io.parley.laboratory;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;

/** Provides {@code tabular}. */
public final class TabularProvider implements PolicyProvider<TabularProvider.Config> {
    static final String ID = "tabular";

    /** Configuration of {@code tabular}. */
    public record Config(
            @JsonPropertyDescription("adam, or sgd for plain gradient descent.") TabularPolicy.Optimizer optimizer) {
        public Config {
            optimizer = optimizer == null ? TabularPolicy.Optimizer.ADAM : optimizer;
        }
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String description() {
        return "A softmax table with a row for each prompt and beginning of a response; for known-answer tests.";
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
    public Policy create(Config config, TextSpec text, PluginContext context) {
        if (!(text.format() instanceof ResponseFormat.Choices choices)) {
            throw new ConfigurationException("id", "a table needs a task whose responses are one word for each position, found "
                    + text.format());
        }
        return new TabularPolicy(choices, config.optimizer());
    }
}
