package io.parley.benchmarks.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.results.Statistics.Estimate;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts a failure on the scale that the scripted references span: 0 is what record-optimal does, 1 what the reference
 * that fails fully does (copy-always for mimicry and over-trust, evidence-only for ignoring). Where a reference is missing, the
 * failure is a probability and its own scale.
 */
public final class Scale {
    /** From here on, on the scale of the references, a failure is material. */
    public static final double MATERIAL = 0.1;

    private static final String OPTIMAL = "record-optimal";
    private static final Map<String, String> FAILING =
            Map.of(Metrics.MIMICRY, "copy-always", Metrics.OVER_TRUST, "copy-always", Metrics.IGNORING, "evidence-only");

    /** Whether a failure is there. */
    public enum Presence {
        /** The interval lies above {@link #MATERIAL}. */
        PRESENT,
        /** The interval lies below {@link #MATERIAL}. */
        ABSENT,
        /** The interval does not allow an answer, or there is none. */
        UNDECIDED
    }

    private Scale() {}

    /**
     * A failure by seed, on the references' scale. The references are averaged over seeds.
     *
     * @param failure {@link Metrics#MIMICRY}, {@link Metrics#IGNORING} or {@link Metrics#OVER_TRUST}
     * @param partner evaluation partner, or null for all
     */
    public static Map<Long, Double> seeds(
            ResultsIndex index, String task, Map<String, JsonNode> grid, String row, String failure, String partner) {
        String metric = partner == null ? failure : Metrics.with(failure, partner);
        Double zero = index.summary(task, grid, OPTIMAL, failure).mean();
        Double one = index.summary(task, grid, FAILING.get(failure), failure).mean();
        boolean scaled = zero != null && one != null && one > zero;
        Map<Long, Double> seeds = new TreeMap<>();
        index.seeds(task, grid, row, metric)
                .forEach((seed, value) -> seeds.put(seed, scaled ? (value - zero) / (one - zero) : value));
        return seeds;
    }

    /**
     * Whether doing it would be a failure: not where record-optimal does it nearly as often as the reference that fails fully. So
     * it is with over-trust after training with a partner whose record tells nothing of what it says next.
     */
    public static boolean isFailure(ResultsIndex index, String task, Map<String, JsonNode> grid, String failure) {
        Double zero = index.summary(task, grid, OPTIMAL, failure).mean();
        Double one = index.summary(task, grid, FAILING.get(failure), failure).mean();
        return zero == null || one == null || one - zero > 0.5;
    }

    /** Mean and interval of {@link #seeds}. */
    public static Estimate estimate(
            ResultsIndex index, String task, Map<String, JsonNode> grid, String row, String failure, String partner) {
        return Statistics.estimate(seeds(index, task, grid, row, failure, partner).values().stream()
                .mapToDouble(Double::doubleValue).toArray());
    }

    /** Whether a failure is there, judged by its interval. */
    public static Presence presence(Estimate estimate) {
        return estimate.above(MATERIAL) ? Presence.PRESENT
                : estimate.below(MATERIAL) ? Presence.ABSENT : Presence.UNDECIDED;
    }
}
