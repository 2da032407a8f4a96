package io.parley.core.training;

import io.parley.core.policy.TrainablePolicy;

/** Trains a policy in place. */
public interface AlignmentAlgorithm {
    /**
     * Trains {@code policy}, whose initial parameters are also the reference π_ref where the algorithm has one.
     *
     * @param policy trained in place; the caller keeps and closes it
     * @throws java.util.concurrent.CancellationException if the context is cancelled
     */
    void train(TrainingContext context, TrainablePolicy policy);
}
