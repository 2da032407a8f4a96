package io.parley.core.training;

import io.parley.core.policy.TrainablePolicy;

/** Where preference pairs come from. */
@FunctionalInterface
public interface PreferenceSource {
    /**
     * The pairs of a training run. The same context and initial policy give the same pairs.
     *
     * @param initial the policy before training, for sources that sample; they keep to {@code context.budget()}. It is
     *     sampled and scored, never trained or closed
     * @throws java.util.concurrent.CancellationException if the context is cancelled
     */
    Preferences preferences(TrainingContext context, TrainablePolicy initial);
}
