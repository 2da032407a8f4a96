/** Computes cells: one runner that knows no harness, worker processes that use it, and the folder of a run. */
package io.parley.benchmarks.cells;
