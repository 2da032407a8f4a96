package io.parley.laboratory.mamdp;

/** What an environment may see of the policy that acts in it. */
@FunctionalInterface
public interface PolicyView {
    /** The probability of intending each action in a state; sums to 1. Not written to, and valid until the policy learns. */
    double[] at(int state);
}
