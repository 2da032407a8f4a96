package io.parley.core.task;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Provider;

/** Makes counterfactuals. */
public interface CounterfactualProvider<C extends Record> extends Provider<C> {
    Counterfactual create(C config, PluginContext context);
}
