package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.policy.PolicyProvider;
import io.parley.testkit.TrainablePolicyContract;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every policy that is not one of {@link PoliciesTest}. */
@ParameterizedClass
@MethodSource("providers")
class TrainablePoliciesTest extends TrainablePolicyContract {
    private final PolicyProvider<?> provider;
    private final Parley.Host host;

    TrainablePoliciesTest(PolicyProvider<?> provider, Parley.Host host) {
        this.provider = provider;
        this.host = host;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(PolicyProvider.class)
                .filter(arguments -> !PoliciesTest.UNTRAINED.contains(((PolicyProvider<?>) arguments.get()[0]).id()));
    }

    @Override
    protected PolicyProvider<?> provider() {
        return provider;
    }

    @Override
    protected Map<String, Object> configuration() {
        return switch (provider.id()) {
            case "mlp" -> Map.of("hidden", List.of(24, 24), "activation", "gelu");
            case "transformer" -> Map.of("hidden", 16, "layers", 2, "heads", 2);
            default -> Map.of();
        };
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return switch (provider.id()) {
            case "mlp" -> List.of(Map.of("hidden", List.of(0)), Map.of("activation", "sine"));
            case "transformer" -> List.of(Map.of("layers", 0), Map.of("hidden", 15, "heads", 2));
            default -> List.of(Map.of("optimizer", "newton"));
        };
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
