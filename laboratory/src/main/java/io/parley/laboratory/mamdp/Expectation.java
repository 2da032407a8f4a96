package io.parley.laboratory.mamdp;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Where a learner is expected to end.
 *
 * @param point what is claimed
 * @param policy how much worse than claimed its policy may be, or how far a probability may be off, at least 0
 * @param belief how far its own estimate of its return may be off, where it has one
 */
record Expectation(Point point, double policy, double belief) {
    /** What can be claimed. */
    enum Point {
        /** A policy of the greatest return in the underlying MDP, believed to earn that. */
        BELLMAN_OPTIMAL,
        /** A policy of the greatest return that is received. */
        RETURN_OPTIMAL,
        /** The fixed point of sarsa's update under a greedy policy, and what it receives. */
        SARSA_FIXED_POINT,
        /** The optimum of the reward less the penalties. */
        REGULARISED_OPTIMUM,
        /** The theory says nothing. */
        NONE_CLAIMED;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    static final Expectation NONE = new Expectation(Point.NONE_CLAIMED, 0, 0);

    /**
     * How far a result is from what is claimed.
     *
     * @param policy in units of the return, or of probability for the regularised optimum
     * @param belief in units of the return; empty where the learner has no estimate
     */
    record Distance(double policy, OptionalDouble belief) {}

    /** Whether a result is within the tolerances. */
    boolean holds(Distance distance) {
        return distance.policy() <= policy && distance.belief().orElse(0) <= belief;
    }
}
