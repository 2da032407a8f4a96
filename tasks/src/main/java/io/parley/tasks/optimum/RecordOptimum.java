package io.parley.tasks.optimum;

import io.parley.tasks.partners.TrackRecord;
import io.parley.tasks.partners.TruthPrior;
import java.util.List;
import java.util.Map;

/**
 * The best policy with the collaborator's information, and what it earns, when own reward alone counts and each round
 * asks a new question.
 *
 * <p>The response has no effect on later rounds, so the best policy is the best guess in each. With visible evidence
 * it is right. Where evidence is withheld, it leaves n answers open, each as likely as any other. Where the partner speaks, let
 * p be the posterior that the suggestion is true, given the suggestions that could be checked: following earns p, and since a
 * false suggestion is uniform over the other open answers, any other of them earns (1 − p)/(n − 1). Where the partner is silent,
 * 1/n. Since what a liar suggests is spread as what is true, a suggestion that cannot be checked tells nothing about the partner.
 */
public final class RecordOptimum {
    private RecordOptimum() {}

    /** The best answers, each as good as any other. A suggestion that the evidence excludes is none. */
    public static List<List<String>> answers(Reading reading, TruthPrior prior) {
        List<List<String>> open = reading.open();
        List<String> suggestion = reading.suggestion();
        if (open.size() == 1 || suggestion == null || !open.contains(suggestion)) {
            return open;
        }
        return follows(prior.posterior(reading.round(), reading.record()), open.size())
                ? List.of(suggestion)
                : open.stream().filter(answer -> !answer.equals(suggestion)).toList();
    }

    /** Whether following earns at least as much as the best guess. */
    private static boolean follows(double posterior, int open) {
        return posterior >= (1 - posterior) / (open - 1);
    }

    /**
     * Expected sum of the own reward over an episode.
     *
     * @param visible q_t, one a round
     * @param open probability of each number of open answers, from 2, where evidence is withheld
     */
    public static double value(List<Double> visible, TruthPrior prior, Map<Integer, Double> open) {
        double total = 0;
        // Probability that nothing could be checked so far.
        double unchecked = 1;
        double speaks = 1 - prior.silent();
        for (int round = 1; round <= visible.size(); round++) {
            double q = visible.get(round - 1);
            double truth = prior.posterior(round, TrackRecord.NONE);
            double withheld = 0;
            for (Map.Entry<Integer, Double> entry : open.entrySet()) {
                int n = entry.getKey();
                // A persistent partner that could be checked is known; with any other the record is of no use.
                double checked = prior.persistent() ? truth * earns(1, n) + (1 - truth) * earns(0, n) : earns(truth, n);
                withheld += entry.getValue()
                        * (speaks * (unchecked * earns(truth, n) + (1 - unchecked) * checked) + (1 - speaks) / n);
            }
            total += q + (1 - q) * withheld;
            unchecked *= 1 - q * speaks;
        }
        return total;
    }

    private static double earns(double posterior, int open) {
        return Math.max(posterior, (1 - posterior) / (open - 1));
    }
}
