package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.testkit.PolicyContract;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies that cannot be trained: the card task's scripted ones. */
@ParameterizedClass
@MethodSource("providers")
class PoliciesTest extends PolicyContract {
    static final List<String> SCRIPTED = List.of("copy-always", "evidence-only", "record-optimal");

    private final PolicyProvider<?> provider;
    private final Parley.Host host;

    PoliciesTest(PolicyProvider<?> provider, Parley.Host host) {
        this.provider = provider;
        this.host = host;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(PolicyProvider.class).filter(arguments -> SCRIPTED.contains(((PolicyProvider<?>) arguments.get()[0]).id()));
    }

    @Override
    protected PolicyProvider<?> provider() {
        return provider;
    }

    @Override
    protected Task task() {
        return context(0).plugins().find(TaskProvider.class, "wason").configured(PluginSpec.of("wason"), context(0));
    }

    @Override
    protected InterventionAgent partner() {
        return context(0).plugins().find(InterventionAgentProvider.class, "mixed").configured(PluginSpec.of("mixed"), context(0));
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
