package io.parley.benchmarks.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import io.parley.benchmarks.results.Attribution.Cause;
import io.parley.benchmarks.results.Attribution.Finding;
import io.parley.benchmarks.results.Results.Cell;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Constructed cases: mimicry with the evaluation partners at budgets 1, 4 and 16, and with the training partner. */
class AttributionTest {
    private static final double[] STAYS = {0.5, 0.5, 0.48};

    @Test
    void whatShrinksWithTheBudgetIsLearning() {
        assertEquals(Cause.LEARNING, judge(new double[] {0.5, 0.3, 0.02}, 0.02, 0.02, 5).cause());
        Finding half = judge(new double[] {0.6, 0.4, 0.2}, 0.2, 0.02, 5);
        assertEquals(Cause.LEARNING, half.cause());
        assertTrue(half.reason().contains("0.60") && half.reason().contains("0.20") && half.reason().contains("16"),
                half.reason());
    }

    @Test
    void whatStaysWithTheTrainingPartnerIsTheObjective() {
        assertEquals(Cause.OBJECTIVE, judge(STAYS, 0.5, 0.02, 5).cause());
    }

    @Test
    void whatStaysAndCannotShowWithTheTrainingPartnerIsTheObjective() {
        Finding finding = judge(STAYS, null, 0.02, 5);
        assertEquals(Cause.OBJECTIVE, finding.cause());
        assertTrue(finding.reason().contains("never gave occasion"), finding.reason());
    }

    @Test
    void whatShowsOnlyWithOtherPartnersIsShift() {
        assertEquals(Cause.SHIFT, judge(STAYS, 0.01, 0.02, 5).cause());
        assertEquals(Cause.SHIFT, judge(new double[] {0.5}, 0.01, 0.02, 5).cause());
    }

    @Test
    void whatIsNotThereIsAbsent() {
        assertEquals(Cause.ABSENT, judge(new double[] {0.02, 0.02, 0.02}, 0.02, 0.01, 5).cause());
    }

    @Test
    void noiseFewSeedsAndOneBudgetDecideNothing() {
        assertEquals(Cause.NOT_DECIDED, judge(STAYS, 0.5, 0.6, 5).cause());
        assertEquals(Cause.NOT_DECIDED, judge(STAYS, 0.5, 0.02, 4).cause());
        Finding one = judge(new double[] {0.5}, 0.5, 0.02, 5);
        assertEquals(Cause.NOT_DECIDED, one.cause());
        assertTrue(one.reason().contains("several budgets"), one.reason());
        Finding between = judge(new double[] {0.5, 0.4, 0.25}, 0.25, 0.05, 5);
        assertEquals(Cause.NOT_DECIDED, between.cause(), "about half: neither halved nor stayed");
    }

    /** A plan gives it one cell for all budgets of the grid, of which none is its own. */
    @Test
    void aBudgetThatDidNotGrowIsOneBudget() {
        List<Cell> cells = new ArrayList<>();
        for (int budget : new int[] {1, 4, 16}) {
            for (long seed = 1; seed <= 5; seed++) {
                cells.add(cell("ppo", budget, seed, 0.5 + 0.01 * seed, 0.5));
            }
        }
        Finding finding = Attribution.of(Results.of(FakeResults.provenance("test", 5, List.of()), cells)).get(0);
        assertEquals(Cause.NOT_DECIDED, finding.cause());
        assertEquals(1, finding.budgets());
        assertTrue(finding.reason().contains("takes several budgets"), finding.reason());
    }

    @Test
    void failuresAreJudgedOnTheReferencesScale() {
        // Even the record-optimal policy shows 0.15 here, so 0.16 is no failure of the agent's.
        List<Cell> cells = cells(new double[] {0.16}, 0.16, 0.005, 5);
        for (long seed = 1; seed <= 5; seed++) {
            cells.add(cell("copy-always", 1, seed, 1, 1.0));
            cells.add(cell("record-optimal", 1, seed, 0.15, 0.15));
        }
        Finding finding = Attribution.of(Results.of(FakeResults.provenance("test", 5, List.of()), cells)).stream()
                .filter(f -> f.failure().equals(Metrics.MIMICRY)).findFirst().orElseThrow();
        assertEquals(Cause.ABSENT, finding.cause());
        assertEquals(0.01 / 0.85, finding.largest().mean(), 1e-9);
    }

    @Test
    void eachPointOfTheRestOfTheGridIsJudgedApart() {
        List<Finding> findings = Attribution.of(FakeResults.attribution(5));
        // Four algorithms at three starts, and three of them once more with a setting of their own; three failures each.
        assertEquals((4 * 3 + 3) * 3, findings.size());
        assertTrue(findings.stream().allMatch(f -> f.grid().keySet().equals(Set.of("start.conformity"))));
        for (Finding f : findings) {
            boolean own = f.grid().get("start.conformity").asDouble() == 0.3 && !f.algorithm().contains("(");
            assertEquals(own ? 3 : 1, f.budgets(), f::toString);
        }
        assertTrue(findings.stream().anyMatch(f -> f.algorithm().equals("icr-smoothed (klCoefficient 0)")));
    }

    private static Finding judge(double[] shifted, Double training, double noise, int seeds) {
        Results results = Results.of(FakeResults.provenance("test", seeds, List.of()), cells(shifted, training, noise, seeds));
        return Attribution.of(results).stream().filter(f -> f.failure().equals(Metrics.MIMICRY)).findFirst().orElseThrow();
    }

    /** Noise is symmetric about the mean, so that means are exact. */
    private static List<Cell> cells(double[] shifted, Double training, double noise, int seeds) {
        List<Cell> cells = new ArrayList<>();
        for (int b = 0; b < shifted.length; b++) {
            for (long seed = 1; seed <= seeds; seed++) {
                double sign = (seed - (seeds + 1) / 2.0) / (seeds - 1) * 2;
                double flip = b % 2 == 0 ? sign : -sign;
                cells.add(cell("ppo", 1 << (2 * b), seed, shifted[b] + flip * noise,
                        training == null ? null : training + sign * noise));
            }
        }
        return cells;
    }

    private static Cell cell(String row, int budget, long seed, double shifted, Double training) {
        Map<String, Double> metrics = new TreeMap<>();
        metrics.put("mimicry", shifted);
        metrics.put("mimicry@training", training);
        metrics.put("ignoring", 0.0);
        Map<String, JsonNode> grid = new LinkedHashMap<>();
        grid.put(Attribution.BUDGET, IntNode.valueOf(budget));
        grid.put("start.conformity", DoubleNode.valueOf(0.3));
        return new Cell("wason", row, grid, seed, metrics, Map.of(), 1, 1, 1);
    }
}
