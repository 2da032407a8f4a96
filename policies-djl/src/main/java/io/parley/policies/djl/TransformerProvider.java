package io.parley.policies.djl;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.checkpoints.TaskVocabulary;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.DefaultDependsOn;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.tokens.Vocabulary;

/** {@code transformer}: a decoder-only transformer, trained from scratch on the words of the task. */
public final class TransformerProvider implements PolicyProvider<TransformerProvider.Config> {
    static final String ID = "transformer";

    /** Size of a decoder trained from scratch. A component that is null gets its default. */
    public record Config(
            @JsonPropertyDescription("Width of the residual stream; a multiple of 2 x heads.") Integer hidden,
            @JsonPropertyDescription("Number of layers, at least 1.") Integer layers,
            @JsonPropertyDescription("Attention heads of a layer, at least 1.") Integer heads,
            @JsonPropertyDescription("Width of the feed-forward part, at least 1; left out, 4 x hidden.")
                    @DefaultDependsOn("hidden") Integer intermediate,
            @JsonPropertyDescription("Most tokens of a prompt and its response together; older rounds are dropped from longer "
                            + "dialogues. At least 8.")
                    Integer context,
            @JsonPropertyDescription("Whether the output head shares the input table.") Boolean tiedHead,
            @JsonPropertyDescription("Numbers of products with weights: float32 (the default) or bfloat16. Weights, gradients, "
                            + "norms, attention and log-probabilities are float32 either way.")
                    Precision precision) {
        public Config {
            hidden = hidden == null ? 64 : hidden;
            layers = layers == null ? 2 : layers;
            heads = heads == null ? 2 : heads;
            intermediate = intermediate == null ? 4 * hidden : intermediate;
            context = context == null ? 1024 : context;
            tiedHead = tiedHead != null && tiedHead;
            precision = precision == null ? Precision.FLOAT32 : precision;
            if (layers < 1 || heads < 1 || intermediate < 1) {
                throw new IllegalArgumentException("layers " + layers + ", heads " + heads + " and intermediate " + intermediate
                        + " must be at least 1");
            }
            if (hidden < 1 || hidden % (2 * heads) != 0) {
                throw new IllegalArgumentException("hidden is " + hidden + "; a multiple of 2 x heads = " + 2 * heads);
            }
            if (context < 8) {
                throw new IllegalArgumentException("context is " + context + "; at least 8");
            }
        }
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String description() {
        return "Decoder-only transformer (RMSNorm, rotary positions, SwiGLU, value head), trained from scratch.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    /** The words of a task, if a context has room for the longest response. */
    private static Vocabulary vocabulary(Config config, TextSpec text) {
        Vocabulary vocabulary = TaskVocabulary.of(text);
        if (vocabulary.maxResponse() + 2 > config.context()) {
            throw new ConfigurationException("context", "a context of " + config.context()
                    + " tokens has no room for a response of "
                    + vocabulary.maxResponse() + " and a prompt of at least 2; at least " + (vocabulary.maxResponse() + 2));
        }
        return vocabulary;
    }

    @Override
    public void check(Config config, TextSpec text, PluginContext context) {
        vocabulary(config, text);
    }

    @Override
    public TrainablePolicy create(Config config, TextSpec text, PluginContext context) {
        return new NetworkPolicy(new TransformerNetwork(
                config, vocabulary(config, text), context.streams().stream("transformer-parameters", 0, 0, 0)));
    }
}
