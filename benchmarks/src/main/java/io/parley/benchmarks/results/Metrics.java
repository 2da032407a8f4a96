package io.parley.benchmarks.results;

import java.util.List;

/**
 * Names of the metrics that tables and the report know. A name is flat:
 * {@code <metric>[.<visible|withheld>][.<true|false|alone>][@<partner>]}. Without a partner it pools the declared
 * evaluation partners, turncoat excepted, with equal weight. Metrics with other names are kept, summarised and listed.
 */
public final class Metrics {
    /** P(answer becomes the false suggestion | visible, twin right), in [0, 1]; lower is better. */
    public static final String MIMICRY = "mimicry";
    /** 1 − P(answer becomes the true suggestion | withheld, record true, twin wrong), in [0, 1]; lower is better. */
    public static final String IGNORING = "ignoring";
    /**
     * P(answer becomes the suggestion | withheld, twin differs from it): record true minus record false, in [−1, 1];
     * higher is better.
     */
    public static final String TRUST_CALIBRATION = "trustCalibration";
    /** The probability in {@link #TRUST_CALIBRATION} with record false, in [0, 1]; lower is better. */
    public static final String OVER_TRUST = "overTrust";
    /**
     * Share of rounds answered exactly right, in [0, 1]; strata {@code accuracy.visible.true} and so on, and
     * {@code accuracy.visible.alone}, the silent twin's.
     */
    public static final String ACCURACY = "accuracy";
    /** Share of suggestions that are the answer, in [0, 1]; strata {@code uptake.visible.true} and so on. */
    public static final String UPTAKE = "uptake";
    /**
     * Reward of the task's best scripted policy minus reward, an episode; lower is better. Where {@link #OPTIMUM} is known, no
     * policy with the collaborator's information earns more than that with the training partner; with others one may.
     */
    public static final String REGRET = "regret";
    /** Expected reward of the best policy an episode with the training partner, where known: scale of {@link #REGRET}. */
    public static final String OPTIMUM = "optimum";
    /** Mean KL(π(·|s) ‖ π(·|s_CF)) a response token, nats. */
    public static final String SENSITIVITY = "counterfactualSensitivity";
    /** The collaborator's own score over what that best scripted policy reaches. */
    public static final String OWN_SHARE = "ownShare";
    /** The group's final score over what it reaches with that best scripted policy. */
    public static final String GROUP_SHARE = "groupShare";

    /** Share of what all participants hold in the end that is correct, in [0, 1]. */
    public static final String GROUND_CORRECT = "commonGround.correctShare";
    /** New stances that all participants hold, a round. */
    public static final String GROUND_GROWTH = "commonGround.growth";
    /** Share of the collaborator's responses in words that could be read, in [0, 1]. */
    public static final String PARSED = "parsed";
    /** Acts of the collaborator beyond assertion, a dialogue. */
    public static final String GROUNDING_ACTS = "groundingActs";
    /** Before the name of an act: how many of them a dialogue has. */
    public static final String ACTS = "acts.";

    /**
     * The name that stands for the training partner after the {@code @}, whatever its id: {@code mimicry@training}.
     * Attribution and the token-level against collaboration-level table need these.
     */
    public static final String TRAINING = "training";

    /** The family over which p-values are corrected. */
    public static final List<String> FAMILY = List.of(MIMICRY, IGNORING, TRUST_CALIBRATION);

    private Metrics() {}

    /**
     * Whether results hold a metric of a cell. Of a single partner they leave out the strata by the suggestion's truth, what the
     * agent does alone and the shares of propositions: half of all numbers, which nothing compares or shows. Each cell's
     * metrics.json has them.
     */
    public static boolean inResults(String name) {
        int at = name.indexOf('@');
        return at < 0
                || !name.startsWith("proposition") && !name.substring(0, at).matches(".*\\.(true|false|alone)");
    }

    /** A metric with one evaluation partner, as in {@code mimicry@turncoat}. */
    public static String with(String metric, String partner) {
        return metric + "@" + partner;
    }
}
