package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginContext;
import io.parley.core.training.AlignmentAlgorithm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What counterfactual invariance costs: the time of {@code icr} over that of {@code ppo} for what follows sampling, which is the
 * scoring of the rollout and the updates. Every run begins with the same weights and the same random streams and makes one
 * iteration, so that all score and update the same responses; runs of the variants alternate.
 */
public final class InvarianceCost {
    private static final String BASE = "ppo";

    private InvarianceCost() {}

    /**
     * Medians, over repetitions, of the ratio to the run of PPO in the same repetition.
     *
     * @param policyId {@code mlp} or {@code transformer}
     * @param episodes episodes of the rollout, at least 1; a mini-batch is a quarter of its responses
     * @param repetitions repetitions that count, at least 1; a third as many go before them
     */
    public static ObjectNode measure(String policyId, int episodes, int repetitions, PluginContext context) {
        Quickstart work = new Quickstart(context);
        Map<String, AlignmentAlgorithm> variants = new LinkedHashMap<>();
        variants.put(BASE, work.algorithm("ppo", work.ppoConfig(episodes)));
        variants.put("reward", work.algorithm("icr", work.icrConfig(episodes, "reward", "k1")));
        variants.put("lossFull", work.algorithm("icr", work.icrConfig(episodes, "loss", "full")));
        variants.put("lossK2", work.algorithm("icr", work.icrConfig(episodes, "loss", "k2")));
        variants.put("swapped", work.algorithm("icr", work.icrConfig(episodes, "reward", "k1").put("swapped", 0.1)));

        int warmUp = repetitions / 3 + 1;
        List<Map<String, ClockedPolicy.Totals>> runs = new ArrayList<>();
        Meter meter = null;
        for (int i = 0; i < warmUp + repetitions; i++) {
            if (i == warmUp) {
                meter = new Meter();
            }
            Map<String, ClockedPolicy.Totals> run = new LinkedHashMap<>();
            variants.forEach((name, algorithm) -> run.put(name, once(work, policyId, algorithm, work.responses(episodes))));
            if (i >= warmUp) {
                runs.add(run);
            }
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("policy", policyId).put("repetitions", repetitions);
        for (String name : variants.keySet()) {
            ObjectNode variant = result.putObject(name);
            variant.put("seconds", Median.of(runs, run -> seconds(run.get(name))));
            if (!name.equals(BASE)) {
                variant.put("ratio", Median.of(runs, run -> seconds(run.get(name)) / seconds(run.get(BASE))));
            }
            variant.set("work", runs.get(0).get(name).work());
        }
        meter.addTo(result);
        return result;
    }

    private static double seconds(ClockedPolicy.Totals totals) {
        return totals.now() - totals.sampled();
    }

    private static ClockedPolicy.Totals once(Quickstart work, String policyId, AlignmentAlgorithm algorithm, long responses) {
        try (ClockedPolicy policy = new ClockedPolicy(work.policy(policyId))) {
            ClockedPolicy.Totals start = policy.read();
            List<ClockedPolicy.Totals> points = new ArrayList<>();
            algorithm.train(work.training(responses, (sampled, metrics) -> points.add(policy.read().since(start))), policy);
            return points.get(0);
        }
    }
}
