package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.task.TaskProvider;
import io.parley.testkit.TaskContract;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
class TasksTest extends TaskContract {
    private final TaskProvider<?> provider;
    private final Parley.Host host;
    private final Map<String, Object> configuration;

    TasksTest(TaskProvider<?> provider, Parley.Host host, Map<String, Object> configuration) {
        this.provider = provider;
        this.host = host;
        this.configuration = configuration;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(TaskProvider.class).flatMap(arguments -> {
            List<Map<String, Object>> configurations = switch (((TaskProvider<?>) arguments.get()[0]).id()) {
                case "wason" -> List.of(Map.of(), Map.of("regime", "single", "rounds", 4), Map.of("press", "full", "rounds", 3),
                        Map.of("press", "full", "regime", "single", "rounds", 5));
                case "weights" -> List.of(Map.of(), Map.of("regime", "single", "rounds", 4), Map.of("press", "full", "rounds", 3),
                        Map.of("press", "full", "regime", "single", "rounds", 5));
                default -> List.of(Map.of(), Map.of("rounds", 3, "machines", 2));
            };
            return configurations.stream().map(c -> Arguments.of(arguments.get()[0], arguments.get()[1], c));
        });
    }

    @Override
    protected TaskProvider<?> provider() {
        return provider;
    }

    @Override
    protected Map<String, Object> configuration() {
        return configuration;
    }

    /** The bandit draws the arm that pays in every split alike. */
    @Override
    protected boolean hasInstances() {
        return !provider.id().equals("suggestion-bandit");
    }

    @Override
    protected PluginSpec trainPartner() {
        return PluginSpec.of("mixed");
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
