package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import java.util.List;

/**
 * Floating-point operations of a forward pass, by the usual count: two for each weight that multiplies, for each token
 * (Kaplan et al., "Scaling laws for neural language models", 2020, without attention); a backward pass has twice as many.
 *
 * <p>It is what the definition of the network needs, not what is executed: work that a policy avoids counts as done, so that
 * rates of two implementations of the same network compare.
 */
final class Operations {
    /** Tokens that the decoder adds to the words of a task. */
    private static final int SPECIAL_TOKENS = TrainerWork.SPECIAL_TOKENS;

    private Operations() {}

    /**
     * A decoder: four matrices of attention and three of the feed-forward part a layer, and the output head, at every token.
     *
     * @param config {@code hidden}, {@code layers} and {@code intermediate}
     * @param words words of prompts and responses together
     */
    static double decoder(ObjectNode config, TextSpec text, double words) {
        double hidden = config.get("hidden").asDouble();
        double layer = 4 * hidden * hidden + 3 * hidden * config.get("intermediate").asDouble();
        double head = hidden * (text.words().size() + SPECIAL_TOKENS);
        return 2 * (config.get("layers").asDouble() * layer + head) * words;
    }

    /**
     * A perceptron: its hidden layers, and at each position of the answer the words and the value. Bags are sums and do not
     * count.
     */
    static double perceptron(List<Integer> hidden, TextSpec text, double responses) {
        double weights = 0;
        for (int i = 1; i < hidden.size(); i++) {
            weights += (double) hidden.get(i - 1) * hidden.get(i);
        }
        for (List<String> allowed : ((ResponseFormat.Choices) text.format()).positions()) {
            weights += (double) hidden.get(hidden.size() - 1) * (allowed.size() + 1);
        }
        return 2 * weights * responses;
    }
}
