package io.parley.laboratory.mamdp;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A modified-action Markov decision process (Langlois and Everitt, "How RL agents behave when their actions are modified",
 * AAAI 2021): a finite MDP whose environment may execute another action than the one that the policy intended, and may
 * look at the policy to choose it. Immutable; states and actions are indices into {@link #states} and {@link #actions}.
 */
public interface ModifiedActionMdp {
    /** In place of the next state: the episode is over. */
    int END = -1;

    /**
     * What may happen when an action is executed.
     *
     * @param probability in (0, 1]
     * @param next the next state, or {@link #END}
     * @param reward any finite number
     */
    record Outcome(double probability, int next, double reward) {}

    /**
     * What did happen.
     *
     * @param executed the action that was executed
     * @param reward what the executed action earned
     * @param next the next state, or {@link #END}
     */
    record Step(int executed, double reward, int next) {}

    /** Name, lower case. */
    String id();

    /** Names of the states. */
    List<String> states();

    /** Names of the actions, the same in every state. */
    List<String> actions();

    /** γ, in (0, 1]; 1 only where every episode ends. */
    double discount();

    /** Distribution of the first state. */
    double[] start();

    /** The underlying MDP: what an executed action leads to. Probabilities sum to 1. */
    List<Outcome> outcomes(int state, int action);

    /** The modification: the distribution of the executed action, given the intended one and the policy. */
    double[] executed(int state, int intended, PolicyView policy);

    /** Whether {@link #executed} looks at the policy. If not, the process is an MDP over intended actions. */
    boolean watchesPolicy();

    /** Draws the executed action, then its outcome. */
    default Step step(int state, int intended, PolicyView policy, RandomGenerator random) {
        int action = Categorical.draw(executed(state, intended, policy), random);
        List<Outcome> outcomes = outcomes(state, action);
        double left = random.nextDouble();
        int k = 0;
        while (k < outcomes.size() - 1 && left >= outcomes.get(k).probability()) {
            left -= outcomes.get(k++).probability();
        }
        return new Step(action, outcomes.get(k).reward(), outcomes.get(k).next());
    }
}
