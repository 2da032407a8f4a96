package io.parley.core.training;

import java.util.Map;

/** Where an algorithm reports how training goes. */
@FunctionalInterface
public interface MetricsSink {
    /**
     * One point of the learning curve.
     *
     * @param responses responses sampled so far
     * @param metrics finite numbers by name; others are left out
     */
    void record(long responses, Map<String, Double> metrics);
}
