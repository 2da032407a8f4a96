/**
 * What a run found: the records of {@code results.json} and the statistics over seeds. A harness collects one
 * {@link io.parley.benchmarks.results.Results.Cell} a finished cell and calls
 * {@link io.parley.benchmarks.results.Results#of}; everything else is computed from there.
 */
package io.parley.benchmarks.results;
