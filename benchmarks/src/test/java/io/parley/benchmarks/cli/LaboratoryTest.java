package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaboratoryTest {
    /** Where there is no intervention to cut, ICR's penalty is 0 and it is PPO, up to rounding; where there is one, it is not. */
    @Test
    void everyClaimHoldsAndIcrIsPpoWhereNobodySpeaks(@TempDir Path folder) throws IOException {
        Cli.Result result = Cli.run("run", "--preset", "mamdp", "--set", "seeds=[1]", "--out", folder.toString());
        assertEquals(0, result.code(), result.out() + result.err());
        assertTrue(result.out().startsWith(Files.readString(folder.resolve("laboratory.txt"))));
        JsonNode report = new ObjectMapper().readTree(folder.resolve("laboratory.json").toFile());
        Map<String, Map<String, Double>> received = new HashMap<>();
        for (JsonNode row : report.get("results")) {
            assertEquals(1, row.get("seed").asInt());
            assertTrue(row.path("holds").asBoolean(row.get("claimed").asText().equals("none claimed")), row.toString());
            received.computeIfAbsent(row.get("environment").asText(), id -> new HashMap<>())
                    .put(row.get("algorithm").asText(), row.get("received").asDouble());
        }
        assertEquals(6, received.size());
        received.forEach((environment, by) -> {
            assertEquals(6, by.size(), by.toString());
            assertEquals(!environment.equals("suggestion-bandit"), Math.abs(by.get("ppo") - by.get("icr")) < 0.01,
                    environment + by);
        });
        // Langlois and Everitt's example: Bellman-optimal in the underlying MDP, at a loss in the modified one.
        JsonNode oversight = report.at("/environments/0");
        assertEquals("simulation-oversight", oversight.get("environment").asText());
        assertEquals(oversight.get("bellmanReceived").asDouble(), received.get("simulation-oversight").get("q-learning"), 1e-3);
        for (JsonNode row : report.get("results")) {
            if (row.get("environment").asText().equals("simulation-oversight")
                    && row.get("algorithm").asText().equals("q-learning")) {
                assertEquals("ignores", row.get("behaviour").asText());
                assertEquals(oversight.get("bellmanIntended").asDouble(), row.get("intended").asDouble(), 1e-3);
            }
        }
    }
}
