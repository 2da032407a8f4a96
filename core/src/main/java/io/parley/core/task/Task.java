package io.parley.core.task;

import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginSpec;
import java.util.List;
import java.util.OptionalDouble;

/** A deliberation task: vectorised episodes and demonstrations. Immutable and thread-safe. */
public interface Task {
    /** What its texts look like, for policies that are trained from scratch. */
    TextSpec text();

    /** Number of rounds of an episode. */
    int rounds();

    /**
     * What a person must know to be the partner, in plain sentences: what is asked, what the words of the prompts mean,
     * what a suggestion looks like. Empty where the prompts speak for themselves.
     */
    default String instructions() {
        return "";
    }

    /**
     * Begins episodes; their first prompts are ready. Before anyone has responded, another partner changes nothing but what
     * the partner says: an episode and its silent twin are the same question.
     */
    Episodes begin(EpisodeRequest request);

    /**
     * Demonstrations for behaviour cloning, from the split {@link Split#TRAIN}. The same request gives the same demonstrations.
     */
    List<Demonstration> demonstrations(DemonstrationRequest request);

    /**
     * Scripted policies that give every metric its scale, as ids of {@link io.parley.core.policy.PolicyProvider} with
     * their configuration. Where {@link #optimum} is known the last one is the policy that earns it, and regret is
     * measured against what it earns.
     *
     * @param trainPartner the training partner, for those that know its prior
     */
    default List<PluginSpec> references(PluginSpec trainPartner) {
        return List.of();
    }

    /**
     * Expected sum of the {@code own} part over an episode with the training partner, for the best policy that has the
     * collaborator's information and knows the partner's prior; empty where it is not known exactly.
     */
    default OptionalDouble optimum(PluginSpec trainPartner) {
        return OptionalDouble.empty();
    }
}
