package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.training.RegularizerProvider;
import io.parley.testkit.RegularizerContract;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
class RegularizersTest extends RegularizerContract {
    private final RegularizerProvider<?> provider;
    private final Parley.Host host;
    private final Map<String, Object> configuration;

    RegularizersTest(RegularizerProvider<?> provider, Parley.Host host, Map<String, Object> configuration) {
        this.provider = provider;
        this.host = host;
        this.configuration = configuration;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(RegularizerProvider.class).flatMap(arguments -> {
            List<Map<String, Object>> configurations = switch (((RegularizerProvider<?>) arguments.get()[0]).id()) {
                case "counterfactual-invariance" -> List.of(
                        Map.of("counterfactual", "bandit-mask"),
                        Map.of("counterfactual", "bandit-mask", "anchor", "reference"),
                        Map.of("counterfactual", "bandit-mask", "place", "loss", "estimator", "k2", "anchor", "smoothed"),
                        Map.of("counterfactual", "bandit-mask", "place", "loss", "estimator", "full", "bound", 2));
                case "swapped-invariance" -> List.of(Map.of("counterfactual", "bandit-mask"));
                case "kl-reference" -> List.of(Map.of(), Map.of("target", 0.5));
                default -> List.of(Map.of());
            };
            return configurations.stream().map(c -> Arguments.of(arguments.get()[0], arguments.get()[1], c));
        });
    }

    @Override
    protected RegularizerProvider<?> provider() {
        return provider;
    }

    @Override
    protected Map<String, Object> configuration() {
        return configuration;
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return switch (provider.id()) {
            case "counterfactual-invariance" -> List.of(Map.of("place", "reward", "estimator", "full"),
                    Map.of("place", "loss", "estimator", "k1"),
                    Map.of("counterfactual", "no-such"), Map.of("lambda", -1), Map.of("smoothing", 0.2));
            case "swapped-invariance" -> List.of(Map.of("lambda", -1), Map.of("swap", "no-such"), Map.of("smoothing", 1));
            case "kl-reference" -> List.of(Map.of("coefficient", -1), Map.of("target", 0));
            default -> List.of(Map.of("coefficient", -1));
        };
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
