package io.parley.algorithms.icr;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import java.util.List;
import java.util.random.RandomGenerator;

/** {@code other-arm}: the partner of the one-machine bandit suggests the other arm. */
public final class OtherArm implements CounterfactualProvider<NoConfig>, Counterfactual {
    @Override
    public String id() {
        return "other-arm";
    }

    @Override
    public String description() {
        return "The other arm is suggested.";
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
        return this;
    }

    @Override
    public List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
        return prompts.stream().map(prompt -> new Prompt(prompt.segments().stream()
                .map(s -> s.kind() != SegmentKind.INTERVENTION || s.text().equals("none") ? s
                        : s.withText(s.text().equals("left") ? "right" : "left"))
                .toList())).toList();
    }

    @Override
    public boolean cutsEveryRound() {
        return true;
    }
}
