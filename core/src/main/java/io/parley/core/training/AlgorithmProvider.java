package io.parley.core.training;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Provider;
import io.parley.core.task.Counterfactual;
import java.util.List;

/** Makes algorithms. */
public interface AlgorithmProvider<C extends Record> extends Provider<C> {
    /** @throws io.parley.core.plugin.ConfigurationException if parts of the configuration do not go together */
    AlignmentAlgorithm create(C config, PluginContext context);

    /** The counterfactuals that the algorithm uses with this configuration, so that the start can meet them too. */
    default List<Counterfactual> counterfactuals(C config, PluginContext context) {
        return List.of();
    }
}
