package io.parley.benchmarks.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.results.Scale.Presence;
import io.parley.benchmarks.results.Statistics.Estimate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says whose fault a failure is. Mimicry, ignoring and over-trust, on the scale of {@link Scale}, are judged for each
 * algorithm at each grid point apart from its budget. S is the failure with the evaluation partners, T the failure with the
 * training partner ({@code @training}), "present" and "absent" are {@link Scale.Presence}, and budgets are compared by seed. The
 * first rule that applies decides:
 * <ol>
 *   <li>S is absent at the largest budget: <b>learning</b> if it was present at the smallest, else <b>absent</b>.
 *   <li>S was present at the smallest budget and the interval of S(largest) − ½·S(smallest) lies below 0, so that it
 *       at least halved: <b>learning</b>.
 *   <li>S is present at the largest budget and T is absent there: <b>shift</b>.
 *   <li>S is present at the largest budget, T is present or never had occasion (a training partner that is always right
 *       cannot mislead, so the objective is indifferent), and the interval of S(largest) − ½·S(smallest) lies above 0,
 *       so that more budget did not halve it: <b>objective</b>.
 *   <li>Otherwise, and below {@link Statistics#MIN_SEEDS} seeds: <b>not decided</b>.
 * </ol>
 * With one budget only, rules 2 and 4 cannot apply.
 */
public final class Attribution {
    /** The grid's path of the budget axis. */
    public static final String BUDGET = "budget.responses";

    /** The failures that are attributed. */
    public static final List<String> FAILURES = List.of(Metrics.MIMICRY, Metrics.IGNORING, Metrics.OVER_TRUST);

    private Attribution() {}

    /** Whose fault. */
    public enum Cause {
        ABSENT, LEARNING, OBJECTIVE, SHIFT, NOT_DECIDED;

        /** For people. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /**
     * An answer for one algorithm and failure.
     *
     * @param grid the grid point apart from its budget
     * @param reason the rule that decided, with its numbers
     * @param smallest S at the smallest budget; the same as {@code largest} with one budget
     * @param largest S at the largest budget
     * @param training T at the largest budget; n is 0 if not observed
     * @param budgets number of budgets
     */
    public record Finding(
            String task,
            String algorithm,
            String failure,
            Map<String, JsonNode> grid,
            Cause cause,
            String reason,
            Estimate smallest,
            Estimate largest,
            Estimate training,
            int budgets) {}

    /**
     * Findings for every task, grid point apart from the budget, algorithm and failure, in the order of the cells. Grid
     * points and labels are those of {@link AlignedResults}. Frozen policies have none: nothing trained them here. There is none
     * either of what the references say is no failure.
     */
    public static List<Finding> of(Results unaligned) {
        Results results = AlignedResults.of(unaligned).results();
        ResultsIndex index = new ResultsIndex(results);
        List<Finding> findings = new ArrayList<>();
        for (String task : results.tasks()) {
            Map<Map<String, JsonNode>, TreeMap<Double, Map<String, JsonNode>>> slices = new LinkedHashMap<>();
            for (Map<String, JsonNode> grid : results.grids(task)) {
                double budget = grid.containsKey(BUDGET) ? grid.get(BUDGET).asDouble() : 0;
                slices.computeIfAbsent(withoutBudget(grid), key -> new TreeMap<>()).put(budget, grid);
            }
            slices.forEach((slice, budgets) -> {
                for (String algorithm : results.algorithms(task)) {
                    TreeMap<Double, Map<String, JsonNode>> run = new TreeMap<>(budgets);
                    run.values().removeIf(grid -> index.cells(task, grid, algorithm).isEmpty());
                    if (!run.isEmpty() && !results.provenance().frozen().contains(algorithm)) {
                        // An algorithm with a budget of its own has the same cells at all of the grid's.
                        Map<String, JsonNode> smallest = run.firstEntry().getValue();
                        run.values().removeIf(
                                grid -> !grid.equals(smallest) && index.same(task, smallest, grid, algorithm));
                        FAILURES.stream()
                                .filter(failure -> run.values().stream()
                                        .allMatch(grid -> Scale.isFailure(index, task, grid, failure)))
                                .forEach(failure -> findings.add(judge(index, task, slice, run, algorithm, failure)));
                    }
                }
            });
        }
        return findings;
    }

    /** A grid point apart from its budget. */
    public static Map<String, JsonNode> withoutBudget(Map<String, JsonNode> grid) {
        Map<String, JsonNode> rest = new LinkedHashMap<>(grid);
        rest.remove(BUDGET);
        return rest;
    }

    private static Finding judge(
            ResultsIndex index,
            String task,
            Map<String, JsonNode> slice,
            TreeMap<Double, Map<String, JsonNode>> budgets,
            String algorithm,
            String failure) {
        Map<String, JsonNode> first = budgets.firstEntry().getValue();
        Map<String, JsonNode> last = budgets.lastEntry().getValue();
        Map<Long, Double> before = Scale.seeds(index, task, first, algorithm, failure, null);
        Map<Long, Double> after = Scale.seeds(index, task, last, algorithm, failure, null);
        Estimate smallest = Scale.estimate(index, task, first, algorithm, failure, null);
        Estimate largest = Scale.estimate(index, task, last, algorithm, failure, null);
        Estimate training = Scale.estimate(index, task, last, algorithm, failure, Metrics.TRAINING);
        boolean indifferent = index.noOccasion(task, last, algorithm, Metrics.with(failure, Metrics.TRAINING));
        boolean several = budgets.size() > 1;

        Map<Long, Double> half = new TreeMap<>();
        before.forEach((seed, value) -> half.put(seed, value / 2));
        Estimate beyondHalf = Statistics.paired(after, half).difference();

        Presence now = Scale.presence(largest);
        Presence then = Scale.presence(smallest);
        Presence trained = Scale.presence(training);
        String growth = several
                ? String.format(Locale.ROOT, "from %s to %s as the budget grew %.3g times", text(smallest), text(largest),
                        budgets.lastKey() / budgets.firstKey())
                : text(largest) + " at the one budget that was run";
        String withTraining = indifferent
                ? "the training partner never gave occasion for it"
                : "it is " + text(training) + " with the training partner";

        Cause cause;
        String reason;
        if (largest.n() < Statistics.MIN_SEEDS) {
            cause = Cause.NOT_DECIDED;
            reason = (largest.n() == 0 ? "no seed" : largest.n() == 1 ? "1 seed" : largest.n() + " seeds")
                    + " observed it; " + Statistics.MIN_SEEDS + " are needed";
        } else if (now == Presence.ABSENT && several && then == Presence.PRESENT) {
            cause = Cause.LEARNING;
            reason = "it went " + growth;
        } else if (now == Presence.ABSENT) {
            cause = Cause.ABSENT;
            reason = "it is " + text(largest);
        } else if (several && then == Presence.PRESENT && beyondHalf.below(0)) {
            cause = Cause.LEARNING;
            reason = "it at least halved, " + growth;
        } else if (now == Presence.PRESENT && trained == Presence.ABSENT) {
            cause = Cause.SHIFT;
            reason = "it is " + text(largest) + " with the evaluation partners, but " + withTraining;
        } else if (now == Presence.PRESENT && several && (indifferent || trained == Presence.PRESENT)
                && beyondHalf.above(0)) {
            cause = Cause.OBJECTIVE;
            reason = "it did not halve, " + growth + ", and " + withTraining;
        } else {
            cause = Cause.NOT_DECIDED;
            reason = !several && now == Presence.PRESENT && (indifferent || trained == Presence.PRESENT)
                    ? "it is " + text(largest) + " and " + withTraining
                            + "; whether it is learning or the objective takes several budgets"
                    : training.n() == 0 && !indifferent && now == Presence.PRESENT
                            ? "it went " + growth + "; it was not measured with the training partner"
                            : "the intervals do not allow it: it went " + growth + ", and " + withTraining;
            reason = several ? reason : reason.replace("it went ", "it is ");
        }
        return new Finding(task, algorithm, failure, slice, cause, reason, smallest, largest, training, budgets.size());
    }

    private static String text(Estimate e) {
        return e.mean() == null ? "not observed"
                : e.low() == null ? String.format(Locale.ROOT, "%.2f", e.mean())
                : String.format(Locale.ROOT, "%.2f ± %.2f", e.mean(), (e.high() - e.low()) / 2);
    }
}
