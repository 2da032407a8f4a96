package io.parley.core.policy;

import java.util.List;

/**
 * Scores of responses, without gradient. Every array has one row a response, as long as the response has tokens.
 *
 * @param logProbs natural log-probability of each token
 * @param values value estimate before each token, or null when not asked for
 * @param entropy entropy of each token's distribution in nats, or null when not asked for
 * @param divergences one array for each divergence asked for, in the same order
 */
public record Scores(float[][] logProbs, float[][] values, float[][] entropy, List<float[][]> divergences) {}
