package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
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
    private static final String SMALL_MODEL = "../checkpoints/src/test/models/lm-smoke";

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

    /** A language model answers in words. */
    @Override
    protected Task task() {
        return provider.id().equals("causal-lm")
                ? context(1).plugins().find(TaskProvider.class, "wason")
                        .configured(PluginSpec.of("wason", Map.of("press", "full", "participants", 2)), context(1))
                : super.task();
    }

    @Override
    protected Map<String, Object> configuration() {
        return switch (provider.id()) {
            case "mlp" -> Map.of("hidden", List.of(24, 24), "activation", "gelu");
            case "transformer" -> Map.of("hidden", 16, "layers", 2, "heads", 2);
            case "causal-lm" -> Map.of("path", SMALL_MODEL, "rank", 2, "alpha", 0.1, "maxResponse", 24);
            default -> Map.of();
        };
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return switch (provider.id()) {
            case "mlp" -> List.of(Map.of("hidden", List.of(0)), Map.of("activation", "sine"));
            case "transformer" -> List.of(Map.of("layers", 0), Map.of("hidden", 15, "heads", 2));
            case "causal-lm" -> List.of(Map.of(), Map.of("path", "no-such-folder"), Map.of("path", SMALL_MODEL, "layers", 99),
                    Map.of("path", SMALL_MODEL, "targetModules", List.of("lm_head")),
                    Map.of("path", SMALL_MODEL, "context", 1_000_000));
            default -> List.of(Map.of("optimizer", "newton"));
        };
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
