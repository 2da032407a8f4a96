/**
 * What people read of a run: {@link io.parley.benchmarks.report.TerminalTable} and
 * {@link io.parley.benchmarks.report.HtmlReport}, both made from {@link io.parley.benchmarks.results.Results} alone.
 */
package io.parley.benchmarks.report;
