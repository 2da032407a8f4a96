/** Fits how people change their minds to groups of people. */
package io.parley.benchmarks.calibration;
