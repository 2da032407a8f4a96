package io.parley.core.task;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;

/** Makes counterfactuals. */
public interface CounterfactualProvider<C extends Record> extends Provider<C> {
    Counterfactual create(C config, PluginContext context);

    /**
     * The same, from a configuration that is still to be read.
     *
     * @throws io.parley.core.plugin.ConfigurationException if it cannot be read; the path is the one inside {@code spec}
     */
    default Counterfactual configured(PluginSpec spec, PluginContext context) {
        return create(context.plugins().config(this, spec), context);
    }
}
