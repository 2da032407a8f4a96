/** A person, or a person's recorded turns, as the partner of a policy. */
package io.parley.benchmarks.play;
