package io.parley.algorithms.bc;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;

/** Provides {@code bc}. */
public final class BehaviourCloningProvider implements AlgorithmProvider<BehaviourCloningProvider.Config> {
    /** Configuration of {@code bc}. */
    public record Config(
            @JsonPropertyDescription("Number of (prompt, response) pairs, at least 1.") Integer demonstrations,
            @JsonPropertyDescription("Probability that the demonstrator follows the partner, from 0 to 1.") Double conformity,
            @JsonPropertyDescription("Partner of the demonstrated dialogues; the default is as often right as wrong, so that the "
                    + "start favours neither trust nor distrust.") PluginSpec partner,
            @JsonPropertyDescription("Passes over the demonstrations, at least 1.") Integer epochs,
            @JsonPropertyDescription("Pairs of a mini-batch, at least 1.") Integer batchSize,
            @JsonPropertyDescription("Whether a mini-batch holds whole dialogues, all rounds of each, which a decoder reads once; left out, "
                            + "in dialogues of 5 rounds or more.")
                    Boolean wholeDialogues,
            @JsonPropertyDescription("Step size of AdamW, at least 0.") Double learningRate,
            @JsonPropertyDescription("Whether the step size falls to 0 over the updates, in equal steps.") Boolean decay,
            @JsonPropertyDescription("Decoupled weight decay, at least 0.") Double weightDecay,
            @JsonPropertyDescription("The gradient is scaled down to this Euclidean norm; 0 for no limit.") Double maxGradNorm) {
        public Config {
            demonstrations = demonstrations == null ? 20_000 : demonstrations;
            conformity = conformity == null ? 0.3 : conformity;
            partner = partner != null ? partner
                    : new PluginSpec("mixed", JsonNodeFactory.instance.objectNode().put("helpful", 0.5).put("silent", 0.15));
            epochs = epochs == null ? 6 : epochs;
            batchSize = batchSize == null ? 256 : batchSize;
            learningRate = learningRate == null ? 3e-3 : learningRate;
            decay = decay != null && decay;
            weightDecay = weightDecay == null ? 0.0 : weightDecay;
            maxGradNorm = maxGradNorm == null ? 1.0 : maxGradNorm;
            if (demonstrations < 1 || epochs < 1 || batchSize < 1) {
                throw new IllegalArgumentException("demonstrations is " + demonstrations + ", epochs " + epochs + " and batchSize "
                        + batchSize + "; each at least 1");
            }
            if (!(conformity >= 0 && conformity <= 1)) {
                throw new IllegalArgumentException("conformity is " + conformity + "; a probability, from 0 to 1");
            }
            if (!(learningRate >= 0 && weightDecay >= 0 && maxGradNorm >= 0)) {
                throw new IllegalArgumentException("learningRate is " + learningRate + ", weightDecay " + weightDecay
                        + " and maxGradNorm " + maxGradNorm + "; each at least 0");
            }
        }
    }

    @Override
    public String id() {
        return "bc";
    }

    @Override
    public String description() {
        return "Behaviour cloning: maximum likelihood of demonstrations, on response tokens only.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public AlignmentAlgorithm create(Config config, PluginContext context) {
        return new BehaviourCloning(config, context);
    }
}
