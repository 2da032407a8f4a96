package io.parley.core.training;

import io.parley.core.policy.TrainablePolicy;

/** Where preference pairs come from. */
@FunctionalInterface
public interface PreferenceSource {
    /**
     * The pairs of a training run.
     *
     * @param initial the policy before training, for sources that sample; they keep to {@code context.budget()}
     */
    Preferences preferences(TrainingContext context, TrainablePolicy initial);
}
