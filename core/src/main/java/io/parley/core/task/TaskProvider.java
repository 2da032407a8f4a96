package io.parley.core.task;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Provider;

/** Makes tasks. */
public interface TaskProvider<C extends Record> extends Provider<C> {
    Task create(C config, PluginContext context);
}
