package io.parley.benchmarks.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Provenance;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

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
        Function<Cell, Place> places = places(raw.provenance(), raw.cells());
        Map<Cell, Cell> origins = new IdentityHashMap<>();
        Set<List<Object>> seen = new HashSet<>();
        List<Cell> cells = new ArrayList<>();
        for (Cell cell : raw.cells()) {
            Place place = places.apply(cell);
            if (seen.add(List.of(cell.task(), place, cell.seed()))) {
                Cell aligned = new Cell(cell.task(), place.row(), place.grid(), cell.seed(), cell.metrics(), cell.counts(),
                        cell.wallSeconds(), cell.cpuSeconds(), cell.tokens());
                origins.put(aligned, cell);
                cells.add(aligned);
            }
        }
        return new AlignedResults(Results.of(raw.provenance(), cells), Collections.unmodifiableMap(origins));
    }

    /** An aligned grid point and row. */
    record Place(Map<String, JsonNode> grid, String row) {}

    /** Where each of some cells stands once they are aligned. */
    static Function<Cell, Place> places(Provenance provenance, List<Cell> cells) {
        Set<String> shared = new LinkedHashSet<>();
        cells.forEach(cell -> cell.grid().keySet().stream()
                .filter(path -> !own(path, cell.algorithm())).forEach(shared::add));
        Map<String, Set<String>> own = new HashMap<>();
        cells.forEach(cell -> cell.grid().keySet().stream().filter(path -> own(path, cell.algorithm()))
                .forEach(path -> own.computeIfAbsent(cell.algorithm(), row -> new HashSet<>()).add(path)));
        return cell -> new Place(align(provenance.experiment(), shared, cell.grid()),
                label(cell.algorithm(), cell.grid(), own.getOrDefault(cell.algorithm(), Set.of())));
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
        return (path + ".").startsWith(ALGORITHMS + "." + row + ".");
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

    /** @param all the row's own axes in all cells: a last step that two of them share does not name one */
    private static String label(String row, Map<String, JsonNode> grid, Set<String> all) {
        List<String> parts = new ArrayList<>();
        grid.forEach((path, value) -> {
            if (own(path, row)) {
                String below = path.substring(Math.min(path.length(), (ALGORITHMS + "." + row + ".").length()));
                String last = path.substring(path.lastIndexOf('.') + 1);
                boolean one = all.stream().filter(other -> other.endsWith("." + last)).count() == 1;
                parts.add(below.isEmpty() ? value(value) : (one ? last : below) + " " + value(value));
            }
        });
        return parts.isEmpty() ? row : row + " (" + String.join(", ", parts) + ")";
    }

    /** A value of a grid for people; lists are joined with commas, a plugin is its id with its settings in brackets. */
    public static String value(JsonNode value) {
        if (value.isArray()) {
            List<String> items = new ArrayList<>();
            value.forEach(item -> items.add(value(item)));
            return String.join(", ", items);
        }
        if (value.isObject()) {
            List<String> settings = new ArrayList<>();
            value.fields().forEachRemaining(setting -> {
                if (!setting.getKey().equals("id")) {
                    settings.add(setting.getKey() + " " + value(setting.getValue()));
                }
            });
            String listed = String.join(", ", settings);
            return !value.has("id") ? listed : value.get("id").asText() + (listed.isEmpty() ? "" : " (" + listed + ")");
        }
        if (value.isNumber()) {
            return value.decimalValue().signum() == 0 ? "0" : value.decimalValue().stripTrailingZeros().toPlainString();
        }
        return value.asText();
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
