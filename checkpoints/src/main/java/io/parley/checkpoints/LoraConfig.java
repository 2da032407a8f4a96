package io.parley.checkpoints;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Low-rank adaptation (Hu et al., "LoRA", 2021): a linear map W is used as W + scaling · B·A, where A is [rank × inputs] and
 * B [outputs × rank], and W is frozen.
 *
 * @param rank at least 1
 * @param alpha above 0; see {@link #scaling}
 * @param dropout probability that a number of the adapter's input is zero in training, from 0 to below 1
 * @param targetModules the maps that are adapted: ends of module names as PEFT matches them, such as {@code q_proj} or
 *     {@code model.layers.3.mlp.up_proj}; not empty
 * @param rankStabilised whether alpha is divided by √rank instead of rank (Kalajdzievski, "rsLoRA", 2023)
 * @param layers the layers that are adapted, counted from 0; empty for all. As in PEFT, a target that is a module's whole name is
 *     adapted in any case
 */
public record LoraConfig(
        int rank, double alpha, double dropout, List<String> targetModules, boolean rankStabilised, List<Integer> layers) {
    /** @throws IllegalArgumentException if a value is out of its range; the message says which */
    public LoraConfig {
        targetModules = List.copyOf(targetModules);
        layers = List.copyOf(layers);
        if (rank < 1) {
            throw new IllegalArgumentException("rank is " + rank + ", at least 1");
        }
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("alpha is " + alpha + ", above 0");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + ", from 0 to below 1");
        }
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException("targetModules is empty; there are: " + projections());
        }
        if (layers.stream().anyMatch(layer -> layer < 0)) {
            throw new IllegalArgumentException("layers is " + layers + ", counted from 0");
        }
    }

    /** What B·A is multiplied by: alpha/rank, or alpha/√rank if rank-stabilised. */
    public double scaling() {
        return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
    }

    /**
     * The modules that are adapted, layer by layer, such as {@code model.layers.0.self_attn.q_proj}; at least one.
     *
     * @throws IllegalArgumentException if a target or a layer is none of the decoder's, or no target is in one of the layers
     */
    public List<String> modules(DecoderConfig config) {
        for (int layer : layers) {
            if (layer >= config.layers()) {
                throw new IllegalArgumentException(
                        "layers is " + layers + "; the model has " + config.layers() + ", counted from 0");
            }
        }
        List<String> modules = all(config);
        for (String target : targetModules) {
            if (modules.stream().noneMatch(module -> matches(module, target))) {
                throw new IllegalArgumentException("targetModules has '" + target + "'; there are: " + projections());
            }
        }
        modules.removeIf(module -> !targetModules.contains(module)
                && (targetModules.stream().noneMatch(target -> matches(module, target))
                || !layers.isEmpty() && !layers.contains(Projection.layer(module))));
        if (modules.isEmpty()) {
            throw new IllegalArgumentException("targetModules is " + targetModules + ", of which layers " + layers
                    + " (counted from 0) have none: nothing would be adapted");
        }
        return modules;
    }

    /** The modules of a decoder that can be adapted, layer by layer. */
    static List<String> all(DecoderConfig config) {
        List<String> modules = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (Projection projection : Projection.values()) {
                modules.add(projection.module(layer));
            }
        }
        return modules;
    }

    static boolean matches(String module, String target) {
        return module.equals(target) || module.endsWith("." + target);
    }

    static String projections() {
        return Arrays.stream(Projection.values()).map(Projection::shortName).collect(Collectors.joining(", "));
    }
}
