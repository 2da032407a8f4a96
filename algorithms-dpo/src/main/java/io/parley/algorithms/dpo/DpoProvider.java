package io.parley.algorithms.dpo;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.RegularizerProvider;
import java.util.ArrayList;
import java.util.List;

/** Provides {@code dpo}. */
public class DpoProvider implements AlgorithmProvider<DpoConfig> {
    @Override
    public String id() {
        return "dpo";
    }

    @Override
    public String description() {
        return "Direct preference optimisation on pairs ranked by the reward.";
    }

    @Override
    public final int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public final Class<DpoConfig> configType() {
        return DpoConfig.class;
    }

    @Override
    public AlignmentAlgorithm create(DpoConfig config, PluginContext context) {
        return new Dpo(Dpo.Loss.DPO, config, context);
    }

    @Override
    public final List<PluginSpec> counterfactuals(DpoConfig config, PluginContext context) {
        List<PluginSpec> named = new ArrayList<>();
        for (PluginSpec spec : config.regularizers()) {
            RegularizerProvider<?> provider = context.plugins().find(RegularizerProvider.class, spec.id());
            named.addAll(provider.configuredCounterfactuals(spec, context));
        }
        return named;
    }
}
