package io.parley.algorithms.ppo;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.RegularizerProvider;
import java.util.ArrayList;
import java.util.List;

/** Provides {@code ppo}. */
public class PpoProvider implements AlgorithmProvider<PpoConfig> {
    @Override
    public String id() {
        return "ppo";
    }

    @Override
    public String description() {
        return "Proximal policy optimisation with a list of regularisers.";
    }

    @Override
    public final int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public final Class<PpoConfig> configType() {
        return PpoConfig.class;
    }

    /** The configuration with the defaults of this provider. */
    PpoConfig complete(PpoConfig config) {
        return config;
    }

    @Override
    public AlignmentAlgorithm create(PpoConfig config, PluginContext context) {
        return new Ppo(complete(config), context);
    }

    @Override
    public final List<PluginSpec> counterfactuals(PpoConfig config, PluginContext context) {
        PpoConfig complete = complete(config);
        List<PluginSpec> named = new ArrayList<>();
        if (complete.shown() != null) {
            named.add(complete.shown());
        }
        for (PluginSpec spec : Ppo.specs(complete, context)) {
            RegularizerProvider<?> provider = context.plugins().find(RegularizerProvider.class, spec.id());
            named.addAll(provider.configuredCounterfactuals(spec, context));
        }
        return named;
    }
}
