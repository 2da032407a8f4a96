package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.training.AlgorithmProvider;
import io.parley.testkit.AlgorithmContract;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
class AlgorithmsTest extends AlgorithmContract {
    /** For a table. */
    private static final Map<String, Object> PPO = Map.of("learningRate", 0.05, "rolloutEpisodes", 500);
    private static final Map<String, Object> DPO = Map.of("learningRate", 0.05, "batchSize", 100,
            "preferences", Map.of("id", "sampled", "episodes", 2000));

    private final AlgorithmProvider<?> provider;
    private final Parley.Host host;

    AlgorithmsTest(AlgorithmProvider<?> provider, Parley.Host host) {
        this.provider = provider;
        this.host = host;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(AlgorithmProvider.class);
    }

    @Override
    protected AlgorithmProvider<?> provider() {
        return provider;
    }

    @Override
    protected Map<String, Object> configuration() {
        return switch (provider.id()) {
            case "bc" -> Map.of("aloneDemonstrations", 1000, "demonstrations", 2000, "conformity", 0.9,
                    "partner", "bandit-partner", "learningRate", 0.05);
            case "dpo", "ipo" -> DPO;
            case "icr" -> Map.of("counterfactual", "bandit-mask", "ppo", PPO);
            default -> {
                Map<String, Object> ppo = new HashMap<>(PPO);
                if (!provider.id().equals("ppo")) {
                    ppo.put("shown", "bandit-mask");
                }
                yield ppo;
            }
        };
    }

    @Override
    protected long budget() {
        return provider.id().equals("bc") ? 0 : super.budget();
    }

    /** Two of them train on states without a suggestion alone; there the better arm is all that can be learnt. */
    @Override
    protected double share() {
        return List.of("ppo-cf", "pso-intent").contains(provider.id()) ? 0.06 : super.share();
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return switch (provider.id()) {
            case "bc" -> List.of(Map.of("demonstrations", 0), Map.of("conformity", 1.5), Map.of("partner", "no-such"),
                    Map.of("aloneDemonstrations", 0), Map.of("file", "no-such-file.jsonl"));
            case "dpo", "ipo" -> List.of(Map.of("beta", 0), Map.of("preferences", "no-such"), Map.of("epochs", 0));
            case "icr" -> List.of(Map.of("counterfactual", "no-such"), Map.of("place", "reward", "estimator", "full"),
                    Map.of("lambda", -1));
            default -> List.of(Map.of("clip", -0.1), Map.of("regularizers", List.of("no-such")), Map.of("shown", "no-such"),
                    Map.of("gamma", 2));
        };
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
