package io.parley.core.training;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Provider;

/** Makes preference sources. */
public interface PreferenceSourceProvider<C extends Record> extends Provider<C> {
    PreferenceSource create(C config, PluginContext context);
}
