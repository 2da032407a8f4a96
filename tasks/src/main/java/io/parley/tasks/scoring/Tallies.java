package io.parley.tasks.scoring;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Running means by name. */
final class Tallies {
    private final Map<String, double[]> sums = new TreeMap<>();

    /** Makes sure that there is an entry, even if nothing is ever added to it. */
    void declare(String... names) {
        for (String name : names) {
            sums.computeIfAbsent(name, n -> new double[2]);
        }
    }

    void add(String name, double value) {
        double[] sum = sums.computeIfAbsent(name, n -> new double[2]);
        sum[0] += value;
        sum[1]++;
    }

    void add(String name, boolean value) {
        add(name, value ? 1 : 0);
    }

    SortedMap<String, Metric> means() {
        SortedMap<String, Metric> means = new TreeMap<>();
        sums.forEach((name, sum) -> means.put(name, sum[1] == 0 ? Metric.NONE : new Metric(sum[0] / sum[1], (long) sum[1])));
        return means;
    }
}
