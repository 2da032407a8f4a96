package org.example.reinforce;

import io.parley.testkit.AlgorithmContract;
import java.util.List;
import java.util.Map;

class ReinforceTest extends AlgorithmContract {
    @Override
    protected ReinforceProvider provider() {
        return new ReinforceProvider();
    }

    @Override
    protected Map<String, Object> configuration() {
        return Map.of("learningRate", 0.05, "batchEpisodes", 32);
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return List.of(Map.of("learningRate", 0), Map.of("batchEpisodes", 1), Map.of("baselineDecay", 1));
    }
}
