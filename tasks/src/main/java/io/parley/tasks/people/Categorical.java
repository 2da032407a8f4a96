package io.parley.tasks.people;

import java.util.random.RandomGenerator;

/** A distribution over 0, 1, … by inversion: a draw takes one number of the stream. Immutable. */
public final class Categorical {
    private final double[] cumulative;

    /**
     * @param weights not negative, one of them positive; published shares are rounded, so they need not sum to 1
     * @throws IllegalArgumentException if they are something else
     */
    public Categorical(double... weights) {
        double total = 0;
        for (double weight : weights) {
            if (!(weight >= 0)) {
                throw new IllegalArgumentException("a weight is " + weight + "; numbers from 0");
            }
            total += weight;
        }
        if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the weights sum to " + total + "; a positive number");
        }
        cumulative = new double[weights.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            cumulative[i] = i == weights.length - 1 ? 1 : sum / total;
        }
    }

    public int draw(RandomGenerator random) {
        double u = random.nextDouble();
        int i = 0;
        while (u >= cumulative[i]) {
            i++;
        }
        return i;
    }
}
