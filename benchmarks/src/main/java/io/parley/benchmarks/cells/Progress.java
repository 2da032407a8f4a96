package io.parley.benchmarks.cells;

import io.parley.benchmarks.experiment.Plan;

/** Told how a run goes. Calls come from several threads. */
public interface Progress {
    /**
     * @param cells number of cells to compute
     * @param kept number of cells that are finished already
     * @param weight weight of all cells to compute
     */
    void begin(int cells, int kept, double weight);

    /** @param share of the cell that is done, from 0 to 1 */
    void advanced(Plan.Cell cell, double share);

    /** @param note something that a person should know and that is no failure */
    void noted(Plan.Cell cell, String note);

    void finished(Plan.Cell cell);

    void failed(Plan.Cell cell, String problem);

    /** The run is over or ending. */
    void end();
}
