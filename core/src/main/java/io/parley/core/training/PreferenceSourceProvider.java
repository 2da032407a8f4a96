package io.parley.core.training;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;

/** Makes preference sources. */
public interface PreferenceSourceProvider<C extends Record> extends Provider<C> {
    PreferenceSource create(C config, PluginContext context);

    /**
     * The same, from a configuration that is still to be read.
     *
     * @throws io.parley.core.plugin.ConfigurationException if it cannot be read; the path is the one inside {@code spec}
     */
    default PreferenceSource configured(PluginSpec spec, PluginContext context) {
        return create(context.plugins().config(this, spec), context);
    }
}
