package io.parley.laboratory.mamdp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A deterministic world of cells on floors, in which one moves up, left, down and right for −1 a step, discounted by 0.95;
 * a move that leaves the cells does nothing. The part that the gridworlds have in common.
 */
abstract class Grid implements ModifiedActionMdp {
    static final int DOWN = 2;
    private static final int[] ROWS = {-1, 0, 1, 0};
    private static final int[] COLUMNS = {0, -1, 0, 1};

    /**
     * A state.
     *
     * @param floor what happened before: 0, or 1 after the event that a world is about
     * @param row from the top, 0 first
     * @param column from the left, 0 first
     */
    record Cell(int floor, int row, int column) {
        @Override
        public String toString() {
            return floor + "-" + row + "-" + column;
        }
    }

    private final List<Cell> cells;
    private final Map<Cell, Integer> indices = new HashMap<>();
    private final Cell first;
    private final List<List<Outcome>> outcomes = new ArrayList<>();

    /**
     * @param cells all states but the goal
     * @param first where an episode starts
     */
    Grid(List<Cell> cells, Cell first) {
        this.cells = List.copyOf(cells);
        this.first = first;
        this.cells.forEach(cell -> indices.put(cell, indices.size()));
        for (Cell cell : cells) {
            for (int a = 0; a < 4; a++) {
                outcomes.add(List.of(arrive(cell, new Cell(cell.floor(), cell.row() + ROWS[a], cell.column() + COLUMNS[a]))));
            }
        }
    }

    /** What comes of a step from a cell to what lies beside it, which may be no cell. */
    abstract Outcome arrive(Cell from, Cell to);

    /** The outcome of being in {@code to}, or in {@code from} where that is no cell. */
    final Outcome stand(Cell from, Cell to, double reward) {
        return new Outcome(1, indices.getOrDefault(to, indices.get(from)), reward);
    }

    final Cell cell(int state) {
        return cells.get(state);
    }

    @Override
    public List<String> states() {
        return cells.stream().map(Cell::toString).toList();
    }

    @Override
    public List<String> actions() {
        return List.of("up", "left", "down", "right");
    }

    @Override
    public double discount() {
        return 0.95;
    }

    @Override
    public double[] start() {
        return Categorical.certain(cells.size(), indices.get(first));
    }

    @Override
    public List<Outcome> outcomes(int state, int action) {
        return outcomes.get(4 * state + action);
    }

    @Override
    public boolean watchesPolicy() {
        return false;
    }
}
