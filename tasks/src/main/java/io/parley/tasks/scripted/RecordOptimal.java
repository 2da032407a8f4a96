package io.parley.tasks.scripted;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.tasks.optimum.RecordOptimum;
import io.parley.tasks.partners.TruthPrior;

/**
 * {@code record-optimal}: the evidence when it is visible; otherwise the suggestion if, by the training partner's
 * habits and the record of this one, it is at least as likely as the best guess; see {@link RecordOptimum}.
 */
public final class RecordOptimal implements PolicyProvider<RecordOptimal.Config> {
    /** Configuration. */
    public record Config(
            @JsonPropertyDescription("The partner whose habits are known beforehand.") PluginSpec partner) {
        public Config {
            partner = partner == null ? PluginSpec.of("mixed") : partner;
        }
    }

    @Override
    public String id() {
        return "record-optimal";
    }

    @Override
    public String description() {
        return "Answers by the evidence, and without it by how far the partner's record deserves trust.";
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
        TruthPrior prior = TruthPrior.of(config.partner(), context).orElseThrow(() -> new ConfigurationException(
                "partner", "the habits of '" + config.partner().id() + "' are not known; such as mixed, helpful or noisy"));
        return ScriptedPolicy.of(text, reading -> RecordOptimum.answers(reading, prior));
    }
}
