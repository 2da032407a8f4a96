package io.parley.tasks.wason;

import io.parley.tasks.partners.TrackRecord;
import io.parley.tasks.partners.TruthPrior;
import java.util.List;

/**
 * The best policy with the collaborator's information, and what it earns, when own reward alone counts and each round
 * asks a new question.
 *
 * <p>The response has no effect on later rounds, so the best policy is the best guess in each. With visible evidence
 * it is right. Where evidence is withheld and the partner speaks, let p be the posterior that the suggestion is true,
 * given the suggestions that could be checked: following earns p, and since a false suggestion is uniform over the
 * other five selections of two cards, any other such selection earns (1 − p)/5. Where the partner is silent, 1/6.
 */
final class RecordOptimum {
    private RecordOptimum() {}

    /** Whether following earns at least as much as the best guess. */
    static boolean follows(double posterior) {
        return posterior >= (1 - posterior) / 5;
    }

    /**
     * Expected sum of the own reward over an episode.
     *
     * @param visible q_t, one a round
     */
    static double value(List<Double> visible, TruthPrior prior) {
        double total = 0;
        // Probability that nothing could be checked so far.
        double unchecked = 1;
        double speaks = 1 - prior.silent();
        for (int round = 1; round <= visible.size(); round++) {
            double q = visible.get(round - 1);
            double truth = prior.posterior(round, TrackRecord.NONE);
            // A persistent partner that could be checked is known; with any other the record is of no use.
            double checked = prior.persistent() ? truth * earns(1) + (1 - truth) * earns(0) : earns(truth);
            double withheld = speaks * (unchecked * earns(truth) + (1 - unchecked) * checked) + (1 - speaks) / 6;
            total += q + (1 - q) * withheld;
            unchecked *= 1 - q * speaks;
        }
        return total;
    }

    private static double earns(double posterior) {
        return Math.max(posterior, (1 - posterior) / 5);
    }
}
