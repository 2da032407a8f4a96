package io.parley.algorithms.ppo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.training.AlignmentAlgorithm;

/**
 * Provides {@code pso-intent}: the path-specific objective (Farquhar, Carey and Everitt, "Path-specific objectives for safer
 * agent incentives", AAAI 2022), for which the policy is trained where the path from the intervention to the response is cut, and
 * is then used with interventions.
 */
public final class PsoIntentProvider extends PpoProvider {
    @Override
    public String id() {
        return "pso-intent";
    }

    @Override
    public String description() {
        return "PPO trained on states without interventions, used with them: the path-specific objective.";
    }

    @Override
    PpoConfig complete(PpoConfig config) {
        return config.withShown(new PluginSpec("mask", JsonNodeFactory.instance.objectNode().put("turns", "all")));
    }

    /** @throws ConfigurationException if {@code shown} leaves the interventions of earlier rounds in place */
    @Override
    public AlignmentAlgorithm create(PpoConfig config, PluginContext context) {
        Ppo ppo = new Ppo(complete(config), context);
        if (!ppo.shown().cutsEveryRound()) {
            throw new ConfigurationException("shown", "'" + config.shown().id() + "' leaves interventions in the prompt; "
                    + "the path-specific objective needs every round cut, such as {id: mask, turns: all}");
        }
        return ppo;
    }
}
