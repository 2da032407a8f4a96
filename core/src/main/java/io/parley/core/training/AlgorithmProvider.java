package io.parley.core.training;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;
import java.util.List;

/** Makes algorithms. */
public interface AlgorithmProvider<C extends Record> extends Provider<C> {
    /** @throws io.parley.core.plugin.ConfigurationException if parts of the configuration do not go together */
    AlignmentAlgorithm create(C config, PluginContext context);

    /**
     * The same, from a configuration that is still to be read.
     *
     * @throws io.parley.core.plugin.ConfigurationException if it cannot be read; the path is the one inside {@code spec}
     */
    default AlignmentAlgorithm configured(PluginSpec spec, PluginContext context) {
        return create(context.plugins().config(this, spec), context);
    }

    /**
     * The counterfactuals that the algorithm uses with this configuration, those of its regularisers included, so that
     * the start can meet them too. They are named, not made: a start is shared by all algorithms that name the same.
     */
    default List<PluginSpec> counterfactuals(C config, PluginContext context) {
        return List.of();
    }
}
