package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import java.util.ArrayList;
import java.util.List;

/** How fast {@code ppo} samples and updates a policy on the work of the preset {@code quickstart}. */
public final class TrainingRates {
    private TrainingRates() {}

    /**
     * Medians over iterations.
     *
     * @param policyId {@code mlp} or {@code transformer}
     * @param episodes episodes of a rollout, at least 1; a mini-batch is a quarter of its responses
     * @param iterations iterations that count, at least 1; a third as many go before them
     */
    public static ObjectNode measure(String policyId, int episodes, int iterations, PluginContext context) {
        Quickstart work = new Quickstart(context);
        TextSpec text = work.text();
        ObjectNode config = work.policyConfig(policyId);
        PpoIterations.Forward forward = policyId.equals("mlp")
                ? (responses, words) -> Operations.perceptron(hidden(config), text, responses)
                : (responses, words) -> Operations.decoder(config, text, words);
        try (ClockedPolicy policy = new ClockedPolicy(work.policy(policyId))) {
            ObjectNode result = PpoIterations.measure(work.algorithm("ppo", work.ppoConfig(episodes)), policy, work::training,
                    work.responses(episodes), iterations / 3 + 1, iterations, forward);
            result.put("policy", policyId).put("parameters", policy.parameterCount());
            return result;
        }
    }

    private static List<Integer> hidden(ObjectNode config) {
        List<Integer> hidden = new ArrayList<>();
        config.get("hidden").forEach(units -> hidden.add(units.asInt()));
        return hidden;
    }
}
