package io.parley.benchmarks.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Summary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Results by task, grid point and row, for those that look up many. */
public final class ResultsIndex {
    private record Row(String task, Map<String, JsonNode> grid, String row) {}

    private final Map<Row, List<Cell>> cells = new HashMap<>();
    private final Map<Row, Map<String, Summary>> summaries = new HashMap<>();

    public ResultsIndex(Results results) {
        for (Cell cell : results.cells()) {
            cells.computeIfAbsent(new Row(cell.task(), cell.grid(), cell.algorithm()), key -> new ArrayList<>()).add(cell);
        }
        for (Summary s : results.summary()) {
            summaries.computeIfAbsent(new Row(s.task(), s.grid(), s.algorithm()), key -> new HashMap<>()).put(s.metric(), s);
        }
    }

    /** The cells of a row, by seed; empty if there are none. */
    public List<Cell> cells(String task, Map<String, JsonNode> grid, String row) {
        return cells.getOrDefault(new Row(task, grid, row), List.of());
    }

    /** How many seeds there are at a grid point: those of the row that has most, since cells may fail. */
    public int seeds(String task, Map<String, JsonNode> grid, List<String> rows) {
        return rows.stream().mapToInt(row -> cells(task, grid, row).size()).max().orElse(0);
    }

    /** A metric of a row over seeds; its n is 0 if it was not observed. */
    public Summary summary(String task, Map<String, JsonNode> grid, String row, String metric) {
        Summary found = summaries.getOrDefault(new Row(task, grid, row), Map.of()).get(metric);
        return found != null ? found : new Summary(task, row, grid, metric, null, null, null, 0);
    }

    /** A metric of a row by seed, where it is not null. */
    public Map<Long, Double> seeds(String task, Map<String, JsonNode> grid, String row, String metric) {
        Map<Long, Double> seeds = new TreeMap<>();
        for (Cell cell : cells(task, grid, row)) {
            Double value = cell.metric(metric);
            if (value != null) {
                seeds.put(cell.seed(), value);
            }
        }
        return seeds;
    }

    /** Whether a row has the same cells at two points: what asks for the same thing is computed once, with one time. */
    boolean same(String task, Map<String, JsonNode> a, Map<String, JsonNode> b, String row) {
        return computed(task, a, row).equals(computed(task, b, row));
    }

    private List<List<Object>> computed(String task, Map<String, JsonNode> grid, String row) {
        return cells(task, grid, row).stream().map(ResultsIndex::computation).toList();
    }

    /** What cells that were computed once have in common, their time included. */
    public static List<Object> computation(Cell cell) {
        return List.of(cell.seed(), cell.metrics(), cell.counts(), cell.wallSeconds(), cell.cpuSeconds());
    }

    /** Whether a row has cells and none of them observed the metric, though the metric was looked for. */
    boolean noOccasion(String task, Map<String, JsonNode> grid, String row, String metric) {
        List<Cell> found = cells(task, grid, row);
        return !found.isEmpty()
                && found.stream().allMatch(cell -> cell.metrics().containsKey(metric) && cell.metric(metric) == null);
    }
}
