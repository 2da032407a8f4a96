package io.parley.core.training;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** How a step size changes over a training. */
public enum LearningRateSchedule {
    /** It stays. */
    @JsonProperty("constant") CONSTANT,
    /** It falls to 0 in equal steps. */
    @JsonProperty("linear") LINEAR;

    /**
     * @param learningRate at the beginning
     * @param done share of the training that is done, from 0 to 1
     */
    public double at(double learningRate, double done) {
        return this == LINEAR ? learningRate * (1 - done) : learningRate;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
