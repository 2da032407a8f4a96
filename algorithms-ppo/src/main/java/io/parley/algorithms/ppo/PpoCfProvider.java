package io.parley.algorithms.ppo;

import io.parley.core.plugin.PluginSpec;

/** Provides {@code ppo-cf}: the prompt of counterfactual invariance without its penalty. */
public final class PpoCfProvider extends PpoProvider {
    @Override
    public String id() {
        return "ppo-cf";
    }

    @Override
    public String description() {
        return "PPO whose training prompts carry the counterfactual prefix, without a penalty: the prompt's own effect.";
    }

    @Override
    PpoConfig complete(PpoConfig config) {
        return config.withShown(PluginSpec.of("prefix"));
    }
}
