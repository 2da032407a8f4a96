package io.parley.tasks.wason;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.optimum.Reading;
import io.parley.tasks.optimum.RecordOptimum;
import io.parley.tasks.partners.TrackRecord;
import io.parley.tasks.partners.TruthPrior;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The closed form against enumeration of everything that can happen, which knows nothing of posteriors. */
class RecordOptimumTest {
    /** A partner as a generative model: kinds with their shares, and each kind's probability of truth in a round. */
    private record Model(String json, double silent, double[] shares, double[][] truth) {}

    private static final int PAIRS = 6;

    @Property(tries = 60)
    void valueAndPolicyAgreeWithEnumeration(
            @ForAll @Size(min = 1, max = 4) List<@DoubleRange(min = 0, max = 1) Double> q,
            @ForAll @DoubleRange(min = 0, max = 1) double rho,
            @ForAll @DoubleRange(min = 0, max = 1) double silent,
            @ForAll @IntRange(min = 0, max = 4) int until) {
        for (Model model : models(rho, silent, until)) {
            Map<String, double[]> decisions = new HashMap<>();
            double[] sure = {0};
            for (int kind = 0; kind < model.shares.length; kind++) {
                enumerate(q, model, kind, 1, model.shares[kind], "", decisions, sure);
            }
            // At each decision the six selections have masses; the suggestion is selection 0.
            double best = sure[0];
            double policy = sure[0];
            TruthPrior prior = TruthPrior.of(Play.spec(model.json), Play.CONTEXT).orElseThrow();
            for (Map.Entry<String, double[]> decision : decisions.entrySet()) {
                double[] mass = decision.getValue();
                double most = 0;
                for (double m : mass) {
                    most = Math.max(most, m);
                }
                best += most;
                Reading reading = reading(decision.getKey());
                List<List<String>> answers = RecordOptimum.answers(reading, prior);
                for (List<String> answer : answers) {
                    policy += mass[answer.equals(reading.suggestion()) ? 0 : 1] / answers.size();
                }
            }
            String task = "{'id': 'wason', 'rounds': " + q.size() + ", 'visible': " + q + "}";
            double closed = Play.task(task).optimum(Play.spec(model.json)).orElseThrow();
            assertEquals(best, closed, 1e-9, model.json);
            assertEquals(best, policy, 1e-9, model.json);
        }
    }

    /** History: one letter a round; v/w visible or withheld, then s silent, or (if visible) t/f; the last is open. */
    private static void enumerate(
            List<Double> q, Model model, int kind, int round, double p, String history, Map<String, double[]> decisions,
            double[] sure) {
        if (round > q.size() || p == 0) {
            return;
        }
        double visible = q.get(round - 1);
        double truth = model.truth[kind][round - 1];
        sure[0] += p * visible;
        double speaks = 1 - model.silent;
        // Silent: all six are equally likely to be correct.
        double[] silentMass = decisions.computeIfAbsent(history + "s", h -> new double[PAIRS]);
        double[] spokenMass = decisions.computeIfAbsent(history + "x", h -> new double[PAIRS]);
        double withheld = p * (1 - visible);
        for (int pair = 0; pair < PAIRS; pair++) {
            silentMass[pair] += withheld * model.silent / PAIRS;
            spokenMass[pair] += withheld * speaks * (pair == 0 ? truth : (1 - truth) / (PAIRS - 1));
        }
        enumerate(q, model, kind, round + 1, p * visible * speaks * truth, history + "t", decisions, sure);
        enumerate(q, model, kind, round + 1, p * visible * speaks * (1 - truth), history + "f", decisions, sure);
        enumerate(q, model, kind, round + 1, p * visible * model.silent, history + "v", decisions, sure);
        enumerate(q, model, kind, round + 1, withheld, history + "w", decisions, sure);
    }

    private static Reading reading(String history) {
        TrackRecord record = TrackRecord.NONE;
        for (char c : history.toCharArray()) {
            record = c == 't' || c == 'f' ? record.with(c == 't') : record;
        }
        List<List<String>> pairs = IntStream.of(Stances.PAIRS)
                .mapToObj(pair -> Stances.words(Stances.ofSelection(pair))).toList();
        return new Reading(history.length(), pairs, history.endsWith("x") ? pairs.get(0) : null, record);
    }

    private static List<Model> models(double rho, double silent, int until) {
        String s = ", 'silent': " + silent + "}";
        List<Model> models = new ArrayList<>();
        models.add(new Model("{'id': 'mixed', 'helpful': " + rho + s, silent, new double[] {rho, 1 - rho},
                new double[][] {{1, 1, 1, 1}, {0, 0, 0, 0}}));
        models.add(new Model("{'id': 'noisy', 'helpful': " + rho + s, silent, new double[] {1},
                new double[][] {{rho, rho, rho, rho}}));
        models.add(new Model("{'id': 'helpful'" + s, silent, new double[] {1}, new double[][] {{1, 1, 1, 1}}));
        models.add(new Model("{'id': 'misleading'" + s, silent, new double[] {1}, new double[][] {{0, 0, 0, 0}}));
        double[] turning = new double[4];
        for (int round = 1; round <= 4; round++) {
            turning[round - 1] = round <= until ? 1 : 0;
        }
        models.add(new Model("{'id': 'turncoat', 'until': " + until + s, silent, new double[] {1}, new double[][] {turning}));
        models.add(new Model("silent", 1, new double[] {1}, new double[][] {{0, 0, 0, 0}}));
        return models;
    }

    @Test
    void defaultsByHand() {
        // Round 1: .8 + .2(.85·.8 + .15/6). Round 2: .3 + .7(.85(.32·.8 + .68(.8 + .2/5)) + .15/6).
        double expected = 0.8 + 0.2 * (0.85 * 0.8 + 0.025) + 0.3 + 0.7 * (0.85 * (0.32 * 0.8 + 0.68 * 0.84) + 0.025);
        assertEquals(expected, Play.task("wason").optimum(Play.spec("mixed")).orElseThrow(), 1e-12);
    }

    @ParameterizedTest
    @ValueSource(strings =
            {"mixed", "{'id': 'mixed', 'helpful': 0.1}", "{'id': 'noisy', 'helpful': 0.3}",
                    "{'id': 'misleading', 'silent': 0.2}"})
    void recordOptimalEarnsTheOptimum(String partner) {
        Task task = Play.task("wason");
        PluginSpec reference = task.references(Play.spec(partner)).stream()
                .filter(spec -> spec.id().equals("record-optimal")).collect(Collectors.toList()).get(0);
        int n = 20_000;
        double sum = 0;
        double squares = 0;
        try (Policy policy = Play.policy(reference, task)) {
            for (var log : Play.logs(task, policy, Split.TEST, 0, n, partner, 7)) {
                double own = 0;
                for (var round : log.get("rounds")) {
                    own += round.at("/response/reward/own").asDouble();
                }
                sum += own;
                squares += own * own;
            }
        }
        double mean = sum / n;
        double error = Math.sqrt((squares / n - mean * mean) / n);
        assertEquals(task.optimum(Play.spec(partner)).orElseThrow(), mean, 4 * error);
    }
}
