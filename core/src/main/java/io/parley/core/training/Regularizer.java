package io.parley.core.training;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.Policy;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.UpdateScope;
import io.parley.core.task.Counterfactual;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A penalty that an algorithm adds to its objective: KL to the reference, entropy, counterfactual invariance. It says
 * where it acts and what it needs; the algorithm says which places it can serve and refuses the others with the reason.
 *
 * <p>One instance serves one training run and may keep the state of a controller. Two instances that see the same rollouts
 * give the same penalties; so does one that was given the {@link #state} of another.
 */
public interface Regularizer {
    /** Where a penalty enters. */
    enum Place {
        /** Added to the reward of each token, once a rollout. */
        REWARD,
        /** Added to the loss of each token, in every mini-batch. */
        LOSS
    }

    /** What a regulariser uses beside the log-probabilities of the response tokens. */
    enum Need {
        /** {@link Batch#reference()}, which an algorithm without a use of its own for it keeps only when it is needed. */
        REFERENCE,
        /** Exact sums over the tokens allowed at a position, which hold whoever drew the responses. */
        FULL_DISTRIBUTION,
        /** {@link ScoreArrays#entropy()}; exact too. */
        ENTROPY
    }

    /** Where the penalty enters; the same as long as it lives. */
    Place place();

    /** What the algorithm must provide, {@link #counterfactuals()} aside; the same as long as it lives. */
    Set<Need> needs();

    /** The counterfactual states that it wants beside each state, in the order in which it reads them. */
    default List<Counterfactual> counterfactuals() {
        return List.of();
    }

    /**
     * States and responses.
     *
     * @param policy the policy under training; at rollout it is the one that sampled
     * @param reference π_ref, frozen; null for a regulariser that does not need it
     * @param prompts s, one a row
     * @param counterfactuals one list of prompts for each of {@link #counterfactuals()}
     * @param responses one a row, with behaviour log-probabilities
     * @param strata kind of state of each row
     */
    record Batch(
            Policy policy,
            Policy reference,
            List<Prompt> prompts,
            List<List<Prompt>> counterfactuals,
            List<Response> responses,
            List<String> strata) {
        /** @throws IllegalStateException if the regulariser does not declare {@link Need#REFERENCE} */
        @Override
        public Policy reference() {
            if (reference == null) {
                throw new IllegalStateException("no reference: a regulariser that uses it declares Need.REFERENCE");
            }
            return reference;
        }

        /** Some of its rows, in the given order. */
        public Batch rows(int... rows) {
            return new Batch(policy, reference, MiniBatches.rows(prompts, rows),
                    counterfactuals.stream().map(each -> MiniBatches.rows(each, rows)).toList(),
                    MiniBatches.rows(responses, rows), MiniBatches.rows(strata, rows));
        }
    }

    /**
     * Called once for every rollout, before any update on it; never by an algorithm that has none, such as DPO.
     * Measures what the curve shows, and for {@link Place#REWARD} returns what is added to each token's reward. It changes neither
     * policy nor responses.
     *
     * @param metrics where measurements go, by name
     * @return one row a response, one number a token, λ and sign included; null for {@link Place#LOSS}
     */
    float[][] rollout(Batch batch, Map<String, Double> metrics);

    /**
     * {@link Place#LOSS}: the full divergences wanted from the algorithm's own scoring of a mini-batch, so that they
     * cost no forward pass of their own.
     */
    default List<ScoreRequest.Divergence> divergences(Batch minibatch) {
        return List.of();
    }

    /**
     * {@link Place#LOSS}: the penalty of each token of a mini-batch.
     *
     * @param scores the algorithm's scores of s, entropy included when it is needed
     * @param divergences those of {@link #divergences}, each of shape [rows, tokens]
     * @param ratio π/π_old of each token, of shape [rows, tokens], without gradient: the importance weight of an
     *     expectation over π; 1 where the responses are not the policy's
     * @return shape [rows, tokens], λ included; the algorithm masks it and says what λ weighs: PPO averages it over tokens and
     *     divides it by the deviation of the advantages, so that λ is in units of the reward; DPO sums it over the tokens of a
     *     response, beside −log σ(β·h) of the pair
     */
    default NDArray loss(Batch minibatch, UpdateScope scope, ScoreArrays scores, List<NDArray> divergences, NDArray ratio) {
        throw new UnsupportedOperationException("this regulariser acts in the reward");
    }

    /**
     * What its penalties depend on beside its configuration and what it is shown: the state of a controller, or an empty
     * object. Null, the default, says that it cannot be told; training with it that was cut off then begins anew.
     */
    default JsonNode state() {
        return null;
    }

    /**
     * Takes over the state of another instance with the same configuration.
     *
     * @param state what its {@link #state} gave
     */
    default void restore(JsonNode state) {}
}
