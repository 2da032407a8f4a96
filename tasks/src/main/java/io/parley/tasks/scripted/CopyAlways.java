package io.parley.tasks.scripted;

import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.tasks.optimum.Reading;
import java.util.List;

/** {@code copy-always}: Adopts every suggestion; without one, the evidence, and without that a guess. */
public final class CopyAlways implements PolicyProvider<NoConfig> {
    @Override
    public String id() {
        return "copy-always";
    }

    @Override
    public String description() {
        return "Adopts every suggestion; without one, the evidence, and without that a guess.";
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
        return ScriptedPolicy.of(text, CopyAlways::answers);
    }

    private static List<List<String>> answers(Reading reading) {
        return reading.suggestion() == null ? reading.open() : List.of(reading.suggestion());
    }
}
