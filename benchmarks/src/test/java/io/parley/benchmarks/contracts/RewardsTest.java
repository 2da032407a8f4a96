package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.training.RewardFunctionProvider;
import io.parley.testkit.RewardContract;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
class RewardsTest extends RewardContract {
    private final RewardFunctionProvider<?> provider;
    private final Parley.Host host;

    RewardsTest(RewardFunctionProvider<?> provider, Parley.Host host) {
        this.provider = provider;
        this.host = host;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(RewardFunctionProvider.class);
    }

    @Override
    protected RewardFunctionProvider<?> provider() {
        return provider;
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return List.of(Map.of("own", "much"), Map.of("group", List.of(1)));
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
