package io.parley.benchmarks.results;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import io.parley.benchmarks.results.FakeResults.Profile;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Comparison;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlignedResultsTest {
    private final Results raw = FakeResults.attribution(5);
    private final AlignedResults aligned = AlignedResults.of(raw);

    @Test
    void everyPointNamesEverySharedAxis() {
        Set<Map<String, JsonNode>> grids = new HashSet<>(aligned.results().grids("wason"));
        assertEquals(5, grids.size(), "three budgets and two other starts");
        assertTrue(grids.stream().allMatch(grid -> grid.keySet().equals(Set.of("budget.responses", "start.conformity"))));
    }

    @Test
    void whatConcernsOneRowIsPartOfItsLabel() {
        assertTrue(aligned.results().rows("wason").contains("ppo (klCoefficient 0)"));
        Cell variant = aligned.results().cells().stream().filter(c -> c.algorithm().equals("ppo (klCoefficient 0)")).findFirst()
                .orElseThrow();
        assertEquals(0.3, variant.grid().get("start.conformity").asDouble());
        assertEquals("ppo", aligned.origins().get(variant).algorithm());
        assertSame(variant.metrics().get("regret"), aligned.origins().get(variant).metrics().get("regret"));
    }

    @Test
    void smallNumbersAreWrittenOut() {
        Map<String, JsonNode> grid = Map.of("algorithms.dpo.learningRate", DoubleNode.valueOf(3e-5));
        Results results = Results.of(raw.provenance(), List.of(FakeResults.cell("dpo", grid, 1, FakeResults.MIMIC, 1000, 0)));
        assertEquals(List.of("dpo (learningRate 0.00003)"), AlignedResults.of(results).results().rows("wason"));
    }

    /** Two axes that end alike are two rows, and so are two whole entries. */
    @Test
    void labelsTellAllVariantsApart() throws Exception {
        List<Map<String, JsonNode>> grids = List.of(Map.of(),
                Map.of("algorithms.ppo.learningRate", DoubleNode.valueOf(0.001)),
                Map.of("algorithms.ppo.start.learningRate", DoubleNode.valueOf(0.001)),
                Map.of("algorithms.ppo", new ObjectMapper().readTree("{\"id\": \"ppo\", \"klCoefficient\": 0.5}")),
                Map.of("algorithms.ppo", new ObjectMapper().readTree("{\"id\": \"ppo\", \"klCoefficient\": 0}")));
        List<Cell> cells = new ArrayList<>();
        for (long seed = 1; seed <= 5; seed++) {
            for (int i = 0; i < grids.size(); i++) {
                Profile profile = FakeResults.MIMIC.towards(FakeResults.OPTIMAL, 0.1 * i);
                cells.add(FakeResults.cell("ppo", grids.get(i), seed, profile, 1000, 0.01));
            }
        }
        Results results = Results.of(raw.provenance(), cells);
        AlignedResults all = AlignedResults.of(results);
        assertEquals(List.of("ppo", "ppo (learningRate 0.001)", "ppo (start.learningRate 0.001)", "ppo (ppo (klCoefficient 0.5))",
                "ppo (ppo (klCoefficient 0))"), all.results().rows("wason"));
        assertEquals(25, all.results().cells().size());
        assertEquals(List.of(Map.of()), all.results().grids("wason"));
        assertEquals(4 * Metrics.FAMILY.size(), all.results().comparisons().size());
        assertEquals(4, results.comparisons().stream().map(Comparison::meanDifference).distinct().count()
                / Metrics.FAMILY.size(), "each has a difference of its own");
    }

    @Test
    void cellsThatCoincideAreOne() {
        long own = aligned.results().cells().stream()
                .filter(c -> c.algorithm().equals("dpo") && c.grid().get("budget.responses").asLong() == 200_000
                        && c.grid().get("start.conformity").asDouble() == 0.3)
                .count();
        assertEquals(5, own);
    }

    /** As in the preset lambda: a point that only varies one row has that row alone, and the baseline stands at another. */
    @Test
    void variantsAreComparedWithTheBaselineOfTheirPoint() {
        Map<String, JsonNode> grid = Map.of("algorithms.icr.lambda", DoubleNode.valueOf(0.2));
        List<Cell> cells = new ArrayList<>();
        for (long seed = 1; seed <= 5; seed++) {
            cells.add(FakeResults.cell("ppo", Map.of(), seed, FakeResults.MIMIC, 1000, 0.03));
            cells.add(FakeResults.cell("icr", Map.of(), seed, FakeResults.IGNORER, 1000, 0.03));
            cells.add(FakeResults.cell("icr", grid, seed, FakeResults.INTEGRATOR, 1000, 0.03));
        }
        Results results = Results.of(raw.provenance(), cells);
        List<Comparison> shown = AlignedResults.of(results).results().comparisons();
        assertEquals(2 * Metrics.FAMILY.size(), shown.size());
        assertArrayEquals(Statistics.holm(shown.stream().mapToDouble(Comparison::p).toArray()),
                shown.stream().mapToDouble(Comparison::pHolm).toArray());
        Comparison variant = shown.stream().filter(c -> c.metric().equals(Metrics.MIMICRY) && c.a().equals("icr (lambda 0.2)"))
                .findFirst().orElseThrow();
        double difference = 0;
        for (Cell cell : cells) {
            difference += cell.algorithm().equals("ppo") ? -cell.metric(Metrics.MIMICRY) / 5
                    : cell.grid().equals(grid) ? cell.metric(Metrics.MIMICRY) / 5 : 0;
        }
        assertEquals(difference, variant.meanDifference(), 1e-12);
        // The file names rows as its cells do.
        assertTrue(results.comparisons().contains(new Comparison("wason", grid, Metrics.MIMICRY, "icr", "ppo",
                variant.meanDifference(), variant.ci95Low(), variant.ci95High(), 5, variant.p(), variant.pHolm())));
        assertEquals(shown.size(), results.comparisons().size());
    }

    @Test
    void aligningTwiceChangesNothing() {
        assertEquals(aligned.results(), AlignedResults.of(aligned.results()).results());
    }

    @Test
    void findsTheExperimentsOwnValues() throws Exception {
        JsonNode experiment = new ObjectMapper().readTree("{\"tasks\": [{\"label\": \"a\", \"q\": 1}, {\"label\": "
                + "\"b\", \"q\": [2]}]}");
        assertEquals(1, AlignedResults.setting(experiment, "tasks.a.q").asInt());
        assertEquals(2, AlignedResults.setting(experiment, "tasks.1.q.0").asInt());
        assertNull(AlignedResults.setting(experiment, "tasks.c.q"));
    }
}
