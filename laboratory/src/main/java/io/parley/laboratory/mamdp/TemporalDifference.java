package io.parley.laboratory.mamdp;

import io.parley.core.random.RandomStreams;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;

/**
 * Tabular temporal-difference learning of the value of executed actions, with an ε-greedy policy. It moves Q(s, a), a the
 * executed action, towards r + γ·v, with step size n^(−0.6) at the n-th visit, and falls back on the greedy policy at the end.
 * The algorithms differ in v alone (Langlois and Everitt, 2021).
 *
 * @param target what stands for the value of the next state
 * @param episodes episodes to learn from
 * @param exploration ε of the last episode; it falls from 1, by the same factor from each episode to the next
 * @param steps steps after which an episode is broken off; that is not taken for its end
 */
record TemporalDifference(Target target, int episodes, double exploration, int steps) implements TabularLearner {
    /** v. */
    enum Target {
        /** max_a' Q(s', a'). */
        Q_LEARNING,
        /** Q(s', a') with a' the action that is executed next. */
        SARSA,
        /** Q(s', a') with a' drawn from the policy, whatever is executed next. */
        VIRTUAL_SARSA
    }

    @Override
    public Learned learn(ModifiedActionMdp mdp, RandomStreams streams) {
        return new Learning(mdp, streams.stream("temporal-difference", 0, 0, 0)).run();
    }

    private final class Learning {
        private final ModifiedActionMdp mdp;
        private final RandomGenerator random;
        private final double[][] q;
        private final int[][] visits;
        private double epsilon;

        Learning(ModifiedActionMdp mdp, RandomGenerator random) {
            this.mdp = mdp;
            this.random = random;
            q = new double[mdp.states().size()][mdp.actions().size()];
            visits = new int[q.length][mdp.actions().size()];
        }

        Learned run() {
            for (int k = 0; k < episodes; k++) {
                epsilon = Math.pow(exploration, (double) k / (episodes - 1));
                episode();
            }
            double[][] policy = ExactSolutions.greedy(q);
            double believed = 0;
            double[] start = mdp.start();
            for (int s = 0; s < start.length; s++) {
                if (start[s] > 0) {
                    double[] counted = target == Target.SARSA ? ExactSolutions.behaviour(mdp, policy, s) : policy[s];
                    believed += start[s] * ExactSolutions.mean(counted, q[s]);
                }
            }
            return new Learned(policy, OptionalDouble.of(believed));
        }

        private void episode() {
            int state = Categorical.draw(mdp.start(), random);
            int previous = ModifiedActionMdp.END;
            int previousAction = 0;
            double previousReward = 0;
            for (int t = 0; t < steps && state != ModifiedActionMdp.END; t++) {
                int intended = Categorical.draw(policy(state), random);
                ModifiedActionMdp.Step step = mdp.step(state, intended, this::policy, random);
                int next = step.next();
                boolean over = next == ModifiedActionMdp.END;
                if (target == Target.SARSA) {
                    if (previous != ModifiedActionMdp.END) {
                        learn(previous, previousAction, previousReward + mdp.discount() * q[state][step.executed()]);
                    }
                    if (over) {
                        learn(state, step.executed(), step.reward());
                    }
                } else {
                    double v = over ? 0 : target == Target.Q_LEARNING
                            ? Arrays.stream(q[next]).max().orElseThrow() : q[next][Categorical.draw(policy(next), random)];
                    learn(state, step.executed(), step.reward() + mdp.discount() * v);
                }
                previous = state;
                previousAction = step.executed();
                previousReward = step.reward();
                state = next;
            }
        }

        private void learn(int state, int action, double goal) {
            q[state][action] += Math.pow(++visits[state][action], -0.6) * (goal - q[state][action]);
        }

        private double[] policy(int state) {
            double[] p = new double[q[state].length];
            Arrays.fill(p, epsilon / p.length);
            p[Categorical.greatest(q[state])] += 1 - epsilon;
            return p;
        }
    }
}
