package io.parley.benchmarks.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Comparison;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Results on a grid whose points all name the same axes. A grid may be a union of small grids, so that one cell names its
 * budget and another its start; and a path below {@code algorithms.<label>} concerns one row alone. Here an axis that a
 * cell does not name has the experiment's own value, cells that so coincide are one, and a row's own axes are part of its
 * label, as in {@code ppo (klCoefficient 0)}.
 *
 * @param results the same numbers with such grids and labels
 * @param origins the cell of the unaligned results that each cell comes from, by identity
 */
public record AlignedResults(Results results, Map<Cell, Cell> origins) {
    private static final String ALGORITHMS = "algorithms";

    /** Aligns results; aligned ones stay as they are. */
    public static AlignedResults of(Results raw) {
        Set<String> shared = new LinkedHashSet<>();
        raw.cells().forEach(cell -> cell.grid().keySet().stream()
                .filter(path -> !own(path, cell.algorithm())).forEach(shared::add));
        JsonNode experiment = raw.provenance().experiment();
        Map<Cell, Cell> origins = new IdentityHashMap<>();
        Set<List<Object>> seen = new LinkedHashSet<>();
        List<Cell> cells = new ArrayList<>();
        for (Cell cell : raw.cells()) {
            Map<String, JsonNode> grid = align(experiment, shared, cell.grid());
            String row = label(cell.algorithm(), cell.grid());
            if (seen.add(List.of(cell.task(), grid, row, cell.seed()))) {
                Cell aligned = new Cell(cell.task(), row, grid, cell.seed(), cell.metrics(), cell.counts(),
                        cell.wallSeconds(), cell.cpuSeconds(), cell.tokens());
                origins.put(aligned, cell);
                cells.add(aligned);
            }
        }
        List<Comparison> comparisons = new ArrayList<>();
        seen.clear();
        for (Comparison c : raw.comparisons()) {
            Map<String, JsonNode> grid = align(experiment, shared, c.grid());
            String a = label(c.a(), c.grid());
            String b = label(c.b(), c.grid());
            if (seen.add(List.of(c.task(), grid, c.metric(), a, b))) {
                comparisons.add(new Comparison(c.task(), grid, c.metric(), a, b, c.meanDifference(), c.ci95Low(),
                        c.ci95High(), c.n(), c.p(), c.pHolm()));
            }
        }
        Results summarised = Results.of(raw.provenance(), cells);
        Results results = new Results(raw.schema(), raw.provenance(), summarised.cells(), summarised.summary(), comparisons);
        return new AlignedResults(results, Collections.unmodifiableMap(origins));
    }

    /**
     * The experiment's own value at a path, whose steps are keys, indices, or labels of list items; null if there is none.
     */
    public static JsonNode setting(JsonNode experiment, String path) {
        JsonNode node = experiment;
        for (String step : path.split("\\.")) {
            JsonNode next = null;
            if (node.isObject()) {
                next = node.get(step);
            } else if (node.isArray()) {
                next = step.matches("\\d{1,9}") ? node.get(Integer.parseInt(step)) : null;
                for (JsonNode item : node) {
                    next = item.path("label").asText("").equals(step) ? item : next;
                }
            }
            if (next == null) {
                return null;
            }
            node = next;
        }
        return node.isNull() ? null : node;
    }

    private static boolean own(String path, String row) {
        return path.startsWith(ALGORITHMS + "." + row + ".");
    }

    private static Map<String, JsonNode> align(JsonNode experiment, Set<String> shared, Map<String, JsonNode> grid) {
        Map<String, JsonNode> aligned = new LinkedHashMap<>();
        for (String path : shared) {
            JsonNode value = grid.containsKey(path) ? grid.get(path) : setting(experiment, path);
            if (value != null) {
                aligned.put(path, number(value));
            }
        }
        return aligned;
    }

    private static String label(String row, Map<String, JsonNode> grid) {
        List<String> parts = new ArrayList<>();
        grid.forEach((path, value) -> {
            if (own(path, row)) {
                JsonNode plain = number(value);
                parts.add(path.substring(path.lastIndexOf('.') + 1) + " " + (plain.isTextual() ? plain.asText()
                        : plain.isDouble() ? plain.decimalValue().stripTrailingZeros().toPlainString() : plain));
            }
        });
        return parts.isEmpty() ? row : row + " (" + String.join(", ", parts) + ")";
    }

    /** Equal numbers become equal nodes: 1 and 1.0 are both 1. */
    private static JsonNode number(JsonNode value) {
        if (value.isArray()) {
            ArrayNode items = JsonNodeFactory.instance.arrayNode();
            value.forEach(item -> items.add(number(item)));
            return items;
        }
        return !value.isNumber() ? value
                : value.asDouble() == Math.rint(value.asDouble()) && Math.abs(value.asDouble()) < 1L << 53
                        ? JsonNodeFactory.instance.numberNode(value.asLong())
                        : JsonNodeFactory.instance.numberNode(value.asDouble());
    }
}
