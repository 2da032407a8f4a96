package io.parley.laboratory.mamdp;

import java.util.List;

/**
 * A bandit with three arms that pay 1, 0 and −1, and executes the more rarely what the policy is the likelier to intend: an
 * arm with probability in proportion to 1 − π(arm) (linear) or exp(−3·π(arm)) (exponential).
 */
public final class InvertingBandit implements ModifiedActionMdp {
    private static final double[] REWARDS = {1, 0, -1};

    private final boolean exponential;

    private InvertingBandit(boolean exponential) {
        this.exponential = exponential;
    }

    public static InvertingBandit linear() {
        return new InvertingBandit(false);
    }

    public static InvertingBandit exponential() {
        return new InvertingBandit(true);
    }

    @Override
    public String id() {
        return exponential ? "exponential-inverting-bandit" : "linear-inverting-bandit";
    }

    @Override
    public List<String> states() {
        return List.of("bandit");
    }

    @Override
    public List<String> actions() {
        return List.of("one", "zero", "minus-one");
    }

    @Override
    public double discount() {
        return 1;
    }

    @Override
    public double[] start() {
        return new double[] {1};
    }

    @Override
    public List<Outcome> outcomes(int state, int action) {
        return List.of(new Outcome(1, END, REWARDS[action]));
    }

    @Override
    public double[] executed(int state, int intended, PolicyView policy) {
        double[] intention = policy.at(state);
        double[] executed = new double[intention.length];
        double sum = 0;
        for (int a = 0; a < executed.length; a++) {
            executed[a] = exponential ? Math.exp(-3 * intention[a]) : 1 - intention[a];
            sum += executed[a];
        }
        for (int a = 0; a < executed.length; a++) {
            executed[a] /= sum;
        }
        return executed;
    }

    @Override
    public boolean watchesPolicy() {
        return true;
    }
}
