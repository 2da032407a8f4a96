package io.parley.core.task;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;

/** Makes partners. */
public interface InterventionAgentProvider<C extends Record> extends Provider<C> {
    InterventionAgent create(C config, PluginContext context);

    /**
     * Whether metrics that name no partner count this one. False for a partner whose record deceives, so that following
     * it is rational when it turns out wrong: it is reported under its own name only.
     */
    default boolean pooled() {
        return true;
    }

    /**
     * The same, from a configuration that is still to be read.
     *
     * @throws io.parley.core.plugin.ConfigurationException if it cannot be read; the path is the one inside {@code spec}
     */
    default InterventionAgent configured(PluginSpec spec, PluginContext context) {
        return create(context.plugins().config(this, spec), context);
    }
}
