package io.parley.benchmarks.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Failure;
import io.parley.benchmarks.results.Results.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    @Test
    void surviveARoundTrip(@TempDir Path folder) throws IOException {
        Results results = sample();
        Path file = folder.resolve("results.json");
        results.write(file);
        assertEquals(results, Results.read(file));
        results.write(file);
        assertEquals(List.of(file), Files.list(folder).toList(), "nothing is left beside the file");
    }

    @Test
    void haveTheKeysOfTheContract(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("results.json");
        sample().write(file);
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertEquals("cells,comparisons,provenance,schema,summary", keys(json));
        assertEquals("algorithm,counts,cpuSeconds,grid,metrics,seed,task,tokens,wallSeconds", keys(json.at("/cells/0")));
        assertEquals("algorithm,ci95High,ci95Low,grid,mean,metric,n,task", keys(json.at("/summary/0")));
        assertEquals("a,b,ci95High,ci95Low,grid,meanDifference,metric,n,p,pHolm,task", keys(json.at("/comparisons/0")));
        assertTrue(json.at("/cells/0/metrics/mimicry").isNull());
        assertEquals(0, json.at("/cells/0/counts/mimicry").asInt(-1));
        // A line an entry: files of large grids stay small, and tools for lines can work with them.
        for (String entries : List.of("cells", "summary", "comparisons")) {
            for (JsonNode entry : json.get(entries)) {
                assertEquals(1, Files.readAllLines(file).stream().map(line -> line.replaceAll(",$", ""))
                        .filter(entry.toString()::equals)
                        .count());
            }
        }
        assertFalse(Files.readString(file).matches("(?s).*(NaN|Infinity).*"));
    }

    @Test
    void refuseWhatIsNotANumber() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            var e = assertThrows(IllegalArgumentException.class,
                    () -> new Cell("wason", "ppo", Map.of(), 1, Map.of("regret", bad), Map.of(), 1, 1, 1));
            assertTrue(e.getMessage().contains("metrics.regret is " + bad), e.getMessage());
        }
    }

    @Test
    void sayWhichFileIsNotResults(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("results.json");
        Files.writeString(file, "{\"schema\": 2, \"provenance\": {}}");
        var e = assertThrows(IOException.class, () -> Results.read(file));
        assertTrue(e.getMessage().contains(file.toString()) && e.getMessage().contains("schema is 2"), e.getMessage());
        Files.writeString(file, "{\"schema\": 1, \"prov");
        assertTrue(assertThrows(IOException.class, () -> Results.read(file)).getMessage().contains(file.toString()));
    }

    private static Results sample() {
        Map<String, JsonNode> grid = new LinkedHashMap<>();
        grid.put("trainPartner.helpful", JSON.numberNode(0.8));
        grid.put("tasks.0.visible", JSON.arrayNode().add(0.8).add(0.3));
        List<Cell> cells = new ArrayList<>();
        for (long seed = 1; seed <= 5; seed++) {
            for (String row : List.of("ppo", "icr")) {
                Map<String, Double> metrics = new HashMap<>();
                metrics.put("mimicry", null);
                metrics.put("ignoring", row.equals("ppo") ? 0.1 * seed : 1.0 / (3 + seed));
                cells.add(new Cell("wason", row, grid, seed, metrics, Map.of("mimicry", 0L, "ignoring", 40L), 1.25,
                        2.5, 1 << 20));
            }
        }
        JsonNode experiment = JSON.objectNode().put("name", "sample").set("seeds", JSON.arrayNode().add(1));
        return Results.of(new Provenance("sample", experiment, List.of(), "bc", "0.1", Map.of("ppo", "0.1"), Map.of(),
                Map.of("cores", "2"), "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z", 60.0,
                List.of(new Failure("wason", "dpo", grid, 3, "out of memory"))), cells);
    }

    private static String keys(JsonNode node) {
        TreeSet<String> keys = new TreeSet<>();
        node.fieldNames().forEachRemaining(keys::add);
        return String.join(",", keys);
    }
}
