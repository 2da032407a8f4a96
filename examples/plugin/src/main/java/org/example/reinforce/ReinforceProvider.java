package org.example.reinforce;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;

/** Makes {@code reinforce}. */
public final class ReinforceProvider implements AlgorithmProvider<ReinforceProvider.Config> {
    /** What an experiment may set; what it leaves out is null here and gets its default. */
    public record Config(
            @JsonPropertyDescription("Step size, above 0.") Double learningRate,
            @JsonPropertyDescription("Episodes between two steps, at least 2.") Integer batchEpisodes,
            @JsonPropertyDescription("How much of the baseline a batch leaves as it was, from 0 to below 1.")
                    Double baselineDecay) {
        public Config {
            learningRate = learningRate == null ? 0.003 : learningRate;
            batchEpisodes = batchEpisodes == null ? 128 : batchEpisodes;
            baselineDecay = baselineDecay == null ? 0.8 : baselineDecay;
            if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
                throw new IllegalArgumentException("learningRate is " + learningRate + "; a finite number above 0");
            }
            if (batchEpisodes < 2) {
                throw new IllegalArgumentException("batchEpisodes is " + batchEpisodes + "; at least 2");
            }
            if (!(baselineDecay >= 0 && baselineDecay < 1)) {
                throw new IllegalArgumentException("baselineDecay is " + baselineDecay + "; at least 0 and below 1");
            }
        }
    }

    @Override
    public String id() {
        return "reinforce";
    }

    @Override
    public String description() {
        return "REINFORCE with a running mean as its baseline.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public AlignmentAlgorithm create(Config config, PluginContext context) {
        return new Reinforce(config);
    }
}
