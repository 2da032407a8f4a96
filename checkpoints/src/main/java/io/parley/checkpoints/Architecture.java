package io.parley.checkpoints;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The families of decoders that are read. All are one decoder: root-mean-square normalisation before attention and before a
 * gated SiLU network, rotary positions, grouped key/value heads, no dropout. They differ by what stands in this table.
 */
public enum Architecture {
    //      model_type  class                 q, k, v bias     o bias           mlp bias         q, k norm  window
    LLAMA("llama", "LlamaForCausalLM", Bias.ATTENTION, Bias.ATTENTION, Bias.MLP, false, Window.NONE),
    QWEN2("qwen2", "Qwen2ForCausalLM", Bias.ALWAYS, Bias.NEVER, Bias.NEVER, false, Window.UPPER_LAYERS),
    QWEN3("qwen3", "Qwen3ForCausalLM", Bias.ATTENTION, Bias.ATTENTION, Bias.NEVER, true, Window.UPPER_LAYERS),
    MISTRAL("mistral", "MistralForCausalLM", Bias.NEVER, Bias.NEVER, Bias.NEVER, false, Window.ALL_LAYERS);

    /** Whether a linear map adds a bias: by the key {@code attention_bias}, by {@code mlp_bias}, or whatever they say. */
    enum Bias { NEVER, ALWAYS, ATTENTION, MLP }

    /**
     * Which layers attend to the last {@code sliding_window} positions only: none; if {@code use_sliding_window} is true, those
     * from {@code max_window_layers} on, or those that {@code layer_types} names where it is there, whatever the former says; or
     * all, unless {@code sliding_window} is null.
     */
    enum Window { NONE, UPPER_LAYERS, ALL_LAYERS }

    private final String modelType;
    private final String className;
    final Bias attentionBias;
    final Bias outputBias;
    final Bias mlpBias;
    final boolean queryKeyNorm;
    final Window window;

    Architecture(String modelType, String className, Bias attentionBias, Bias outputBias, Bias mlpBias, boolean queryKeyNorm,
            Window window) {
        this.modelType = modelType;
        this.className = className;
        this.attentionBias = attentionBias;
        this.outputBias = outputBias;
        this.mlpBias = mlpBias;
        this.queryKeyNorm = queryKeyNorm;
        this.window = window;
    }

    /** The entry of {@code architectures} in {@code config.json}. */
    public String className() {
        return className;
    }

    static Optional<Architecture> ofModelType(String modelType) {
        return Arrays.stream(values()).filter(a -> a.modelType.equals(modelType)).findFirst();
    }

    static Optional<Architecture> ofClass(String className) {
        return Arrays.stream(values()).filter(a -> a.className.equals(className)).findFirst();
    }

    /** The classes, for messages. */
    static String classes() {
        return Arrays.stream(values()).map(Architecture::className).collect(Collectors.joining(", "));
    }
}
