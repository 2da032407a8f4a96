package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.testkit.CounterfactualContract;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
class CounterfactualsTest extends CounterfactualContract {
    private final CounterfactualProvider<?> provider;
    private final Parley.Host host;
    private final String press;

    CounterfactualsTest(CounterfactualProvider<?> provider, Parley.Host host, String press) {
        this.provider = provider;
        this.host = host;
        this.press = press;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(CounterfactualProvider.class).flatMap(arguments -> Stream.of("none", "full")
                .map(press -> Arguments.of(arguments.get()[0], arguments.get()[1], press)));
    }

    @Override
    protected CounterfactualProvider<?> provider() {
        return provider;
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }

    /** The bandit's own is for the bandit; the others know how the card task writes silence. */
    @Override
    protected Task task() {
        return provider.id().equals("bandit-mask") ? super.task() : find(TaskProvider.class, "wason")
                .configured(PluginSpec.of("wason", Map.of("press", press)), context(0));
    }

    @Override
    protected InterventionAgent partner() {
        return provider.id().equals("bandit-mask") ? super.partner()
                : find(InterventionAgentProvider.class, "mixed").configured(PluginSpec.of("mixed"), context(0));
    }

    private <P extends Provider<?>> P find(Class<P> kind, String id) {
        return context(0).plugins().find(kind, id);
    }
}
