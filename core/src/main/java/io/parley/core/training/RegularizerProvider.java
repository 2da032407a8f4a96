package io.parley.core.training;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;
import java.util.List;

/** Makes regularisers. */
public interface RegularizerProvider<C extends Record> extends Provider<C> {
    /** @throws io.parley.core.plugin.ConfigurationException if parts of the configuration do not go together */
    Regularizer create(C config, PluginContext context);

    /** The counterfactuals that the regulariser uses with this configuration. */
    default List<PluginSpec> counterfactuals(C config, PluginContext context) {
        return List.of();
    }
}
