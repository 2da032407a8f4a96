package io.parley.tasks.scripted;

import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.tasks.optimum.Reading;

/** {@code evidence-only}: Answers by the evidence and guesses without it, whatever the partner says. */
public final class EvidenceOnly implements PolicyProvider<NoConfig> {
    @Override
    public String id() {
        return "evidence-only";
    }

    @Override
    public String description() {
        return "Answers by the evidence and guesses without it, whatever the partner says.";
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
    public Policy create(NoConfig config, TextSpec text, PluginContext context) {
        return ScriptedPolicy.of(text, Reading::open);
    }
}
