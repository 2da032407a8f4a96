package io.parley.benchmarks.results;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.core.policy.WholeFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The content of {@code results.json}. No number in it is NaN or infinite: an empty stratum is null, with count 0.
 *
 * @param schema version of this form; 1
 * @param provenance where the numbers come from
 * @param cells one for each finished (task, algorithm, grid point, seed)
 * @param summary one for each (task, algorithm, grid point, metric), over seeds
 * @param comparisons differences to the baseline, paired by seed
 */
public record Results(
        int schema, Provenance provenance, List<Cell> cells, List<Summary> summary, List<Comparison> comparisons) {
    /** The version that this class reads and writes. */
    public static final int SCHEMA = 1;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    public Results {
        if (schema != SCHEMA) {
            throw new IllegalArgumentException("schema is " + schema + "; this version of Parley reads " + SCHEMA);
        }
        if (provenance == null) {
            throw new IllegalArgumentException("provenance is missing");
        }
        cells = cells == null ? List.of() : List.copyOf(cells);
        summary = summary == null ? List.of() : List.copyOf(summary);
        comparisons = comparisons == null ? List.of() : List.copyOf(comparisons);
    }

    /**
     * Where the numbers come from. Every component may be null; a list or map that is null is empty.
     *
     * @param name the experiment's name, the page's title
     * @param experiment the experiment as it was resolved: every default filled in
     * @param references labels of the scripted rows, in the order in which tables show them
     * @param start label of the row of the start, the behaviour-cloned policy
     * @param code version of the code, with its commit where known
     * @param plugins version or hash of each plugin's jar, by name
     * @param inputs hash of each input file, by name
     * @param machine operating system, processor, its products in bfloat16, cores, Java
     * @param started when the run began, ISO 8601
     * @param finished when its last cell ended, ISO 8601
     * @param wallSeconds how long the whole run took; null where it was continued and is not known
     * @param failures cells that did not finish
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Provenance(
            String name,
            JsonNode experiment,
            List<String> references,
            String start,
            String code,
            Map<String, String> plugins,
            Map<String, String> inputs,
            Map<String, String> machine,
            String started,
            String finished,
            Double wallSeconds,
            List<Failure> failures) {
        public Provenance {
            experiment = experiment == null ? JsonNodeFactory.instance.objectNode() : experiment;
            references = references == null ? List.of() : List.copyOf(references);
            plugins = ordered(plugins);
            inputs = ordered(inputs);
            machine = ordered(machine);
            failures = failures == null ? List.of() : List.copyOf(failures);
        }

        /** Labels of the rows of frozen policies: their seeds vary what they are asked, and not how they were trained. */
        public Set<String> frozen() {
            Set<String> labels = new LinkedHashSet<>();
            experiment.path("frozen").forEach(policy -> labels.add(policy.path("label").asText()));
            return labels;
        }
    }

    /**
     * A cell that did not finish.
     *
     * @param message what went wrong, for people
     */
    public record Failure(String task, String algorithm, Map<String, JsonNode> grid, long seed, String message) {
        public Failure {
            grid = ordered(grid);
        }
    }

    /**
     * The result of one seed.
     *
     * @param task the task's label
     * @param algorithm the label of the row: an algorithm, the start, or a scripted reference
     * @param grid value at each of the grid's paths; empty without a grid
     * @param metrics by name (see {@link Metrics}); null where nothing fell into the stratum
     * @param counts by name: of a metric, how many observations it averages; of anything else that is counted, such as
     *     {@code responses} (sampled in training), {@code updates}, {@code pairs}
     * @param wallSeconds of training and evaluation, at least 0
     * @param cpuSeconds the same, of all threads
     * @param tokens of the responses sampled in training, prompts not counted: the last {@code tokens} of the learning curve
     *     where the algorithm reports it, else responses times their length where every response has the same; 0 otherwise,
     *     and where nothing was sampled
     */
    public record Cell(
            String task,
            String algorithm,
            Map<String, JsonNode> grid,
            long seed,
            Map<String, Double> metrics,
            Map<String, Long> counts,
            double wallSeconds,
            double cpuSeconds,
            long tokens) {
        /** @throws IllegalArgumentException if a metric is NaN or infinite */
        public Cell {
            if (task == null || algorithm == null) {
                throw new IllegalArgumentException("task is " + task + " and algorithm " + algorithm + "; both are labels");
            }
            grid = ordered(grid);
            metrics = ordered(metrics);
            counts = ordered(counts);
            metrics.forEach((name, value) -> {
                if (value != null && !Double.isFinite(value)) {
                    throw new IllegalArgumentException("metrics." + name + " is " + value
                            + "; a finite number, or null where nothing was observed");
                }
            });
            if (!(wallSeconds >= 0 && wallSeconds < Double.POSITIVE_INFINITY)
                    || !(cpuSeconds >= 0 && cpuSeconds < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("wallSeconds is " + wallSeconds + " and cpuSeconds " + cpuSeconds
                        + "; at least 0 and finite");
            }
        }

        /** A metric, or null. */
        public Double metric(String name) {
            return metrics.get(name);
        }
    }

    /**
     * A metric over seeds.
     *
     * @param mean over seeds at which the metric is not null; null if there is none
     * @param ci95Low lower end of the 95 % Student interval; null below {@link Statistics#MIN_SEEDS} seeds
     * @param ci95High its upper end
     * @param n number of seeds at which the metric is not null
     */
    public record Summary(
            String task,
            String algorithm,
            Map<String, JsonNode> grid,
            String metric,
            Double mean,
            Double ci95Low,
            Double ci95High,
            int n) {
        public Summary {
            grid = ordered(grid);
        }
    }

    /**
     * The difference of two algorithms, paired by seed.
     *
     * @param a an algorithm
     * @param b the baseline
     * @param meanDifference of a − b over the seeds that both have; null if there is none
     * @param ci95Low lower end of its 95 % Student interval; null below {@link Statistics#MIN_SEEDS} pairs
     * @param ci95High its upper end
     * @param n number of pairs
     * @param p of the paired t-test, two-sided; null below {@link Statistics#MIN_SEEDS} pairs
     * @param pHolm corrected over the family of comparisons at the same task and grid point
     */
    public record Comparison(
            String task,
            Map<String, JsonNode> grid,
            String metric,
            String a,
            String b,
            Double meanDifference,
            Double ci95Low,
            Double ci95High,
            int n,
            Double p,
            Double pHolm) {
        public Comparison {
            grid = ordered(grid);
        }
    }

    /**
     * Results from finished cells: computes {@link #summary} and {@link #comparisons}.
     *
     * @param provenance its references and start are left out of the comparisons
     * @param cells in any order; they are kept in the order of first appearance of task, grid point and row, then by seed
     * @throws IllegalArgumentException if a cell is given twice
     */
    public static Results of(Provenance provenance, List<Cell> cells) {
        return Statistics.results(provenance, cells);
    }

    /**
     * Reads {@code results.json}.
     *
     * @throws IOException if the file cannot be read or does not have this form; the message names it
     */
    public static Results read(Path file) throws IOException {
        try {
            return MAPPER.readValue(file.toFile(), Results.class);
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is not a results file: " + e.getOriginalMessage(), e);
        }
    }

    /** Writes {@code results.json} so that a reader sees the old file or the new one, never a part. */
    public void write(Path file) throws IOException {
        WholeFile.write(file, channel -> {
            Writer out = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            print(out);
            out.flush();
        });
    }

    /** A large grid has a hundred thousand entries: each takes one line, which is what tools for lines can work with. */
    private void print(Writer out) throws IOException {
        out.write("{\n\"schema\": " + schema + ",\n\"provenance\": ");
        out.write(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(provenance));
        lines(out, "cells", cells);
        lines(out, "summary", summary);
        lines(out, "comparisons", comparisons);
        out.write("\n}\n");
    }

    private static void lines(Writer out, String name, List<?> entries) throws IOException {
        out.write(",\n\"" + name + "\": [");
        String separator = "\n";
        for (Object entry : entries) {
            out.write(separator);
            out.write(MAPPER.writeValueAsString(entry));
            separator = ",\n";
        }
        out.write("\n]");
    }

    /** Task labels, in order of first appearance. */
    public List<String> tasks() {
        Set<String> tasks = new LinkedHashSet<>();
        cells.forEach(cell -> tasks.add(cell.task()));
        return List.copyOf(tasks);
    }

    /** Grid points of a task, in order of first appearance; one empty map without a grid. */
    public List<Map<String, JsonNode>> grids(String task) {
        Set<Map<String, JsonNode>> grids = new LinkedHashSet<>();
        cells.stream().filter(cell -> cell.task().equals(task)).forEach(cell -> grids.add(cell.grid()));
        return List.copyOf(grids);
    }

    /** Row labels of a task: scripted references, the start, then algorithms in order of first appearance. */
    public List<String> rows(String task) {
        Set<String> present = new LinkedHashSet<>();
        cells.stream().filter(cell -> cell.task().equals(task)).forEach(cell -> present.add(cell.algorithm()));
        Set<String> rows = new LinkedHashSet<>(provenance.references());
        if (provenance.start() != null) {
            rows.add(provenance.start());
        }
        rows.retainAll(present);
        rows.addAll(present);
        return List.copyOf(rows);
    }

    /** Row labels of a task that are algorithms: neither scripted nor the start. */
    public List<String> algorithms(String task) {
        return rows(task).stream()
                .filter(row -> !provenance.references().contains(row) && !row.equals(provenance.start()))
                .toList();
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
