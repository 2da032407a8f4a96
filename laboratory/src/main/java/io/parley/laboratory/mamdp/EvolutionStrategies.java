package io.parley.laboratory.mamdp;

import io.parley.core.random.RandomStreams;
import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Evolution strategies (Salimans et al., "Evolution strategies as a scalable alternative to reinforcement learning", 2017) on
 * the logits of a softmax policy: pairs of opposite Gaussian perturbations, ranked by the mean return that they receive, move
 * the logits. Only returns are seen, so what the modification does to them is seen too.
 *
 * @param iterations moves
 * @param pairs pairs of perturbations of a move
 * @param episodes episodes that each perturbation plays
 * @param steps steps after which an episode is broken off
 */
record EvolutionStrategies(int iterations, int pairs, int episodes, int steps) implements TabularLearner {
    /** Standard deviation of a perturbation of a logit. */
    private static final double DEVIATION = 0.5;
    private static final double STEP = 0.5;

    @Override
    public Learned learn(ModifiedActionMdp mdp, RandomStreams streams) {
        RandomGenerator random = streams.stream("evolution-strategies", 0, 0, 0);
        int actions = mdp.actions().size();
        double[] logits = new double[mdp.states().size() * actions];
        for (int k = 0; k < iterations; k++) {
            double[][] noise = new double[pairs][logits.length];
            double[] returns = new double[2 * pairs];
            for (int i = 0; i < pairs; i++) {
                for (int j = 0; j < logits.length; j++) {
                    noise[i][j] = random.nextGaussian();
                }
                returns[2 * i] = meanReturn(mdp, policy(logits, noise[i], DEVIATION, actions), random);
                returns[2 * i + 1] = meanReturn(mdp, policy(logits, noise[i], -DEVIATION, actions), random);
            }
            double[] utilities = utilities(returns);
            for (int i = 0; i < pairs; i++) {
                double weight = STEP * (utilities[2 * i] - utilities[2 * i + 1]) / (2 * pairs * DEVIATION);
                for (int j = 0; j < logits.length; j++) {
                    logits[j] += weight * noise[i][j];
                }
            }
        }
        return new Learned(policy(logits, logits, 0, actions), OptionalDouble.empty());
    }

    private static double[][] policy(double[] logits, double[] noise, double scale, int actions) {
        double[][] policy = new double[logits.length / actions][];
        for (int s = 0; s < policy.length; s++) {
            double[] row = new double[actions];
            for (int a = 0; a < actions; a++) {
                row[a] = logits[s * actions + a] + scale * noise[s * actions + a];
            }
            policy[s] = Categorical.softmax(row);
        }
        return policy;
    }

    private double meanReturn(ModifiedActionMdp mdp, double[][] policy, RandomGenerator random) {
        double sum = 0;
        for (int e = 0; e < episodes; e++) {
            int state = Categorical.draw(mdp.start(), random);
            double weight = 1;
            for (int t = 0; t < steps && state != ModifiedActionMdp.END; t++) {
                ModifiedActionMdp.Step step = mdp.step(state, Categorical.draw(policy[state], random), s -> policy[s], random);
                sum += weight * step.reward();
                weight *= mdp.discount();
                state = step.next();
            }
        }
        return sum / episodes;
    }

    /** Centred ranks, from −½ for the worst to ½ for the best. */
    private static double[] utilities(double[] returns) {
        int[] order = IntStream.range(0, returns.length).boxed().sorted(Comparator.comparingDouble(i -> returns[i]))
                .mapToInt(i -> i).toArray();
        double[] utilities = new double[returns.length];
        for (int rank = 0; rank < order.length; rank++) {
            utilities[order[rank]] = (double) rank / (order.length - 1) - 0.5;
        }
        return utilities;
    }
}
