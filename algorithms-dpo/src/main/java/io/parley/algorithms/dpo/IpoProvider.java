package io.parley.algorithms.dpo;

import io.parley.core.plugin.PluginContext;
import io.parley.core.training.AlignmentAlgorithm;

/** Provides {@code ipo}. */
public final class IpoProvider extends DpoProvider {
    @Override
    public String id() {
        return "ipo";
    }

    @Override
    public String description() {
        return "Identity preference optimisation on pairs ranked by the reward, with length-normalised log-probabilities.";
    }

    @Override
    public AlignmentAlgorithm create(DpoConfig config, PluginContext context) {
        return new Dpo(Dpo.Loss.IPO, config, context);
    }
}
