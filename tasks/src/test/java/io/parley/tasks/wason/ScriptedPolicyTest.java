package io.parley.tasks.wason;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScriptedPolicyTest {
    private static final Task TASK = Play.task("wason");

    private static Map<String, Metric> measure(String policyId, String partner) {
        try (Policy policy = Play.policy(PluginSpec.of(policyId), TASK)) {
            List<ObjectNode> logs = Play.logs(TASK, policy, Split.TEST, 0, 3000, partner, 12);
            List<ObjectNode> twins = Play.logs(TASK, policy, Split.TEST, 0, 3000, "silent", 12);
            for (int i = 0; i < logs.size(); i++) {
                Scorer.mergeTwin(logs.get(i), twins.get(i));
            }
            return Scorer.score(logs);
        }
    }

    @Test
    void copyAlwaysMimicsAndNeverIgnores() {
        Map<String, Metric> misled = measure("copy-always", "misleading");
        assertEquals(1, misled.get("mimicry").value());
        assertEquals(1, misled.get("overTrust").value());
        assertEquals(0, misled.get("accuracy").value());
        Map<String, Metric> helped = measure("copy-always", "helpful");
        assertEquals(0, helped.get("ignoring").value());
        assertEquals(1, helped.get("accuracy").value());
        assertEquals(0, Scorer.pool(Map.of("helpful", helped, "misleading", misled)).get("trustCalibration").value());
    }

    @Test
    void evidenceOnlyIsItsOwnTwin() {
        for (String partner : List.of("helpful", "misleading")) {
            Map<String, Metric> metrics = measure("evidence-only", partner);
            assertEquals(0, metrics.get("causalEffect").value());
            assertEquals(1, metrics.get("accuracy.visible").value());
            Metric guesses = metrics.get("accuracy.withheld");
            assertEquals(1.0 / 6, guesses.value(), 4 * Math.sqrt(5.0 / 36 / guesses.count()));
            Metric uptake = metrics.get("uptake.withheld");
            assertEquals(1.0 / 6, uptake.value(), 4 * Math.sqrt(5.0 / 36 / uptake.count()));
        }
        // It answers what its twin answers, so it never comes to adopt a suggestion.
        assertEquals(1, measure("evidence-only", "helpful").get("ignoring").value());
        assertEquals(0, measure("evidence-only", "misleading").get("mimicry").value());
    }

    @Test
    void recordOptimalIntegratesSelectively() {
        Map<String, Metric> helped = measure("record-optimal", "helpful");
        Map<String, Metric> misled = measure("record-optimal", "misleading");
        assertEquals(0, misled.get("mimicry").value());
        assertEquals(0, misled.get("overTrust").value());
        assertEquals(0, helped.get("ignoring").value());
        assertEquals(1, Scorer.pool(Map.of("helpful", helped, "misleading", misled)).get("trustCalibration").value());
    }

    @Test
    void scoresAreTheDistributionThatIsSampled() {
        for (String id : List.of("copy-always", "evidence-only", "record-optimal")) {
            try (Policy policy = Play.policy(PluginSpec.of(id), TASK)) {
                Episodes episodes = Play.begin(TASK, Split.TRAIN, 0, 20, "mixed", 4);
                episodes.step(policy.sample(episodes.prompts(), SamplingConfig.standard(), Play.streams(episodes, 0, 4)));
                for (Prompt prompt : episodes.prompts()) {
                    check(policy, prompt);
                }
            }
        }
    }

    private static void check(Policy policy, Prompt prompt) {
        int n = 600;
        List<Prompt> prompts = Collections.nCopies(n, prompt);
        List<RandomGenerator> streams = IntStream.range(0, n).mapToObj(i -> new RandomStreams(5).stream("s", i, 0, 0)).toList();
        List<Response> drawn = policy.sample(prompts, SamplingConfig.standard(), streams);
        Scores scores = policy.score(prompts, drawn, ScoreRequest.logProbs().withEntropy());
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Double> probabilities = new HashMap<>();
        double entropyOfTokens = 0;
        for (int i = 0; i < n; i++) {
            assertArrayEquals(drawn.get(i).logProbs(), scores.logProbs()[i], 0);
            counts.merge(drawn.get(i).text(), 1, Integer::sum);
            double total = 0;
            for (int t = 0; t < 4; t++) {
                total += scores.logProbs()[i][t];
                entropyOfTokens += scores.entropy()[i][t] / n;
            }
            probabilities.put(drawn.get(i).text(), Math.exp(total));
        }
        assertEquals(1, probabilities.values().stream().mapToDouble(p -> p).sum(), 1e-6);
        double entropy = 0;
        for (String text : counts.keySet()) {
            double p = probabilities.get(text);
            assertEquals(p, (double) counts.get(text) / n, 4.5 * Math.sqrt(p * (1 - p) / n) + 1e-6);
            entropy -= p * Math.log(p);
        }
        // Chain rule: the expected sum of the tokens' entropies is the entropy of the response.
        assertEquals(entropy, entropyOfTokens, 0.05);
        Scores smoothed = policy.score(List.of(prompt), List.of(Response.of("unsure unsure unsure unsure")),
                ScoreRequest.logProbs().withSmoothing(0.3));
        assertEquals(Math.log(0.1), smoothed.logProbs()[0][0], 1e-6);
    }

    @Test
    void saysWhatItCannotDo() {
        try (Policy policy = Play.policy(PluginSpec.of("evidence-only"), TASK)) {
            List<Prompt> prompts = Play.begin(TASK, Split.TRAIN, 0, 1, "mixed", 4).prompts();
            List<Response> responses = List.of(Response.of("turn turn leave leave"));
            assertThrows(UnsupportedOperationException.class,
                    () -> policy.score(prompts, responses, ScoreRequest.logProbs().withValues()));
            assertThrows(UnsupportedOperationException.class, () -> policy.score(prompts, responses, ScoreRequest.logProbs()
                    .withDivergences(List.of(new ScoreRequest.Divergence(policy, prompts, 0)))));
            assertThrows(IllegalArgumentException.class,
                    () -> policy.score(prompts, List.of(Response.of("yes")), ScoreRequest.logProbs()));
        }
    }
}
