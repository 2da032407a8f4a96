package io.parley.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.results.AlignedResults;
import io.parley.benchmarks.results.Metrics;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.Results.Summary;
import io.parley.benchmarks.results.ResultsIndex;
import io.parley.benchmarks.results.Scale;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the report says of each agent, for programs. */
public final class Verdicts {
    /** What a verdict rests on beside the three failures. */
    private static final List<String> BESIDE = List.of(Metrics.PARSED, Metrics.TRUST_CALIBRATION, Metrics.SENSITIVITY,
            Metrics.ACCURACY, Metrics.UPTAKE + ".visible.true", Metrics.UPTAKE + ".visible.false",
            Metrics.UPTAKE + ".withheld.true", Metrics.UPTAKE + ".withheld.false");

    private Verdicts() {}

    /**
     * One agent on one task.
     *
     * @param agent label of the row
     * @param verdict such as "mimics and over-trusts", "integrates selectively", "not decided"; "does not speak" where less than
     *     0.9 of its responses in words could be read
     * @param failures mimicry, ignoring and overTrust: present, absent or undecided; a failure that the task gives no
     *     occasion for is undecided, or left out where it needs a record and there is none; all are undecided for an agent that
     *     does not speak
     * @param threshold from which on, on the scale of the scripted agents, a failure is present
     * @param numbers the failures' rates and what stands beside them, by metric; {@code parsed}, the share of responses that
     *     could be read, was observed where they are words
     */
    public record Verdict(String task, Map<String, JsonNode> grid, String agent, String verdict, Map<String, String> failures,
            double threshold, Map<String, Interval> numbers) {}

    /**
     * A mean over seeds with its 95 % interval.
     *
     * @param mean null where nothing was observed
     * @param ci95Low null where the seeds are too few
     * @param ci95High likewise
     */
    public record Interval(Double mean, Double ci95Low, Double ci95High, int n) {
        private static Interval of(Summary summary) {
            return new Interval(summary.mean(), summary.ci95Low(), summary.ci95High(), summary.n());
        }
    }

    /** The scripted agents first. */
    public static List<Verdict> of(Results unaligned) {
        Results results = AlignedResults.of(unaligned).results();
        ResultsIndex index = new ResultsIndex(results);
        Narrative narrative = new Narrative(results);
        List<Verdict> verdicts = new ArrayList<>();
        for (String task : results.tasks()) {
            for (Map<String, JsonNode> grid : results.grids(task)) {
                for (String row : results.rows(task)) {
                    if (index.cells(task, grid, row).isEmpty()) {
                        continue;
                    }
                    Narrative.Verdict verdict = narrative.verdict(new Narrative.Point(task, grid), row);
                    Map<String, String> failures = new TreeMap<>();
                    Map<String, Interval> numbers = new TreeMap<>();
                    verdict.failures().forEach((failure, presence) -> {
                        failures.put(failure.metric, presence.name().toLowerCase(Locale.ROOT));
                        numbers.put(failure.metric, Interval.of(index.summary(task, grid, row, failure.metric)));
                    });
                    BESIDE.forEach(metric -> numbers.put(metric, Interval.of(index.summary(task, grid, row, metric))));
                    verdicts.add(new Verdict(task, grid, row, verdict.verdict(), failures, Scale.MATERIAL, numbers));
                }
            }
        }
        return verdicts;
    }
}
