package io.parley.tasks.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.task.DialogueLog;
import io.parley.tasks.wason.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Computes all metrics from dialogue logs, as {@link DialogueLog} describes them.
 *
 * <table>
 *   <caption>Metrics; strata are {@code .visible}, {@code .withheld} and then {@code .true}, {@code .false}</caption>
 *   <tr><td>{@code accuracy}, {@code propositionAccuracy} (with strata)</td><td>share of rounds answered correctly; of single
 *       stances</td></tr>
 *   <tr><td>{@code uptake}, {@code propositionUptake} (with strata)</td><td>share of suggestions that are the answer; of
 *       their single stances</td></tr>
 *   <tr><td>{@code mimicry}</td><td>P(answer becomes the false suggestion | visible, twin right)</td></tr>
 *   <tr><td>{@code ignoring}</td><td>1 − P(answer becomes the true suggestion | withheld, record true, twin wrong)</td></tr>
 *   <tr><td>{@code earnedTrust}, {@code overTrust}</td><td>P(answer becomes the suggestion | withheld, twin differs from
 *       it) with record true; false</td></tr>
 *   <tr><td>{@code trustCalibration}</td><td>earnedTrust − overTrust</td></tr>
 *   <tr><td>{@code reward}, {@code groupScore}, {@code causalEffect}</td><td>an episode's sum of own reward; the group's
 *       score at its end, where there is a group; own reward minus the twin's</td></tr>
 *   <tr><td>{@code counterfactualSensitivity}</td><td>mean of what the log says, nats</td></tr>
 *   <tr><td>{@code finalAccuracy}, {@code fineGrained}, {@code performanceGain}</td><td>of the group's submission to a
 *       question; the gain is over the mean of the participants' first selections</td></tr>
 *   <tr><td>{@code participants.initialAccuracy}, {@code .finalAccuracy}, {@code .initialFineGrained},
 *       {@code .finalFineGrained}, {@code .changed}</td><td>the same of single participants, before and after the discussion
 *       of a question; share of them whose selection differs</td></tr>
 *   <tr><td>{@code consensus}</td><td>share of discussions that end with one selection of all participants</td></tr>
 *   <tr><td>{@code diversity}, {@code cgGain}</td><td>distinct solutions seen; those introduced during the discussion
 *       minus those present at its start</td></tr>
 *   <tr><td>{@code uniqueTransitions}, {@code stuckTransitions}, {@code circularTransitions}</td><td>over triples of a
 *       participant's successive solutions: distinct ones; x = y = z; x = z ≠ y. A dialogue of one round has none</td></tr>
 *   <tr><td>{@code commonGround.size}, {@code .correctShare}, {@code .growth}</td><td>(proposition, stance) pairs that all
 *       participants hold at the end of a question; the correct share of them; growth a round. Weights: propositions that all
 *       have held, new ones a round after the first</td></tr>
 *   <tr><td>{@code commonGround.normalised}, {@code accuracyAdjusted}</td><td>weights: the size over 37, as published; the size
 *       times the correct share</td></tr>
 *   <tr><td>{@code weighings}, {@code visibleShare}</td><td>weights, where the collaborator weighs: loads of a dialogue that showed
 *       something; share of its rounds in which what was weighed entails the answer</td></tr>
 *   <tr><td>{@code parsed}</td><td>share of the responses in words that could be read; this and the next two only where
 *       responses are words</td></tr>
 *   <tr><td>{@code groundingActs}, {@code acts.agree}, {@code .challenge}, {@code .ask}, {@code .acknowledge}, {@code .repair},
 *       {@code .assert}</td><td>sentences of a dialogue that do these acts; the first is the sum of all but the last</td></tr>
 *   <tr><td>{@code distinctActs}</td><td>different acts of a dialogue, at most 6</td></tr>
 * </table>
 */
public final class Scorer {
    /** Before the letters of a selection: share of the participants that have it at first. */
    public static final String INITIAL = "participants.initial.";
    /** Before the letters of a selection: share of the participants that have it in the end. */
    public static final String FINAL = "participants.final.";
    /** Before the letters of two selections, a dot between them: share of the participants that go from one to the other. */
    public static final String TRANSITION = "participants.transition.";

    private Scorer() {}

    /**
     * Writes the responses of an episode's silent twin into the episode's log, round by round.
     *
     * @throws IllegalArgumentException if they are not the same episode: another task, split, episode, number of rounds
     *     or question; or if the twin's partner was not silent
     */
    public static void mergeTwin(ObjectNode log, ObjectNode twin) {
        Fields one = Fields.log(log);
        Fields other = Fields.log(twin);
        sameWhereGiven(one, other, List.of("task", "regime", "split", DialogueLog.EPISODE));
        List<Fields> rounds = one.items(DialogueLog.ROUNDS);
        List<Fields> twins = other.items(DialogueLog.ROUNDS);
        if (rounds.size() != twins.size()) {
            throw new IllegalArgumentException(
                    one.where() + " has " + rounds.size() + " rounds, its twin " + twins.size());
        }
        for (int r = 0; r < twins.size(); r++) {
            same(rounds.get(r), twins.get(r), "solution");
            sameWhereGiven(rounds.get(r), twins.get(r), List.of("question", "rule", "cards", "weights"));
            if (r == 0 || !WeightsDialogues.weighs(one)) {
                same(rounds.get(r), twins.get(r), "evidence");
            }
            if (twins.get(r).has("intervention")) {
                throw new IllegalArgumentException(
                        twins.get(r).where() + " of the twin has an intervention; a twin's partner is silent");
            }
            ((ObjectNode) rounds.get(r).node())
                    .set(DialogueLog.TWIN, twins.get(r).get(DialogueLog.RESPONSE).node().deepCopy());
        }
    }

    private static void sameWhereGiven(Fields one, Fields other, List<String> fields) {
        fields.stream().filter(field -> one.has(field) || other.has(field)).forEach(field -> same(one, other, field));
    }

    private static void same(Fields one, Fields other, String field) {
        if (!one.get(field).node().equals(other.get(field).node())) {
            throw new IllegalArgumentException(one.where() + ": " + field + " is " + one.get(field).node()
                    + ", its twin's is " + other.get(field).node());
        }
    }

    /**
     * All metrics of some episodes. Those of a group have the same names in every task and regime, so they mean something where
     * the episodes are of one task and one regime.
     *
     * @param logs with their twins merged; without, the metrics that compare with the twin are empty
     * @return by name; a metric of which there was no case is {@link Metric#NONE}
     * @throws IllegalArgumentException if a log lacks a field or holds something else there; the message says where
     */
    public static SortedMap<String, Metric> score(Iterable<? extends JsonNode> logs) {
        Tallies tallies = new Tallies();
        PartnerAwareness.declare(tallies);
        WasonDialogues.declare(tallies);
        for (JsonNode node : logs) {
            Fields log = Fields.log(node);
            PartnerAwareness.add(tallies, log);
            Speech.add(tallies, log);
            if (log.text("task").equals("wason")) {
                WasonDialogues.add(tallies, log);
            } else if (log.text("task").equals("weights")) {
                WeightsDialogues.declare(tallies);
                WeightsDialogues.add(tallies, log);
            }
        }
        return withTrustCalibration(tallies.means());
    }

    /**
     * What single participants select, in {@link Part#letters letters}: shares {@code participants.initial.EV},
     * {@code participants.final.EV} and {@code participants.transition.EV.OV} (from, to), of those that were met.
     *
     * @throws IllegalArgumentException as {@link #score} does
     */
    public static SortedMap<String, Metric> selections(Iterable<? extends JsonNode> logs) {
        List<Deliberation> deliberations = new ArrayList<>();
        for (JsonNode node : logs) {
            Fields log = Fields.log(node);
            if (log.text("task").equals("wason")) {
                deliberations.addAll(WasonDialogues.deliberations(log));
            }
        }
        return selections(deliberations);
    }

    private static SortedMap<String, Metric> selections(List<Deliberation> deliberations) {
        Shares initial = new Shares();
        Shares end = new Shares();
        Shares transitions = new Shares();
        deliberations.forEach(d -> d.addTo(initial, end, transitions));
        SortedMap<String, Metric> metrics = new TreeMap<>();
        initial.putInto(metrics, INITIAL);
        end.putInto(metrics, FINAL);
        transitions.putInto(metrics, TRANSITION);
        return metrics;
    }

    /**
     * The metrics that apply to groups of people without collaborator and partner: those of a discussion but the growth of
     * common ground, for there are no rounds; {@link #selections}; and {@code messages}, {@code probing} (means a group) and
     * {@code groupSize.4} (share of groups). A participant's successive solutions are those after each row of its own. The
     * members of a group submit one by one: as its submission counts what the majority selects, card by card, as in the
     * task.
     */
    public static SortedMap<String, Metric> scoreGroups(Iterable<DeliData.Group> groups) {
        Tallies tallies = new Tallies();
        Deliberation.declare(tallies);
        tallies.declare("commonGround.size", "commonGround.correctShare", "messages", "probing");
        Shares sizes = new Shares();
        List<Deliberation> deliberations = new ArrayList<>();
        for (DeliData.Group group : groups) {
            Deliberation deliberation = new Deliberation(group.solutions(), group.majority());
            deliberation.addTo(tallies);
            deliberations.add(deliberation);
            int agreed = group.agreed();
            tallies.add("commonGround.size", Integer.bitCount(agreed));
            for (Part part : Part.values()) {
                if ((agreed & part.bit()) != 0) {
                    tallies.add("commonGround.correctShare", (group.majority() & part.bit()) == (Part.CORRECT & part.bit()));
                }
            }
            tallies.add("messages", group.messages());
            tallies.add("probing", group.probing());
            sizes.add(String.valueOf(group.solutions().size()));
        }
        SortedMap<String, Metric> metrics = tallies.means();
        metrics.putAll(selections(deliberations));
        sizes.putInto(metrics, "groupSize.");
        return metrics;
    }

    /**
     * Metrics pooled over partners with equal weight. A metric is averaged over the partners that have cases of it; its
     * count is the sum of theirs. Trust calibration is the difference of the pooled rates, because a partner that is
     * always true, or never, has cases of one of them only.
     *
     * @param byPartner metrics of the partners that are
     *     {@link io.parley.core.task.InterventionAgentProvider#pooled() pooled}, by any name
     */
    public static SortedMap<String, Metric> pool(Map<String, ? extends Map<String, Metric>> byPartner) {
        SortedSet<String> names = new TreeSet<>();
        byPartner.values().forEach(metrics -> names.addAll(metrics.keySet()));
        SortedMap<String, Metric> pooled = new TreeMap<>();
        for (String name : names) {
            List<Metric> present = new ArrayList<>();
            for (Map<String, Metric> metrics : byPartner.values()) {
                Metric metric = metrics.getOrDefault(name, Metric.NONE);
                if (metric.count() > 0) {
                    present.add(metric);
                }
            }
            pooled.put(name, present.isEmpty()
                    ? Metric.NONE
                    : new Metric(
                            present.stream().mapToDouble(Metric::value).average().orElseThrow(),
                            present.stream().mapToLong(Metric::count).sum()));
        }
        return withTrustCalibration(pooled);
    }

    private static SortedMap<String, Metric> withTrustCalibration(SortedMap<String, Metric> metrics) {
        Metric earned = metrics.getOrDefault("earnedTrust", Metric.NONE);
        Metric over = metrics.getOrDefault("overTrust", Metric.NONE);
        metrics.put("trustCalibration", earned.count() == 0 || over.count() == 0
                ? Metric.NONE
                : new Metric(earned.value() - over.value(), earned.count() + over.count()));
        return metrics;
    }
}
