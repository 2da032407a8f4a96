package io.parley.tasks.scoring;

import java.util.Map;
import java.util.TreeMap;

/** How often each of some names was met. */
final class Shares {
    private final Map<String, Long> times = new TreeMap<>();

    void add(String name) {
        times.merge(name, 1L, Long::sum);
    }

    /** Puts the share of each name that was met, with the number of all cases as its count. */
    void putInto(Map<String, Metric> metrics, String prefix) {
        long all = times.values().stream().mapToLong(Long::longValue).sum();
        times.forEach((name, count) -> metrics.put(prefix + name, new Metric((double) count / all, all)));
    }
}
