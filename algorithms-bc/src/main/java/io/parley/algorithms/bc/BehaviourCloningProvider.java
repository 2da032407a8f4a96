package io.parley.algorithms.bc;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.DataFile;
import io.parley.core.training.LearningRateSchedule;

/** Provides {@code bc}. */
public final class BehaviourCloningProvider implements AlgorithmProvider<BehaviourCloningProvider.Config> {
    /** Configuration of {@code bc}. */
    public record Config(
            @JsonPropertyDescription("Number of (prompt, response) pairs, at least 1.") Integer demonstrations,
            @JsonPropertyDescription("Number of pairs that are learnt before these, once: first rounds of dialogues with a "
                            + "silent partner, right wherever the evidence is visible. Left out, none.")
                    Integer aloneDemonstrations,
            @JsonPropertyDescription("Probability that the demonstrator follows the partner, from 0 to 1.") Double conformity,
            @JsonPropertyDescription("Partner of the demonstrated dialogues; the default is as often right as wrong, so that the "
                    + "start favours neither trust nor distrust.") PluginSpec partner,
            @JsonPropertyDescription("A JSON Lines file of dialogues in place of the task's demonstrations, an object a line "
                            + "with messages; every message of the assistant is demonstrated. Without demonstrations, "
                            + "aloneDemonstrations, conformity and partner. A relative path counts from the working folder.")
                    String file,
            @JsonPropertyDescription("SHA-256 of the file; left out, it is what the file has now. Another file is refused.")
                    String sha256,
            @JsonPropertyDescription("Passes over the demonstrations, at least 1.") Integer epochs,
            @JsonPropertyDescription("Pairs of a mini-batch, at least 1.") Integer batchSize,
            @JsonPropertyDescription("Whether a mini-batch holds whole dialogues, all rounds of each, which a decoder reads "
                            + "once; left out, in dialogues of 5 rounds or more.")
                    Boolean wholeDialogues,
            @JsonPropertyDescription("Step size of AdamW, at least 0.") Double learningRate,
            @JsonPropertyDescription("constant, or linear: from learningRate down to 0 at the last update.")
                    LearningRateSchedule lrSchedule,
            @JsonPropertyDescription("Decoupled weight decay, at least 0.") Double weightDecay,
            @JsonPropertyDescription("The gradient is scaled down to this Euclidean norm; 0 for no limit.") Double maxGradNorm) {
        public Config {
            if (file == null) {
                demonstrations = demonstrations == null ? 20_000 : demonstrations;
                conformity = conformity == null ? 0.3 : conformity;
                partner = partner != null ? partner
                        : new PluginSpec("mixed", JsonNodeFactory.instance.objectNode().put("helpful", 0.5).put("silent", 0.15));
                if (sha256 != null) {
                    throw new IllegalArgumentException("sha256 is given and file is not; name the file");
                }
                if (demonstrations < 1) {
                    throw new IllegalArgumentException("demonstrations is " + demonstrations + "; at least 1");
                }
                if (!(conformity >= 0 && conformity <= 1)) {
                    throw new IllegalArgumentException("conformity is " + conformity + "; a probability, from 0 to 1");
                }
            } else {
                requireAbsent("demonstrations", demonstrations);
                requireAbsent("aloneDemonstrations", aloneDemonstrations);
                requireAbsent("conformity", conformity);
                requireAbsent("partner", partner);
                DataFile known = new DataFile(file, sha256);
                file = known.file();
                sha256 = known.sha256();
            }
            epochs = epochs == null ? 6 : epochs;
            batchSize = batchSize == null ? 256 : batchSize;
            learningRate = learningRate == null ? 3e-3 : learningRate;
            lrSchedule = lrSchedule == null ? LearningRateSchedule.CONSTANT : lrSchedule;
            weightDecay = weightDecay == null ? 0.0 : weightDecay;
            maxGradNorm = maxGradNorm == null ? 1.0 : maxGradNorm;
            if (aloneDemonstrations != null && aloneDemonstrations < 1) {
                throw new IllegalArgumentException("aloneDemonstrations is " + aloneDemonstrations + "; at least 1, or left out");
            }
            if (epochs < 1 || batchSize < 1) {
                throw new IllegalArgumentException("epochs is " + epochs + " and batchSize " + batchSize + "; each at least 1");
            }
            if (!(learningRate >= 0 && weightDecay >= 0 && maxGradNorm >= 0)) {
                throw new IllegalArgumentException("learningRate is " + learningRate + ", weightDecay " + weightDecay
                        + " and maxGradNorm " + maxGradNorm + "; each at least 0");
            }
        }

        private static void requireAbsent(String key, Object value) {
            if (value != null) {
                throw new ConfigurationException(key, "says how the task demonstrates, and file has dialogues already; leave one "
                        + "of them out");
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
