package io.parley.checkpoints;

import java.util.Arrays;

/** The linear maps of a layer, by the names that checkpoints and adapters give them. */
public enum Projection {
    QUERY("self_attn.q_proj"),
    KEY("self_attn.k_proj"),
    VALUE("self_attn.v_proj"),
    OUTPUT("self_attn.o_proj"),
    GATE("mlp.gate_proj"),
    UP("mlp.up_proj"),
    DOWN("mlp.down_proj");

    private final String path;

    Projection(String path) {
        this.path = path;
    }

    /** What adapters call it, such as {@code q_proj}. */
    public String shortName() {
        return path.substring(path.indexOf('.') + 1);
    }

    /** Its module in a layer, such as {@code model.layers.0.self_attn.q_proj}; {@code .weight} and {@code .bias} follow it. */
    public String module(int layer) {
        return "model.layers." + layer + "." + path;
    }

    /** The layer of a module that {@link #module} named. */
    public static int layer(String module) {
        return Integer.parseInt(module.split("\\.")[2]);
    }

    /** Columns of its weight. */
    public int inputs(DecoderConfig config) {
        return switch (this) {
            case QUERY, KEY, VALUE, GATE, UP -> config.hidden();
            case OUTPUT -> config.heads() * config.headSize();
            case DOWN -> config.intermediate();
        };
    }

    /** Rows of its weight. */
    public int outputs(DecoderConfig config) {
        return switch (this) {
            case QUERY -> config.heads() * config.headSize();
            case KEY, VALUE -> config.keyValueHeads() * config.headSize();
            case OUTPUT, DOWN -> config.hidden();
            case GATE, UP -> config.intermediate();
        };
    }

    /** Whether it adds a bias of {@link #outputs} numbers. */
    public boolean hasBias(DecoderConfig config) {
        return switch (this) {
            case QUERY, KEY, VALUE -> config.attentionBias();
            case OUTPUT -> config.outputBias();
            case GATE, UP, DOWN -> config.mlpBias();
        };
    }

    /** The map of a module that {@link #module} named. */
    public static Projection of(String module) {
        return Arrays.stream(values()).filter(p -> module.endsWith("." + p.path)).findFirst().orElseThrow();
    }
}
