package io.parley.benchmarks.play;

import io.parley.core.task.InterventionAgent;

/** A partner who may leave in the middle. */
interface Partner extends InterventionAgent {
    /** Whether it has left; what it did not say any more is not part of the dialogue. */
    boolean gone();
}
