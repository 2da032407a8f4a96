package io.parley.core.training;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;
import java.util.List;

/** Makes regularisers. */
public interface RegularizerProvider<C extends Record> extends Provider<C> {
    /** @throws io.parley.core.plugin.ConfigurationException if parts of the configuration do not go together */
    Regularizer create(C config, PluginContext context);

    /**
     * The counterfactuals of the regulariser that a start is to meet, by name: those that append a notice always, and not
     * one whose states look like the task's own.
     */
    default List<PluginSpec> counterfactuals(C config, PluginContext context) {
        return List.of();
    }

    /**
     * The same, from a configuration that is still to be read.
     *
     * @throws io.parley.core.plugin.ConfigurationException if it cannot be read; the path is the one inside {@code spec}
     */
    default List<PluginSpec> configuredCounterfactuals(PluginSpec spec, PluginContext context) {
        return counterfactuals(context.plugins().config(this, spec), context);
    }

    /**
     * {@link #create} from a configuration that is still to be read.
     *
     * @throws io.parley.core.plugin.ConfigurationException if it cannot be read; the path is the one inside {@code spec}
     */
    default Regularizer configured(PluginSpec spec, PluginContext context) {
        return create(context.plugins().config(this, spec), context);
    }
}
