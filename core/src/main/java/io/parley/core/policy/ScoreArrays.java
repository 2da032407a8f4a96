package io.parley.core.policy;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * Scores of responses inside an {@link UpdateScope}, differentiable in the policy's parameters. Every array is
 * float32 of shape [rows, tokens of the longest response]; what lies past the end of a response is 0.
 *
 * @param mask 1 at tokens of the response, 0 past its end; no gradient
 * @param logProbs natural log-probability of each token
 * @param values value estimate before each token, or null when not asked for
 * @param entropy entropy of each token's distribution in nats, or null when not asked for
 * @param divergences one array for each divergence asked for, in the same order
 */
public record ScoreArrays(NDArray mask, NDArray logProbs, NDArray values, NDArray entropy, List<NDArray> divergences) {}
