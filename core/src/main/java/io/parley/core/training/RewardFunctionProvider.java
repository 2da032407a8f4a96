package io.parley.core.training;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Provider;

/** Makes reward functions. */
public interface RewardFunctionProvider<C extends Record> extends Provider<C> {
    RewardFunction create(C config, PluginContext context);
}
