package io.parley.benchmarks.cells;

/** Told how a run goes. Calls come from several threads. */
public interface Progress {
    /**
     * @param cells number of cells to compute
     * @param kept number of cells that are finished already
     * @param weight weight of all cells to compute
     */
    void begin(int cells, int kept, double weight);

    /** @param share of the cell that is done, from 0 to 1 */
    void advanced(String title, double share, double weight);

    void finished(String title, double weight);

    void failed(String title, String problem, double weight);

    /** The run is over or ending. */
    void end();
}
