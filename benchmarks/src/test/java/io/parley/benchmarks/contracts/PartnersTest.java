package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.testkit.PartnerContract;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
class PartnersTest extends PartnerContract {
    private final InterventionAgentProvider<?> provider;
    private final Parley.Host host;

    PartnersTest(InterventionAgentProvider<?> provider, Parley.Host host) {
        this.provider = provider;
        this.host = host;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(InterventionAgentProvider.class);
    }

    @Override
    protected InterventionAgentProvider<?> provider() {
        return provider;
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
