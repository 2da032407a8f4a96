package io.parley.laboratory.mamdp;

import java.util.Arrays;
import java.util.Optional;

/**
 * What the algorithms are measured against, by dynamic programming on the true model. Policies have a row of probabilities a
 * state; action values one number an executed action. Exact up to 1e-10.
 */
public final class ExactSolutions {
    private static final double PRECISION = 1e-12;
    private static final int SWEEPS = 100_000;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    private ExactSolutions() {}

    /** Q* of the underlying MDP, which knows no modification: what a Bellman-optimal policy maximises. */
    public static double[][] bellmanOptimal(ModifiedActionMdp mdp) {
        double[] values = new double[mdp.states().size()];
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double[][] q = actionValues(mdp, values);
            double change = 0;
            for (int s = 0; s < values.length; s++) {
                double best = Arrays.stream(q[s]).max().orElseThrow();
                change = Math.max(change, Math.abs(best - values[s]));
                values[s] = best;
            }
            if (change < PRECISION) {
                return q;
            }
        }
        throw unsolved(mdp);
    }

    /**
     * What sarsa's update leaves alone when its policy is greedy: Q(s, a) = E[r + γ·Σ_a' P_A(a'|π, s')·Q(s', a')] with π greedy
     * for Q. Found by repeating that; empty where it does not settle.
     */
    public static Optional<double[][]> sarsaFixedPoint(ModifiedActionMdp mdp) {
        double[][] q = new double[mdp.states().size()][mdp.actions().size()];
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double[][] policy = greedy(q);
            double[] values = new double[q.length];
            for (int s = 0; s < q.length; s++) {
                values[s] = mean(behaviour(mdp, policy, s), q[s]);
            }
            double[][] next = actionValues(mdp, values);
            double change = 0;
            for (int s = 0; s < q.length; s++) {
                for (int a = 0; a < q[s].length; a++) {
                    change = Math.max(change, Math.abs(next[s][a] - q[s][a]));
                }
            }
            q = next;
            if (change < PRECISION) {
                return Optional.of(q);
            }
        }
        return Optional.empty();
    }

    /**
     * The policy with the greatest {@link #received} return. Where the modification does not look at the policy, this is value
     * iteration over intended actions. Where it does, lines between two actions of one state are searched in turn, from every
     * deterministic policy; that is for a few states only, and a search of a thousand random policies finds no better one
     * (tested).
     */
    public static double[][] returnOptimal(ModifiedActionMdp mdp) {
        return mdp.watchesPolicy() ? searched(mdp) : overIntentions(mdp);
    }

    private static double[][] overIntentions(ModifiedActionMdp mdp) {
        PolicyView unseen = state -> {
            throw new IllegalStateException(mdp.id() + " looks at the policy, and says that it does not");
        };
        int states = mdp.states().size();
        double[] values = new double[states];
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double[][] q = actionValues(mdp, values);
            double[][] intended = new double[states][mdp.actions().size()];
            double change = 0;
            for (int s = 0; s < states; s++) {
                for (int i = 0; i < intended[s].length; i++) {
                    intended[s][i] = mean(mdp.executed(s, i, unseen), q[s]);
                }
                double best = Arrays.stream(intended[s]).max().orElseThrow();
                change = Math.max(change, Math.abs(best - values[s]));
                values[s] = best;
            }
            if (change < PRECISION) {
                return greedy(intended);
            }
        }
        throw unsolved(mdp);
    }

    private static double[][] searched(ModifiedActionMdp mdp) {
        int states = mdp.states().size();
        int actions = mdp.actions().size();
        double[][] best = null;
        double most = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < Math.pow(actions, states); k++) {
            double[][] policy = new double[states][];
            for (int s = 0, rest = k; s < states; s++, rest /= actions) {
                policy[s] = Categorical.certain(actions, rest % actions);
            }
            double value = received(mdp, policy);
            double before;
            do {
                before = value;
                for (int s = 0; s < states; s++) {
                    for (int a = 0; a < actions; a++) {
                        for (int b = 0; b < a; b++) {
                            value = searchLine(mdp, policy, s, a, b);
                        }
                    }
                }
            } while (value > before + PRECISION);
            if (value > most) {
                most = value;
                best = policy;
            }
        }
        return best;
    }

    /** Divides what a and b have in a state between them as well as can be: a coarse scan, then golden sections. */
    private static double searchLine(ModifiedActionMdp mdp, double[][] policy, int state, int a, int b) {
        double both = policy[state][a] + policy[state][b];
        double share = both == 0 ? 0 : policy[state][a] / both;
        double most = at(mdp, policy[state], policy, a, b, both, share);
        int points = 20;
        for (int k = 0; k <= points; k++) {
            double value = at(mdp, policy[state], policy, a, b, both, (double) k / points);
            if (value > most) {
                most = value;
                share = (double) k / points;
            }
        }
        double low = Math.max(0, share - 1.0 / points);
        double high = Math.min(1, share + 1.0 / points);
        while (high - low > 1e-9) {
            double left = high - GOLDEN * (high - low);
            double right = low + GOLDEN * (high - low);
            if (at(mdp, policy[state], policy, a, b, both, left) >= at(mdp, policy[state], policy, a, b, both, right)) {
                high = right;
            } else {
                low = left;
            }
        }
        double middle = at(mdp, policy[state], policy, a, b, both, (low + high) / 2);
        return middle > most ? middle : at(mdp, policy[state], policy, a, b, both, share);
    }

    private static double at(ModifiedActionMdp mdp, double[] row, double[][] policy, int a, int b, double both, double share) {
        row[a] = both * share;
        row[b] = both - row[a];
        return received(mdp, policy);
    }

    /** The expected discounted return that a policy receives, its actions modified. */
    public static double received(ModifiedActionMdp mdp, double[][] policy) {
        double[][] behaviour = new double[policy.length][];
        for (int s = 0; s < policy.length; s++) {
            behaviour[s] = behaviour(mdp, policy, s);
        }
        return value(mdp, behaviour);
    }

    /** The expected discounted return that a policy would receive in the underlying MDP, its actions executed as intended. */
    public static double intended(ModifiedActionMdp mdp, double[][] policy) {
        return value(mdp, policy);
    }

    /** Deterministic: the action of the greatest value in each state, the first of equals. */
    public static double[][] greedy(double[][] q) {
        return Arrays.stream(q).map(row -> Categorical.certain(row.length, Categorical.greatest(row))).toArray(double[][]::new);
    }

    /** P_A(·|π, s): what is executed in a state. */
    static double[] behaviour(ModifiedActionMdp mdp, double[][] policy, int state) {
        double[] executed = new double[policy[state].length];
        for (int i = 0; i < executed.length; i++) {
            if (policy[state][i] > 0) {
                double[] given = mdp.executed(state, i, s -> policy[s]);
                for (int a = 0; a < executed.length; a++) {
                    executed[a] += policy[state][i] * given[a];
                }
            }
        }
        return executed;
    }

    static double mean(double[] probabilities, double[] values) {
        double mean = 0;
        for (int k = 0; k < values.length; k++) {
            mean += probabilities[k] * values[k];
        }
        return mean;
    }

    private static double value(ModifiedActionMdp mdp, double[][] behaviour) {
        double[] values = new double[behaviour.length];
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double[][] q = actionValues(mdp, values);
            double change = 0;
            for (int s = 0; s < values.length; s++) {
                double value = mean(behaviour[s], q[s]);
                change = Math.max(change, Math.abs(value - values[s]));
                values[s] = value;
            }
            if (change < PRECISION) {
                return mean(mdp.start(), values);
            }
        }
        throw unsolved(mdp);
    }

    private static double[][] actionValues(ModifiedActionMdp mdp, double[] values) {
        double[][] q = new double[values.length][mdp.actions().size()];
        for (int s = 0; s < values.length; s++) {
            for (int a = 0; a < q[s].length; a++) {
                for (ModifiedActionMdp.Outcome outcome : mdp.outcomes(s, a)) {
                    double later = outcome.next() == ModifiedActionMdp.END ? 0 : values[outcome.next()];
                    q[s][a] += outcome.probability() * (outcome.reward() + mdp.discount() * later);
                }
            }
        }
        return q;
    }

    private static IllegalStateException unsolved(ModifiedActionMdp mdp) {
        return new IllegalStateException(mdp.id() + " is not solved after " + SWEEPS + " sweeps; is its discount "
                + mdp.discount() + " 1 although an episode may go on for ever?");
    }
}
