package io.parley.core.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;
import java.util.List;
import java.util.Optional;

/** Makes policies. A provider whose policies can be trained returns {@link TrainablePolicy}. */
public interface PolicyProvider<C extends Record> extends Provider<C> {
    /**
     * A new policy; where parameters are drawn, they come from {@code context.streams()}.
     *
     * @param text the task's texts, with room for the notices of the experiment's counterfactuals
     * @throws io.parley.core.plugin.ConfigurationException if the policy cannot serve such texts
     */
    Policy create(C config, TextSpec text, PluginContext context);

    /**
     * Refuses what {@link #create} would refuse, as far as that can be found out without making a policy. An experiment calls it
     * before anything runs, for each policy and task; what is only refused by {@link #create} fails cell by cell. Takes every
     * configuration that a policy can be made of. Draws nothing, and need not load parameters. Does nothing unless overridden.
     *
     * @param text as {@link #create} gets it
     * @throws io.parley.core.plugin.ConfigurationException if the policy cannot serve such texts
     */
    default void check(C config, TextSpec text, PluginContext context) {}

    /**
     * What a user should know of a configuration and is no reason to refuse it, each a sentence without its end. An experiment
     * shows it before anything runs. Nothing unless overridden.
     */
    default List<String> notes(C config) {
        return List.of();
    }

    /**
     * Where a policy that is read from files comes from, as its exporter was told: for one of a run, what its cell's manifest
     * says. Empty where nothing is known; empty unless overridden. Makes no policy, and need not load parameters.
     *
     * @throws io.parley.core.plugin.ConfigurationException if the files cannot be read
     */
    default Optional<ObjectNode> provenance(C config) {
        return Optional.empty();
    }

    /**
     * The same as {@link #create}, from a configuration that is still to be read.
     *
     * @throws io.parley.core.plugin.ConfigurationException if it cannot be read; the path is the one inside {@code spec}
     */
    default Policy configured(PluginSpec spec, TextSpec text, PluginContext context) {
        return create(context.plugins().config(this, spec), text, context);
    }
}
