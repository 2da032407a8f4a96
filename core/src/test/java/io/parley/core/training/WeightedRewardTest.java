package io.parley.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parley.core.plugin.PluginContext;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightedRewardTest {
    private static double reward(Double own, Double group, Double commonGround, Map<String, Double> parts) {
        return new WeightedReward().create(new WeightedReward.Config(own, group, commonGround), PluginContext.standalone(0))
                .reward(null, null, parts);
    }

    @Test
    void eachPartHasItsWeight() {
        Map<String, Double> parts = Map.of("own", 1.0, "group", 10.0, "commonGround", 100.0, "another", 1000.0);
        assertEquals(2 * 1 + 3 * 10 - 5 * 100, reward(2.0, 3.0, -5.0, parts));
        assertEquals(1, reward(null, null, null, parts), "by default the own part alone");
        assertEquals(2, reward(2.0, 3.0, 5.0, Map.of("own", 1.0)), "a task may have fewer parts");
        assertEquals(0, reward(2.0, 3.0, 5.0, Map.of()));
    }
}
