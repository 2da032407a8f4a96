/** Training speed on work that other trainers can be given too. */
package io.parley.benchmarks.bench;
