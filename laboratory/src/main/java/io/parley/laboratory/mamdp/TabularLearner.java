package io.parley.laboratory.mamdp;

import io.parley.core.random.RandomStreams;
import java.util.OptionalDouble;

/** Learns a policy by acting. It starts from the uniform policy. */
interface TabularLearner {
    /**
     * What was learned.
     *
     * @param policy probabilities of intending each action, one row a state
     * @param believed the expected return of that policy as the learner's own estimates have it; empty where it has none
     */
    record Learned(double[][] policy, OptionalDouble believed) {}

    /** The same streams, the same result. */
    Learned learn(ModifiedActionMdp mdp, RandomStreams streams);
}
