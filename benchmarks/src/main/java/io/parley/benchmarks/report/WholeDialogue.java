package io.parley.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.AlgorithmEntry;
import io.parley.benchmarks.experiment.Settings;
import io.parley.benchmarks.results.AlignedResults;
import io.parley.benchmarks.results.Metrics;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.ResultsIndex;
import io.parley.benchmarks.results.Statistics;
import io.parley.benchmarks.results.Statistics.Estimate;
import io.parley.tasks.scoring.DeliData;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What comes of a group over a whole dialogue, where the rounds are one dialogue about one question, and how the collaborator
 * talks, where it has words. On the card selection task people stand beside the agents.
 */
final class WholeDialogue {
    /** Label of the row of people. */
    static final String HUMANS = "humans";

    /** What the group submits, and what its participants end with. */
    static final Map<String, String> OUTCOME = new LinkedHashMap<>();
    /** What is tried on the way. */
    static final Map<String, String> DISCUSSION = new LinkedHashMap<>();
    /** What all participants hold. */
    static final Map<String, String> GROUND = new LinkedHashMap<>();

    static {
        OUTCOME.put("finalAccuracy", "Final accu\u00adracy ↑");
        OUTCOME.put("fineGrained", "Fine-grained ↑");
        OUTCOME.put("performanceGain", "Perfor\u00admance gain ↑");
        OUTCOME.put("groupScore", "Group score ↑");
        OUTCOME.put("consensus", "Con\u00adsensus");
        OUTCOME.put("participants.changed", "Partici\u00adpants changed");
        DISCUSSION.put("diversity", "Diver\u00adsity");
        DISCUSSION.put("uniqueTransitions", "Unique tran\u00adsitions");
        DISCUSSION.put("stuckTransitions", "Stuck");
        DISCUSSION.put("circularTransitions", "Circular");
        DISCUSSION.put("cgGain", "CG gain ↑");
        GROUND.put("commonGround.size", "Size");
        GROUND.put("commonGround.normalised", "Normalised");
        GROUND.put(Metrics.GROUND_CORRECT, "Correct share ↑");
        GROUND.put("accuracyAdjusted", "Accuracy-adjusted ↑");
        GROUND.put(Metrics.GROUND_GROWTH, "Growth a round");
        GROUND.put("weighings", "Weighings");
        GROUND.put("visibleShare", "Rounds visible");
    }

    private final Results results;
    private final ResultsIndex index;

    /** @param results aligned */
    WholeDialogue(Results results, ResultsIndex index) {
        this.results = results;
        this.index = index;
    }

    /** Whether the rounds of a point's task are one dialogue of which something was measured. */
    boolean at(Narrative.Point point) {
        return !setting(point, "regime").asText().equals("record")
                && Stream.of(OUTCOME, DISCUSSION, GROUND).anyMatch(columns -> !measured(point, columns).isEmpty());
    }

    /** Those of some columns that a row of the point has numbers for. */
    Map<String, String> measured(Narrative.Point point, Map<String, String> columns) {
        Map<String, String> measured = new LinkedHashMap<>(columns);
        measured.keySet().removeIf(metric -> rows(point).stream().noneMatch(row -> estimate(point, row, metric).n() > 0));
        return measured;
    }

    /** The metrics of the collaborator's talk, with their headings; empty where it has no words. */
    Map<String, String> acts(Narrative.Point point) {
        Map<String, String> acts = new LinkedHashMap<>();
        acts.put(Metrics.PARSED, "Parsed ↑");
        acts.put(Metrics.GROUNDING_ACTS, "Ground\u00ading acts");
        rows(point).stream().flatMap(row -> index.cells(point.task(), point.grid(), row).stream())
                .flatMap(cell -> cell.metrics().keySet().stream())
                .filter(metric -> metric.startsWith(Metrics.ACTS) && metric.indexOf('@') < 0).sorted()
                .forEach(metric -> acts.put(metric, metric.substring(Metrics.ACTS.length())));
        return measured(point, acts);
    }

    /** What people reach on the same task, by metric; empty where there is no such figure. */
    Map<String, Metric> humans(Narrative.Point point) {
        return at(point) && setting(point, "id").asText().equals("wason") ? People.METRICS : Map.of();
    }

    /** Scored once, when a report of the card selection task first needs it. */
    private static final class People {
        static final List<DeliData.Group> GROUPS = DeliData.reference();
        static final Map<String, Metric> METRICS = Scorer.scoreGroups(GROUPS);
    }

    /** Where the row of people comes from. */
    static String source() {
        return "humans: " + People.GROUPS.size() + " groups of people, "
                + Numbers.count(People.METRICS.get("participants.changed").count())
                + " participants, of the DeliData corpus (Karadzhov, Stafford and Vlachos, CSCW 2023). They were not trained, and"
                + " had neither a collaborator nor a partner; what does not apply to them is left open. A group's submission is"
                + " what more than half of it select, card by card. They wrote "
                + Numbers.fixed(People.METRICS.get("messages").value(), 1) + " messages a group: diversity, transitions and CG"
                + " gain grow with the length of a dialogue and the size of a group.";
    }

    /** What each agent's dialogues do to common ground, and whether that was rewarded. */
    List<String> ground(Narrative.Point point) {
        return agents(point, Metrics.GROUND_GROWTH, row -> ground(point, row));
    }

    private String ground(Narrative.Point point, String row) {
        Estimate growth = estimate(point, row, Metrics.GROUND_GROWTH);
        Estimate correct = estimate(point, row, Metrics.GROUND_CORRECT);
        String claim = growth.low() == null ? "by a mean of "
                : growth.low() > 0 ? "it grows, by " : growth.high() < 0 ? "it shrinks, by " : "that it grows is not shown: by ";
        return row + rewarded(point, row)
                .map(yes -> yes ? ", rewarded for common ground: " : ", without a reward for common ground: ").orElse(": ")
                + claim + Numbers.fixed(growth.mean(), 3) + interval(growth, bound -> Numbers.fixed(bound, 3)) + " a round"
                + (correct.n() == 0 ? "" : "; of what its groups hold in common at the end, " + Numbers.percent(correct.mean())
                        + interval(correct, Numbers::percent) + " is correct" + sinceStart(point, row)) + ".";
    }

    private String sinceStart(Narrative.Point point, String row) {
        Estimate change = change(point, row, Metrics.GROUND_CORRECT);
        if (change.low() == null) {
            return "";
        }
        return change.low() > 0 ? ", " + Numbers.points(change) + " more than with the start"
                : change.high() < 0 ? ", " + Numbers.points(change) + " less than with the start"
                : ", which is not shown to differ from the start";
    }

    /** Whether training changed how often the collaborator grounds what it says. */
    List<String> grounding(Narrative.Point point) {
        return agents(point, Metrics.GROUNDING_ACTS, row -> {
            Estimate acts = estimate(point, row, Metrics.GROUNDING_ACTS);
            Estimate change = change(point, row, Metrics.GROUNDING_ACTS);
            String since = change.low() == null ? ""
                    : (change.low() > 0 ? "; training added " : change.high() < 0 ? "; training eroded them, by "
                            : "; that training changed them is not shown: ") + Numbers.fixed(change.low() > 0 ? change.mean()
                            : change.high() < 0 ? -change.mean() : change.mean(), 2)
                            + " (" + Numbers.fixed(change.high() < 0 ? -change.high() : change.low(), 2) + " to "
                            + Numbers.fixed(change.high() < 0 ? -change.low() : change.high(), 2) + ")";
            return row + ": " + Numbers.fixed(acts.mean(), 2) + interval(acts, bound -> Numbers.fixed(bound, 2))
                    + " grounding acts a dialogue" + since + ".";
        });
    }

    private List<String> agents(Narrative.Point point, String metric, Function<String, String> sentence) {
        List<String> sentences = new ArrayList<>();
        for (String row : rows(point)) {
            if (!results.provenance().references().contains(row) && estimate(point, row, metric).n() > 0) {
                sentences.add(sentence.apply(row));
            }
        }
        return sentences;
    }

    /** The difference to the start, paired by seed; of nothing for a row that was not trained from it. */
    private Estimate change(Narrative.Point point, String row, String metric) {
        String start = results.provenance().start();
        return row.equals(start) || results.provenance().frozen().contains(row) ? Statistics.estimate()
                : Statistics.paired(index.seeds(point.task(), point.grid(), row, metric),
                        index.seeds(point.task(), point.grid(), start, metric)).difference();
    }

    /**
     * Whether an algorithm's reward counts common ground; empty for a row that is no algorithm of the experiment as it stands,
     * and for a reward of another kind.
     */
    private Optional<Boolean> rewarded(Narrative.Point point, String row) {
        ObjectNode experiment = results.provenance().experiment().deepCopy();
        point.grid().forEach((path, value) -> {
            if (path.matches("reward(\\..*)?")) {
                Settings.set(experiment, path, value);
            }
        });
        for (JsonNode algorithm : experiment.path("algorithms")) {
            if (algorithm.path("label").asText().equals(row)) {
                JsonNode reward = algorithm.has("reward")
                        ? AlgorithmEntry.override(experiment.path("reward"), algorithm.get("reward")) : experiment.path("reward");
                return reward.path("id").asText("weighted").equals("weighted")
                        ? Optional.of(reward.path("commonGround").asDouble() > 0) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static String interval(Estimate e, Function<Double, String> text) {
        return e.low() == null ? "" : " (" + text.apply(e.low()) + " to " + text.apply(e.high()) + ")";
    }

    private List<String> rows(Narrative.Point point) {
        return results.rows(point.task()).stream()
                .filter(row -> !index.cells(point.task(), point.grid(), row).isEmpty()).toList();
    }

    private Estimate estimate(Narrative.Point point, String row, String metric) {
        return Numbers.estimate(index.summary(point.task(), point.grid(), row, metric));
    }

    /** A setting of a point's task. */
    private JsonNode setting(Narrative.Point point, String key) {
        String path = "tasks." + point.task() + "." + key;
        JsonNode value = point.grid().containsKey(path) ? point.grid().get(path)
                : AlignedResults.setting(results.provenance().experiment(), path);
        return value == null ? MissingNode.getInstance() : value;
    }
}
