package io.parley.tasks.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.optimum.Reading;
import io.parley.tasks.optimum.RecordOptimum;
import io.parley.tasks.partners.TrackRecord;
import io.parley.tasks.partners.TruthPrior;
import io.parley.tasks.wason.Play;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The closed form against enumeration of everything that can be seen, which knows nothing of posteriors. */
class RecordOptimumTest {
    /** A partner as a generative model: kinds with their shares, and each kind's probability of truth. */
    private record Model(String json, double silent, double[] shares, double[] truth) {}

    @Property(tries = 40)
    void valueAndPolicyAgreeWithEnumeration(
            @ForAll @Size(min = 1, max = 3) List<@DoubleRange(min = 0, max = 1) Double> q,
            @ForAll @DoubleRange(min = 0, max = 1) double rho,
            @ForAll @DoubleRange(min = 0, max = 1) double silent) {
        String s = ", 'silent': " + silent + "}";
        for (Model model : List.of(
                new Model("{'id': 'mixed', 'helpful': " + rho + s, silent, new double[] {rho, 1 - rho}, new double[] {1, 0}),
                new Model("{'id': 'noisy', 'helpful': " + rho + s, silent, new double[] {1}, new double[] {rho}))) {
            Map<String, double[]> decisions = new HashMap<>();
            double[] sure = {0};
            for (int kind = 0; kind < model.shares.length; kind++) {
                enumerate(q, model, kind, 1, model.shares[kind], "", decisions, sure);
            }
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
                List<List<String>> answers = RecordOptimum.answers(reading(decision.getKey()), prior);
                for (List<String> answer : answers) {
                    policy += mass[Integer.parseInt(answer.get(0))] / answers.size();
                }
            }
            double closed = Play.task("{'id': 'weights', 'rounds': " + q.size() + ", 'visible': " + q + "}")
                    .optimum(Play.spec(model.json)).orElseThrow();
            assertEquals(best, closed, 1e-9, model.json);
            assertEquals(best, policy, 1e-9, model.json);
        }
    }

    /**
     * History: a letter a round, v or w for a visible or withheld one in which nothing could be checked, t or f for a true or
     * false
     * suggestion that could; then the number of open answers and, of which, the suggested one, or s. What a liar says is drawn
     * from
     * what is open and wrong.
     */
    private static void enumerate(
            List<Double> q, Model model, int kind, int round, double p, String history, Map<String, double[]> decisions,
            double[] sure) {
        if (round > q.size() || p == 0) {
            return;
        }
        double visible = q.get(round - 1);
        double speaks = 1 - model.silent;
        double truth = model.truth[kind];
        sure[0] += p * visible;
        Rounds.open(Split.TEST).forEach((open, share) -> {
            double withheld = p * (1 - visible) * share;
            for (int answer = 0; answer < open; answer++) {
                decisions.computeIfAbsent(history + open + "s", h -> new double[open])[answer] += withheld * model.silent / open;
                for (int said = 0; said < open; said++) {
                    decisions.computeIfAbsent(history + open + said, h -> new double[open])[answer] +=
                            withheld * speaks / open * (said == answer ? truth : (1 - truth) / (open - 1));
                }
            }
        });
        enumerate(q, model, kind, round + 1, p * visible * speaks * truth, history + "t", decisions, sure);
        enumerate(q, model, kind, round + 1, p * visible * speaks * (1 - truth), history + "f", decisions, sure);
        enumerate(q, model, kind, round + 1, p * visible * model.silent, history + "v", decisions, sure);
        // What is said without evidence is kept: did it tell something about the partner, the closed form would be too small.
        double withheld = p * (1 - visible);
        for (int said = 0; said < 2; said++) {
            double says = truth / 2 + (1 - truth) / 2;
            enumerate(q, model, kind, round + 1, withheld * speaks * says, history + "w" + "ab".charAt(said), decisions, sure);
        }
        enumerate(q, model, kind, round + 1, withheld * model.silent, history + "w", decisions, sure);
    }

    private static Reading reading(String decision) {
        String history = decision.substring(0, decision.length() - 2);
        TrackRecord record = TrackRecord.NONE;
        for (char c : history.toCharArray()) {
            record = c == 't' || c == 'f' ? record.with(c == 't') : record;
        }
        List<List<String>> open = new ArrayList<>();
        for (int answer = 0; answer < decision.charAt(decision.length() - 2) - '0'; answer++) {
            open.add(List.of(String.valueOf(answer)));
        }
        char said = decision.charAt(decision.length() - 1);
        int round = (int) history.chars().filter(c -> "tfvw".indexOf(c) >= 0).count() + 1;
        return new Reading(round, open, said == 's' ? null : open.get(said - '0'), record);
    }

    @ParameterizedTest
    @ValueSource(strings =
            {"mixed", "{'id': 'mixed', 'helpful': 0.1}", "{'id': 'noisy', 'helpful': 0.3}",
                    "{'id': 'misleading', 'silent': 0.2}"})
    void recordOptimalEarnsTheOptimum(String partner) {
        Task task = Play.task("{'id': 'weights', 'rounds': 3}");
        List<PluginSpec> references = task.references(Play.spec(partner));
        int n = 20_000;
        double sum = 0;
        double squares = 0;
        try (Policy policy = Play.policy(references.get(references.size() - 1), task)) {
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
