package io.parley.tasks.partners;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * What someone who knows a partner's habits, but not its mood, may think of it. Tone tells nothing.
 *
 * @param silent probability of silence in a round, independent of everything else
 * @param persistent whether the partner is truthful or not for a whole episode; otherwise the rounds are independent
 * @param truth probability that what it says in a round is true, before anything is known of the episode
 */
public record TruthPrior(double silent, boolean persistent, IntToDoubleFunction truth) {
    /** A partner whose habits are known. */
    public interface Known extends InterventionAgent {
        TruthPrior prior();
    }

    /** The habits of a partner, if they are known. */
    public static Optional<TruthPrior> of(PluginSpec partner, PluginContext context) {
        return context.plugins().find(InterventionAgentProvider.class, partner.id()).configured(partner, context)
                        instanceof Known known
                ? Optional.of(known.prior())
                : Optional.empty();
    }

    /**
     * Probability that a suggestion is true. By Bayes' rule, one checked suggestion of a persistent partner decides.
     *
     * @param round the round of the suggestion, from 1
     */
    public double posterior(int round, TrackRecord record) {
        if (!persistent || record == TrackRecord.NONE) {
            return truth.applyAsDouble(round);
        }
        return record == TrackRecord.TRUE ? 1 : 0;
    }
}
