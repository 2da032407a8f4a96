package io.parley.algorithms.dpo;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginSpec;
import java.util.List;

/** Hyper-parameters of {@code dpo} and {@code ipo}; the defaults are for a policy of some 10⁵ parameters. */
public record DpoConfig(
        @JsonPropertyDescription("β, how strongly the policy is held to the start, above 0.") Double beta,
        @JsonPropertyDescription("Where pairs come from: sampled, or {id: jsonl, file: pairs.jsonl}.") PluginSpec preferences,
        @JsonPropertyDescription("Passes over the pairs, at least 1.") Integer epochs,
        @JsonPropertyDescription("Pairs of a mini-batch, at least 1.") Integer batchSize,
        @JsonPropertyDescription("Whether a mini-batch holds whole dialogues, the pairs of all rounds of each, which a decoder "
                        + "reads once; left out, in dialogues of 5 rounds or more.")
                Boolean wholeDialogues,
        @JsonPropertyDescription("Step size of AdamW, at least 0.") Double learningRate,
        @JsonPropertyDescription("Decoupled weight decay, at least 0.") Double weightDecay,
        @JsonPropertyDescription("The gradient is scaled down to this Euclidean norm; 0 for no limit.") Double maxGradNorm,
        @JsonPropertyDescription("Regularisers that act in the loss through full distributions, such as "
                + "{id: counterfactual-invariance, place: loss, estimator: full}. Their weights multiply sums over the tokens of "
                + "a response, where PPO has means over tokens.") List<PluginSpec> regularizers) {
    public DpoConfig {
        beta = beta == null ? 0.1 : beta;
        preferences = preferences == null ? PluginSpec.of("sampled") : preferences;
        epochs = epochs == null ? 3 : epochs;
        batchSize = batchSize == null ? 256 : batchSize;
        learningRate = learningRate == null ? 1e-3 : learningRate;
        weightDecay = weightDecay == null ? 0.0 : weightDecay;
        maxGradNorm = maxGradNorm == null ? 1.0 : maxGradNorm;
        regularizers = regularizers == null ? List.of() : List.copyOf(regularizers);
        if (!(beta > 0) || Double.isInfinite(beta)) {
            throw new IllegalArgumentException("beta is " + beta + "; above 0");
        }
        if (epochs < 1 || batchSize < 1) {
            throw new IllegalArgumentException("epochs is " + epochs + " and batchSize " + batchSize + "; each at least 1");
        }
        if (!(learningRate >= 0 && weightDecay >= 0 && maxGradNorm >= 0)) {
            throw new IllegalArgumentException("learningRate is " + learningRate + ", weightDecay " + weightDecay
                    + " and maxGradNorm " + maxGradNorm + "; each at least 0");
        }
    }
}
