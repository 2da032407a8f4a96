package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaboratoryTest {
    /** Where there is no intervention to cut, ICR's penalty is 0 and it is PPO, up to rounding; where there is one, it is not. */
    @Test
    void everyClaimHoldsAndIcrIsPpoWhereNobodySpeaks() throws IOException {
        Cli.Result result = Cli.run("laboratory", "--seeds", "1", "--json");
        assertEquals(0, result.code(), result.out() + result.err());
        Map<String, Map<String, Double>> received = new HashMap<>();
        for (JsonNode row : new ObjectMapper().readTree(result.out()).get("results")) {
            assertTrue(row.path("holds").asBoolean(row.get("claimed").asText().equals("none claimed")), row.toString());
            received.computeIfAbsent(row.get("environment").asText(), id -> new HashMap<>())
                    .put(row.get("algorithm").asText(), row.get("received").asDouble());
        }
        assertEquals(6, received.size());
        received.forEach((environment, by) -> {
            assertEquals(6, by.size(), by.toString());
            assertEquals(!environment.equals("suggestion-bandit"), Math.abs(by.get("ppo") - by.get("icr")) < 0.01, environment + by);
        });
    }
}
