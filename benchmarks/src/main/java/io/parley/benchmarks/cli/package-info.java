/** The command line, and what Guice wires for it. */
package io.parley.benchmarks.cli;
