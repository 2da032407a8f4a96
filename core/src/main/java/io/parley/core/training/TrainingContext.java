package io.parley.core.training;

import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Task;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * What an algorithm trains on.
 *
 * @param task the task
 * @param partner the training partner
 * @param reward what each response earns
 * @param budget number of responses that may be sampled, the same for every algorithm of a comparison; 0 for a
 *     start, which learns from demonstrations
 * @param counterfactuals those that the experiment uses, so that demonstrations can give them their meaning
 * @param streams random streams of this run
 * @param metrics where the learning curve goes
 * @param cancelled asked between updates; when true, {@link #checkCancelled} throws
 * @param checkpoint where an algorithm keeps how far it is
 */
public record TrainingContext(
        Task task,
        InterventionAgent partner,
        RewardFunction reward,
        long budget,
        List<Counterfactual> counterfactuals,
        RandomStreams streams,
        MetricsSink metrics,
        BooleanSupplier cancelled,
        TrainingCheckpoint checkpoint) {
    public TrainingContext {
        Objects.requireNonNull(task, "task");
        Objects.requireNonNull(partner, "partner");
        Objects.requireNonNull(reward, "reward");
        Objects.requireNonNull(streams, "streams");
        Objects.requireNonNull(metrics, "metrics");
        Objects.requireNonNull(cancelled, "cancelled");
        Objects.requireNonNull(checkpoint, "checkpoint");
        counterfactuals = List.copyOf(counterfactuals);
        if (budget < 0) {
            throw new IllegalArgumentException("budget is " + budget + " responses; at least 0");
        }
    }

    /** Training that keeps nothing: cut off, it begins anew. */
    public TrainingContext(
            Task task,
            InterventionAgent partner,
            RewardFunction reward,
            long budget,
            List<Counterfactual> counterfactuals,
            RandomStreams streams,
            MetricsSink metrics,
            BooleanSupplier cancelled) {
        this(task, partner, reward, budget, counterfactuals, streams, metrics, cancelled, TrainingCheckpoint.NONE);
    }

    /** @throws CancellationException if training is to stop */
    public void checkCancelled() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("training was cancelled");
        }
    }
}
