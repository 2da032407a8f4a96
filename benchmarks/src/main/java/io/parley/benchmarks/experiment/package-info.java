/** Reads experiment.yaml, checks all of it, and turns it into cells. */
package io.parley.benchmarks.experiment;
