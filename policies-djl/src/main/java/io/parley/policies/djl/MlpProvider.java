package io.parley.policies.djl;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.TrainablePolicy;
import java.util.List;
import java.util.Locale;

/** A multi-layer perceptron over fixed-layout prompts, with an autoregressive head. Whole runs take seconds. */
public final class MlpProvider implements PolicyProvider<MlpProvider.Config> {
    /** Non-linearity of the hidden layers. */
    public enum Activation {
        /** max(x, 0). */
        @JsonProperty("relu")
        RELU,
        /** x·Φ(x) (Hendrycks and Gimpel 2016). */
        @JsonProperty("gelu")
        GELU;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Sizes. */
    public record Config(
            @JsonPropertyDescription("Units of each hidden layer, from the prompt on; the last also reads the answer's words so "
                            + "far.")
                    List<Integer> hidden,
            @JsonPropertyDescription("Non-linearity of the hidden layers.") Activation activation) {
        public Config {
            hidden = hidden == null ? List.of(256, 256) : List.copyOf(hidden);
            activation = activation == null ? Activation.RELU : activation;
            if (hidden.isEmpty() || hidden.stream().anyMatch(units -> units < 1)) {
                throw new IllegalArgumentException("hidden is " + hidden
                        + "; a list of at least one layer, each with at least 1 unit");
            }
        }
    }

    @Override
    public String id() {
        return MlpNetwork.ID;
    }

    @Override
    public String description() {
        return "Multi-layer perceptron over fixed-layout prompts, with an autoregressive head; for no-press tasks.";
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
    public void check(Config config, TextSpec text, PluginContext context) {
        if (!(text.format() instanceof ResponseFormat.Choices)) {
            throw new ConfigurationException("id", "mlp answers with choices out of lists, and this task wants free text: give "
                    + "the task press: none, or take a transformer or a causal-lm");
        }
    }

    @Override
    public TrainablePolicy create(Config config, TextSpec text, PluginContext context) {
        check(config, text, context);
        return new NetworkPolicy(new MlpNetwork(config, text, context.streams().derive("mlp")));
    }
}
