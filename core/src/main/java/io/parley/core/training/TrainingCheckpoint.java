package io.parley.core.training;

import io.parley.core.policy.TrainablePolicy;
import java.util.Optional;

/**
 * Where an algorithm keeps how far it is, so that training that was cut off goes on from there and ends with the same
 * parameters and the same curve, to the last bit, as if it had not been. An algorithm that never asks begins anew.
 *
 * <p>An algorithm's state is a record of what no configuration, random stream or initial policy gives back: counters of its
 * loops, running sums, the states of its regularisers. Random streams are keyed, so nothing of them is kept, and a reference
 * is the initial policy, which {@link #restore} finds in place.
 */
public interface TrainingCheckpoint {
    /** Keeps nothing, and has nothing. */
    TrainingCheckpoint NONE = new TrainingCheckpoint() {
        @Override
        public <S extends Record> Optional<S> restore(TrainablePolicy policy, Class<S> type) {
            return Optional.empty();
        }

        @Override
        public void keep(TrainablePolicy policy, Record state) {}
    };

    /**
     * Takes up what was kept: the policy and its optimiser become what they were, and so does the curve. To be called once,
     * after whatever is made of the initial policy (a reference, preference pairs) and after
     * {@link TrainablePolicy#configureOptimizer}, before the first update.
     *
     * @param policy the one under training; left as it is when there is nothing to take up
     * @param type of the state
     * @return the state that {@link #keep} was given; empty when training begins
     */
    <S extends Record> Optional<S> restore(TrainablePolicy policy, Class<S> type);

    /**
     * Offers the state at a boundary of the loop, after what the boundary adds to the curve, with no update open. It is kept
     * when the last one is old enough, so offering costs nothing; where the policy cannot keep its training, never.
     *
     * @param state read back by {@link #restore}: numbers, texts, lists, maps, JSON nodes and records of these
     */
    void keep(TrainablePolicy policy, Record state);
}
