package io.parley.core.training;

import io.parley.core.policy.TrainablePolicy;

/**
 * Trains a policy. Every random number comes from the context's streams: the same context and initial parameters give the
 * same parameters and the same curve. It reports at least one point of its learning curve. One that keeps how far it is in the
 * context's {@link TrainingCheckpoint} can be cut off anywhere and ends the same.
 */
public interface AlignmentAlgorithm {
    /**
     * Trains {@code policy} in place, towards a higher reward or what is demonstrated; its initial parameters are also the
     * reference π_ref where the algorithm has one. When it returns or throws, every update and snapshot that it opened is
     * closed.
     *
     * @param policy trained in place; the caller keeps and closes it
     * @throws java.util.concurrent.CancellationException if the context is cancelled
     */
    void train(TrainingContext context, TrainablePolicy policy);
}
