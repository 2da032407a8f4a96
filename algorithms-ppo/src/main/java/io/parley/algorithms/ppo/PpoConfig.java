package io.parley.algorithms.ppo;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.training.LearningRateSchedule;
import java.util.ArrayList;
import java.util.List;

/**
 * Hyper-parameters of {@link Ppo}. The defaults are for a policy of some 10⁵ parameters and 10⁵ responses; a pretrained
 * language model that is trained in full wants a learning rate of about 1e-6, and the preset {@code lm} gives its adapters 3e-4.
 */
public record PpoConfig(
        @JsonPropertyDescription("Step size of AdamW, at least 0.") Double learningRate,
        @JsonPropertyDescription("constant, or linear: from learningRate down to 0 at the end of the budget.")
                LearningRateSchedule lrSchedule,
        @JsonPropertyDescription("Most episodes that are sampled before each round of updates, at least 1; the budget is spent "
                + "in equal rollouts.") Integer rolloutEpisodes,
        @JsonPropertyDescription("Passes over each rollout, at least 1.") Integer epochs,
        @JsonPropertyDescription("Responses of a mini-batch, at least 1; it is made of whole episodes, one at least.")
                Integer miniBatchSize,
        @JsonPropertyDescription("ε of the clipped surrogate: how far a probability ratio may move and still gain, above 0.")
                Double clip,
        @JsonPropertyDescription("How far a value may move from the one at sampling and still lower its loss, in units of the "
                + "return, above 0. A value so moves by about this much a rollout: where returns are many times it, give a "
                + "large number, for no limit.")
                Double valueClip,
        @JsonPropertyDescription("Weight of the value loss, at least 0.") Double valueCoefficient,
        @JsonPropertyDescription("Discount of what later rounds earn, from 0 to 1; tokens of one response are not discounted.")
                Double gamma,
        @JsonPropertyDescription("λ of generalised advantage estimation, from 0 to 1.") Double gaeLambda,
        @JsonPropertyDescription("λ_H, the weight of the KL to the start in the reward, at least 0 (the regulariser "
                        + "kl-reference).")
                Double klCoefficient,
        @JsonPropertyDescription("When given, klCoefficient adapts so that the KL of a response stays near this many nats.")
                Double klTarget,
        @JsonPropertyDescription("Weight of the entropy bonus in units of the reward, at least 0 (the regulariser entropy): it "
                        + "is divided by the deviation of the advantages, as whitening divides them.")
                Double entropyCoefficient,
        @JsonPropertyDescription("The gradient is scaled down to this Euclidean norm; 0 for no limit.") Double maxGradNorm,
        @JsonPropertyDescription("Decoupled weight decay, at least 0.") Double weightDecay,
        @JsonPropertyDescription("Further regularisers, such as {id: counterfactual-invariance, counterfactual: mask}.")
                List<PluginSpec> regularizers,
        @JsonPropertyDescription("A counterfactual that stands in place of every training state; none for the task's own states.")
                PluginSpec shown) {
    public PpoConfig {
        learningRate = learningRate == null ? 1e-3 : learningRate;
        lrSchedule = lrSchedule == null ? LearningRateSchedule.CONSTANT : lrSchedule;
        rolloutEpisodes = rolloutEpisodes == null ? 512 : rolloutEpisodes;
        epochs = epochs == null ? 4 : epochs;
        miniBatchSize = miniBatchSize == null ? 256 : miniBatchSize;
        clip = clip == null ? 0.2 : clip;
        valueClip = valueClip == null ? 0.2 : valueClip;
        valueCoefficient = valueCoefficient == null ? 0.5 : valueCoefficient;
        gamma = gamma == null ? 1.0 : gamma;
        gaeLambda = gaeLambda == null ? 0.95 : gaeLambda;
        klCoefficient = klCoefficient == null ? 0.02 : klCoefficient;
        entropyCoefficient = entropyCoefficient == null ? 0.0 : entropyCoefficient;
        maxGradNorm = maxGradNorm == null ? 1.0 : maxGradNorm;
        weightDecay = weightDecay == null ? 0.0 : weightDecay;
        regularizers = regularizers == null ? List.of() : List.copyOf(regularizers);
        atLeast("learningRate", learningRate, 0);
        atLeast("rolloutEpisodes", rolloutEpisodes, 1);
        atLeast("epochs", epochs, 1);
        atLeast("miniBatchSize", miniBatchSize, 1);
        above("clip", clip);
        above("valueClip", valueClip);
        atLeast("valueCoefficient", valueCoefficient, 0);
        fraction("gamma", gamma);
        fraction("gaeLambda", gaeLambda);
        atLeast("klCoefficient", klCoefficient, 0);
        atLeast("entropyCoefficient", entropyCoefficient, 0);
        atLeast("maxGradNorm", maxGradNorm, 0);
        atLeast("weightDecay", weightDecay, 0);
        refuseTwice("klCoefficient", klCoefficient, "kl-reference", regularizers);
        refuseTwice("entropyCoefficient", entropyCoefficient, "entropy", regularizers);
        if (klTarget != null) {
            above("klTarget", klTarget);
            if (klCoefficient == 0) {
                throw new IllegalArgumentException(
                        "klTarget is " + klTarget
                                + " but klCoefficient is 0; a controller multiplies, so give it a start above 0");
            }
        }
    }

    /** Every default. */
    public static PpoConfig defaults() {
        return new PpoConfig(null, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null, null, null);
    }

    /** This configuration with one more regulariser, after the others. */
    public PpoConfig withRegularizer(PluginSpec regularizer) {
        List<PluginSpec> more = new ArrayList<>(regularizers);
        more.add(regularizer);
        return new PpoConfig(learningRate, lrSchedule, rolloutEpisodes, epochs, miniBatchSize, clip, valueClip, valueCoefficient,
                gamma, gaeLambda, klCoefficient, klTarget, entropyCoefficient, maxGradNorm, weightDecay, more, shown);
    }

    /** This configuration on the states of a counterfactual, unless it names one already. */
    PpoConfig withShown(PluginSpec counterfactual) {
        return new PpoConfig(learningRate, lrSchedule, rolloutEpisodes, epochs, miniBatchSize, clip, valueClip, valueCoefficient,
                gamma, gaeLambda, klCoefficient, klTarget, entropyCoefficient, maxGradNorm, weightDecay, regularizers,
                shown == null ? counterfactual : shown);
    }

    private static void refuseTwice(String key, double coefficient, String id, List<PluginSpec> regularizers) {
        if (coefficient > 0 && regularizers.stream().anyMatch(spec -> spec.id().equals(id))) {
            throw new IllegalArgumentException("regularizers list '" + id + "' and " + key + " is " + coefficient
                    + ", so that it would act twice; set " + key + " to 0, or leave it out of the list");
        }
    }

    private static void atLeast(String name, Number value, int least) {
        if (!(value.doubleValue() >= least) || Double.isInfinite(value.doubleValue())) {
            throw new IllegalArgumentException(name + " is " + value + "; at least " + least);
        }
    }

    private static void above(String name, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + "; above 0");
        }
    }

    private static void fraction(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " is " + value + "; from 0 to 1");
        }
    }
}
