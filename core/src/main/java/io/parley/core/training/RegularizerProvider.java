package io.parley.core.training;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Provider;

/** Makes regularisers. */
public interface RegularizerProvider<C extends Record> extends Provider<C> {
    /** @throws io.parley.core.plugin.ConfigurationException if parts of the configuration do not go together */
    Regularizer create(C config, PluginContext context);
}
