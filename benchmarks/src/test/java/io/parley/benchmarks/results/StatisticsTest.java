package io.parley.benchmarks.results;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Comparison;
import io.parley.benchmarks.results.Results.Provenance;
import io.parley.benchmarks.results.Results.Summary;
import io.parley.benchmarks.results.Statistics.Estimate;
import io.parley.benchmarks.results.Statistics.Paired;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    /** Student's sleep data (Student 1908, table of additional hours), as analysed in R's help of t.test. */
    private static final double[] SLEEP_1 = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    private static final double[] SLEEP_2 = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

    @Test
    void studentIntervalOfOneToFive() {
        Estimate e = Statistics.estimate(1, 2, 3, 4, 5);
        assertEquals(3, e.mean(), 1e-12);
        assertEquals(3 - 1.963243, e.low(), 1e-6);
        assertEquals(3 + 1.963243, e.high(), 1e-6);
        assertEquals(5, e.n());
    }

    @Test
    void pairedTestOfStudentsSleepData() {
        Paired paired = Statistics.paired(seeds(SLEEP_1), seeds(SLEEP_2));
        assertEquals(-1.58, paired.difference().mean(), 1e-12);
        assertEquals(-2.4598858, paired.difference().low(), 1e-7);
        assertEquals(-0.7001142, paired.difference().high(), 1e-7);
        assertEquals(0.002833, paired.p(), 5e-7);
    }

    @Test
    void pairsBySeedAndDropsSeedsWithoutATwin() {
        Map<Long, Double> a = seeds(SLEEP_1);
        Map<Long, Double> b = new HashMap<>(seeds(SLEEP_2));
        a.put(99L, 1000.0);
        b.put(77L, -1000.0);
        assertEquals(-1.58, Statistics.paired(a, b).difference().mean(), 1e-12);
        assertEquals(10, Statistics.paired(a, b).difference().n());
    }

    @Test
    void fewSeedsGiveAPointAndNoInterval() {
        assertEquals(new Estimate(2.5, null, null, 4), Statistics.estimate(1, 2, 3, 4));
        assertEquals(new Estimate(null, null, null, 0), Statistics.estimate());
        Paired paired = Statistics.paired(seeds(1, 2, 3, 4), seeds(0, 0, 0, 0));
        assertEquals(2.5, paired.difference().mean());
        assertNull(paired.p());
        assertNull(paired.difference().low());
    }

    @Test
    void equalDifferencesTakeTheSignTest() {
        assertEquals(1.0, Statistics.paired(seeds(0, 0, 0, 0, 0), seeds(0, 0, 0, 0, 0)).p());
        assertEquals(1.0 / 16, Statistics.paired(seeds(1, 1, 1, 1, 1), seeds(0, 0, 0, 0, 0)).p());
    }

    @Test
    void holmsCorrectionAsInR() {
        // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
        assertArrayEquals(new double[] {0.03, 0.06, 0.06, 0.02}, Statistics.holm(0.01, 0.04, 0.03, 0.005), 1e-12);
        assertArrayEquals(new double[] {1, 1}, Statistics.holm(0.7, 0.9), 0);
        assertArrayEquals(new double[0], Statistics.holm(), 0);
    }

    @Property(tries = 200)
    void holmKeepsTheOrderAndLiesBetweenRawAndBonferroni(
            @ForAll @Size(min = 1, max = 12) List<@DoubleRange(min = 0, max = 1) Double> p) {
        double[] raw = p.stream().mapToDouble(Double::doubleValue).toArray();
        double[] corrected = Statistics.holm(raw);
        for (int i = 0; i < raw.length; i++) {
            assertTrue(corrected[i] >= raw[i] && corrected[i] <= Math.min(1, raw.length * raw[i]) + 1e-15);
            for (int j = 0; j < raw.length; j++) {
                assertTrue(raw[i] > raw[j] || corrected[i] <= corrected[j]);
            }
        }
    }

    @Test
    void comparesAlgorithmsWithTheBaselineWithinTaskAndGridPoint() {
        Random random = new Random(1);
        List<Cell> cells = new ArrayList<>();
        for (double helpful : new double[] {0.1, 0.9}) {
            for (String row : List.of("copy-always", "bc", "ppo", "dpo", "icr", "served")) {
                for (long seed = 1; seed <= 5; seed++) {
                    Map<String, Double> metrics = new TreeMap<>();
                    for (String metric : Metrics.FAMILY) {
                        metrics.put(metric, random.nextDouble());
                    }
                    metrics.put("accuracy.visible.false", seed == 3 ? null : 0.5);
                    cells.add(cell(row, helpful, seed, metrics));
                }
            }
        }
        List<Cell> shuffled = new ArrayList<>(cells);
        Collections.shuffle(shuffled, random);
        Results results = Results.of(provenance(), cells);

        assertEquals(2 * 2 * 3, results.comparisons().size());
        for (Comparison c : results.comparisons()) {
            assertEquals("ppo", c.b());
            assertTrue(List.of("dpo", "icr").contains(c.a()));
            assertNotNull(c.p());
            assertTrue(c.pHolm() >= c.p());
            double mean = cells.stream()
                    .filter(x -> x.grid().equals(c.grid()) && x.algorithm().equals(c.a()))
                            .mapToDouble(x -> x.metric(c.metric())).sum();
            double base = cells.stream()
                    .filter(x -> x.grid().equals(c.grid()) && x.algorithm().equals("ppo"))
                            .mapToDouble(x -> x.metric(c.metric())).sum();
            assertEquals((mean - base) / 5, c.meanDifference(), 1e-12);
        }
        Summary stratum = results.summary().stream()
                .filter(s -> s.metric().equals("accuracy.visible.false")).findFirst().orElseThrow();
        assertEquals(4, stratum.n());
        assertEquals(0.5, stratum.mean());
        assertNull(stratum.ci95Low());
        assertEquals(List.of("copy-always", "bc", "ppo", "dpo", "icr", "served"), results.rows("wason"));
        assertEquals(List.of("ppo", "dpo", "icr", "served"), results.algorithms("wason"));

        Results other = Results.of(provenance(), shuffled);
        for (Comparison c : other.comparisons()) {
            assertTrue(results.comparisons().contains(c), "order of cells must not matter: " + c);
        }
    }

    @Test
    void refusesACellGivenTwice() {
        List<Cell> cells = List.of(cell("ppo", 0.1, 1, Map.of()), cell("ppo", 0.1, 1, Map.of()));
        var e = assertThrows(IllegalArgumentException.class, () -> Results.of(provenance(), cells));
        assertTrue(e.getMessage().contains("seed 1 is given twice"), e.getMessage());
    }

    private static Provenance provenance() {
        ObjectNode experiment = JsonNodeFactory.instance.objectNode();
        experiment.putArray("frozen").addObject().put("label", "served");
        return new Provenance("test", experiment, List.of("copy-always"), "bc", null, null, null, null, null, null, null, null);
    }

    private static Cell cell(String row, double helpful, long seed, Map<String, Double> metrics) {
        Map<String, JsonNode> grid = Map.of("trainPartner.helpful", DoubleNode.valueOf(helpful));
        return new Cell("wason", row, grid, seed, metrics, Map.of(), 1, 1, 10);
    }

    private static Map<Long, Double> seeds(double... values) {
        Map<Long, Double> map = new TreeMap<>();
        for (int i = 0; i < values.length; i++) {
            map.put((long) i, values[i]);
        }
        return map;
    }
}
