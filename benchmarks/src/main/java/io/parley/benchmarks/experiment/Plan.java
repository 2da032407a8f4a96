package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an experiment comes to: the rows of its tables and the cells that are computed for them. Rows that ask for the
 * same thing share a cell.
 *
 * @param written the experiment as it was written, changed by {@code --set}
 * @param resolved the experiment with every default written out; where a default depends on a setting that a grid or an
 *     algorithm changes, it is not the same experiment any more, and is for people to read
 * @param rows one a (task, algorithm, grid point, seed)
 * @param cells those the rows need, each after the one whose policy it begins with
 */
public record Plan(ObjectNode written, ObjectNode resolved, Experiment experiment, List<Row> rows, List<Cell> cells) {
    public Plan {
        rows = List.copyOf(rows);
        cells = List.copyOf(cells);
    }

    /** The folder, inside the run, of a start with this hash of its specification. */
    public static String startFolder(String hash, long seed) {
        return "cells/start/" + hash + "/" + seed;
    }

    /** What a row of the tables shows. */
    public enum Role { ALGORITHM, FROZEN, START, REFERENCE }

    /**
     * One seed of one row of the tables.
     *
     * @param task label of the task
     * @param algorithm label of the row
     * @param grid value at each of the grid's paths
     * @param cell folder of its cell inside the run, with {@code /} between steps
     */
    public record Row(String task, String algorithm, Role role, Map<String, JsonNode> grid, long seed, String cell) {
        public Row {
            grid = new LinkedHashMap<>(grid);
        }
    }

    /**
     * Something to compute.
     *
     * @param folder inside the run: {@code cells/<label>/<hash>/<seed>}
     * @param title names the cell in messages
     * @param specification what to compute
     * @param start folder of the cell whose policy it begins with; null if there is none
     * @param weight about how long it takes beside others of its kind, start or not, in responses
     */
    public record Cell(String folder, String title, CellSpecification specification, String start, double weight) {
        /** Whether other cells begin with its policy, and it is judged nowhere. */
        public boolean isStart() {
            return specification.evaluation() == null;
        }
    }
}
