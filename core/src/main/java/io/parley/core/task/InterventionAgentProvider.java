package io.parley.core.task;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Provider;

/** Makes partners. */
public interface InterventionAgentProvider<C extends Record> extends Provider<C> {
    InterventionAgent create(C config, PluginContext context);
}
