package io.parley.benchmarks.experiment;

import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import io.parley.core.policy.PolicyExporter;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.RegularizerProvider;
import io.parley.core.training.RewardFunctionProvider;
import java.util.List;
import java.util.stream.Stream;

/** The kinds of plugins, in the order in which an experiment meets them; those that it does not meet come last. */
public enum PluginKind {
    TASK("task", TaskProvider.class),
    PARTNER("partner", InterventionAgentProvider.class),
    COUNTERFACTUAL("counterfactual", CounterfactualProvider.class),
    POLICY("policy", PolicyProvider.class),
    ALGORITHM("algorithm", AlgorithmProvider.class),
    REGULARIZER("regularizer", RegularizerProvider.class),
    REWARD("reward", RewardFunctionProvider.class),
    PREFERENCES("preferences", PreferenceSourceProvider.class),
    EXPORTER("exporter", PolicyExporter.class);

    private final String label;
    private final Class<? extends Provider<?>> type;

    @SuppressWarnings("unchecked")
    PluginKind(String label, Class<?> type) {
        this.label = label;
        this.type = (Class<? extends Provider<?>>) type;
    }

    /** Whether experiments name them; exporters are for the command line. */
    public boolean inExperiments() {
        return this != EXPORTER;
    }

    /** What is wrong with the providers, of whatever kind, that are left out. */
    public static List<String> problems(Plugins plugins) {
        return Stream.of(values()).flatMap(kind -> plugins.problems(kind.type()).stream()).toList();
    }

    /** The word for people. */
    public String label() {
        return label;
    }

    /** The interface of its providers. */
    public Class<? extends Provider<?>> type() {
        return type;
    }
}
