/** Speed and memory of training, on the presets' work and on work that other trainers can be given too. */
package io.parley.benchmarks.bench;
