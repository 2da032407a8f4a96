package io.parley.benchmarks.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Comparison;
import io.parley.benchmarks.results.Results.Provenance;
import io.parley.benchmarks.results.Results.Summary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;
import org.apache.commons.statistics.distribution.TDistribution;
import org.apache.commons.statistics.inference.TTest;

/**
 * Statistics over seeds. The seed is the unit: episodes only reduce the noise within it, so they never enter an n.
 * Below {@link #MIN_SEEDS} seeds there is a mean but no interval and no p.
 */
public final class Statistics {
    /** Fewest seeds for an interval or a p-value. */
    public static final int MIN_SEEDS = 5;
    /** Label of the algorithm that the others are compared with. */
    public static final String BASELINE = "ppo";

    /** t_{0.975} by degrees of freedom: found by a solver, and the same for every metric. */
    private static final Map<Integer, Double> QUANTILES = new ConcurrentHashMap<>();

    private Statistics() {}

    /**
     * A mean over seeds.
     *
     * @param mean null if n is 0
     * @param low lower end of the 95 % interval; null below {@link #MIN_SEEDS}
     * @param high its upper end
     * @param n number of seeds
     */
    public record Estimate(Double mean, Double low, Double high, int n) {
        /** Whether there is an interval and it lies wholly below a bound. */
        public boolean below(double bound) {
            return high != null && high < bound;
        }

        /** Whether there is an interval and it lies wholly above a bound. */
        public boolean above(double bound) {
            return low != null && low > bound;
        }
    }

    /** A mean difference of pairs and the two-sided p of the paired t-test; p is null below {@link #MIN_SEEDS}. */
    public record Paired(Estimate difference, Double p) {}

    /**
     * Mean and Student interval: mean ± t_{0.975, n−1}·s/√n.
     *
     * @param values one a seed
     */
    public static Estimate estimate(double... values) {
        int n = values.length;
        if (n == 0) {
            return new Estimate(null, null, null, 0);
        }
        DoubleStatistics statistics = DoubleStatistics.of(
                EnumSet.of(Statistic.MEAN, Statistic.STANDARD_DEVIATION), values);
        double mean = statistics.getAsDouble(Statistic.MEAN);
        if (n < MIN_SEEDS) {
            return new Estimate(mean, null, null, n);
        }
        double half = QUANTILES.computeIfAbsent(n - 1, freedom -> TDistribution.of(freedom).inverseSurvivalProbability(0.025))
                * statistics.getAsDouble(Statistic.STANDARD_DEVIATION) / Math.sqrt(n);
        return new Estimate(mean, mean - half, mean + half, n);
    }

    /**
     * The difference a − b over the seeds that both have, and its paired t-test. Where all differences are the same there is no
     * such test: p is 1 if they are 0, and otherwise that of the sign test, 2^(1 − n).
     *
     * @param a value by seed
     * @param b value by seed
     */
    public static Paired paired(Map<Long, Double> a, Map<Long, Double> b) {
        double[] differences = a.entrySet().stream()
                .filter(entry -> b.containsKey(entry.getKey()))
                .mapToDouble(entry -> entry.getValue() - b.get(entry.getKey()))
                .toArray();
        Estimate difference = estimate(differences);
        if (differences.length < MIN_SEEDS) {
            return new Paired(difference, null);
        }
        if (difference.low().equals(difference.high())) {
            return new Paired(difference, difference.mean() == 0 ? 1.0 : Math.pow(2, 1 - differences.length));
        }
        return new Paired(difference, TTest.withDefaults().test(differences).getPValue());
    }

    /**
     * Holm's step-down correction (Holm 1979): with p sorted upwards, the k-th of m becomes the largest of
     * (m − j + 1)·p_(j) over j ≤ k, at most 1.
     *
     * @return corrected values in the order of {@code p}
     */
    public static double[] holm(double... p) {
        Integer[] order = new Integer[p.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> p[i]));
        double[] corrected = new double[p.length];
        double largest = 0;
        for (int k = 0; k < p.length; k++) {
            largest = Math.max(largest, Math.min(1, (p.length - k) * p[order[k]]));
            corrected[order[k]] = largest;
        }
        return corrected;
    }

    private record Row(String task, Map<String, JsonNode> grid, String algorithm) {}

    private record Point(String task, Map<String, JsonNode> grid) {}

    static Results results(Provenance provenance, List<Cell> cells) {
        Map<Point, Map<String, TreeMap<Long, Cell>>> points = new LinkedHashMap<>();
        for (Cell cell : cells) {
            Cell twin = points.computeIfAbsent(new Point(cell.task(), cell.grid()), key -> new LinkedHashMap<>())
                    .computeIfAbsent(cell.algorithm(), key -> new TreeMap<>())
                    .put(cell.seed(), cell);
            if (twin != null) {
                throw new IllegalArgumentException("cell " + cell.task() + "/" + cell.algorithm() + "/" + cell.grid()
                        + "/seed " + cell.seed() + " is given twice");
            }
        }
        List<Cell> sorted = new ArrayList<>();
        List<Summary> summary = new ArrayList<>();
        points.forEach((point, rows) -> rows.forEach((algorithm, seeds) -> {
            sorted.addAll(seeds.values());
            summary.addAll(summarise(new Row(point.task(), point.grid(), algorithm), seeds));
        }));
        return new Results(Results.SCHEMA, provenance, sorted, summary, compare(provenance, sorted));
    }

    private static List<Summary> summarise(Row row, Map<Long, Cell> seeds) {
        Set<String> names = new LinkedHashSet<>();
        seeds.values().forEach(cell -> names.addAll(cell.metrics().keySet()));
        List<Summary> summaries = new ArrayList<>();
        for (String name : names) {
            double[] values = bySeed(seeds, name).values().stream().mapToDouble(Double::doubleValue).toArray();
            Estimate estimate = estimate(values);
            summaries.add(new Summary(row.task(), row.algorithm(), row.grid(), name,
                    estimate.mean(), estimate.low(), estimate.high(), estimate.n()));
        }
        return summaries;
    }

    /**
     * Compares at the points of {@link AlignedResults}, where a variant that the grid makes of one row meets the baseline, and
     * names rows as the cells do.
     */
    private static List<Comparison> compare(Provenance provenance, List<Cell> cells) {
        Set<String> others = new HashSet<>(provenance.references());
        others.addAll(provenance.frozen());
        others.add(provenance.start());
        Function<Cell, AlignedResults.Place> places = AlignedResults.places(provenance, cells);
        Map<Point, Map<String, TreeMap<Long, Cell>>> points = new LinkedHashMap<>();
        Map<Row, Set<Row>> names = new HashMap<>();
        for (Cell cell : cells) {
            AlignedResults.Place place = places.apply(cell);
            points.computeIfAbsent(new Point(cell.task(), place.grid()), key -> new LinkedHashMap<>())
                    .computeIfAbsent(place.row(), key -> new TreeMap<>())
                    .putIfAbsent(cell.seed(), cell);
            names.computeIfAbsent(new Row(cell.task(), place.grid(), place.row()), key -> new LinkedHashSet<>())
                    .add(new Row(cell.task(), cell.grid(), cell.algorithm()));
        }
        List<Comparison> comparisons = new ArrayList<>();
        points.forEach((point, rows) -> {
            Map<Long, Cell> baseline = rows.remove(BASELINE);
            rows.keySet().removeAll(others);
            if (baseline != null) {
                comparisons.addAll(compare(point, rows, baseline, names));
            }
        });
        return comparisons;
    }

    private static List<Comparison> compare(
            Point point, Map<String, TreeMap<Long, Cell>> rows, Map<Long, Cell> baseline, Map<Row, Set<Row>> names) {
        List<Paired> tests = new ArrayList<>();
        rows.values().forEach(seeds -> Metrics.FAMILY.forEach(
                metric -> tests.add(paired(bySeed(seeds, metric), bySeed(baseline, metric)))));
        double[] corrected = holm(tests.stream().filter(test -> test.p() != null).mapToDouble(Paired::p).toArray());
        List<Comparison> comparisons = new ArrayList<>();
        int test = 0;
        int next = 0;
        for (String row : rows.keySet()) {
            for (String metric : Metrics.FAMILY) {
                Paired paired = tests.get(test++);
                Estimate difference = paired.difference();
                Double pHolm = paired.p() == null ? null : corrected[next++];
                for (Row name : names.get(new Row(point.task(), point.grid(), row))) {
                    comparisons.add(new Comparison(name.task(), name.grid(), metric, name.algorithm(), BASELINE,
                            difference.mean(), difference.low(), difference.high(), difference.n(), paired.p(), pHolm));
                }
            }
        }
        return comparisons;
    }

    private static Map<Long, Double> bySeed(Map<Long, Cell> seeds, String metric) {
        Map<Long, Double> values = new TreeMap<>();
        seeds.forEach((seed, cell) -> {
            Double value = cell.metric(metric);
            if (value != null) {
                values.put(seed, value);
            }
        });
        return values;
    }
}
