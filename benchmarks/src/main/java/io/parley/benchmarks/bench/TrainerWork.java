package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Training work of a fixed size: a decoder of Llama's shape with random weights, prompts of random words, responses of exactly
 * {@code response} tokens at temperature 1.
 *
 * @param vocabulary number of tokens
 * @param hidden width of the residual stream
 * @param layers number of layers
 * @param heads attention heads of a layer
 * @param intermediate width of the feed-forward part
 * @param rounds rounds of a dialogue, whose earlier rounds are part of the prompt
 * @param prompt tokens that a round adds to the prompt, the response of the round before aside
 * @param response tokens of a response
 * @param batch episodes of an iteration of PPO; pairs of a step of DPO
 * @param miniBatch responses of a mini-batch of PPO, which makes {@link #EPOCHS} passes
 * @param precision of products, as the decoder's configuration names it
 */
record TrainerWork(int vocabulary, int hidden, int layers, int heads, int intermediate, int rounds, int prompt, int response,
        int batch, int miniBatch, String precision) {
    static final int EPOCHS = 4;
    /** Tokens that the decoder adds to a task's words: the end of a response and one for each role. */
    static final int SPECIAL_TOKENS = 4;
    /** Tokens of a prompt that are not words: who speaks, and the cue to respond. */
    static final int PROMPT_MARKS = 2;

    /** 4.46 million parameters, or 0.15 million in the two others. */
    static TrainerWork named(String size, String precision) {
        return switch (size) {
            case "main" -> new TrainerWork(512, 256, 4, 4, 1024, 1, 64, 16, 64, 16, precision);
            case "small" -> new TrainerWork(128, 64, 2, 2, 256, 1, 32, 4, 256, 64, precision);
            case "dialogue" -> new TrainerWork(128, 64, 2, 2, 256, 15, 24, 8, 16, 60, precision);
            default -> throw new IllegalArgumentException("size is " + size + "; main, small or dialogue");
        };
    }

    /** Responses of an iteration of PPO. */
    int responses() {
        return batch * rounds;
    }

    /** The decoder as the policy's provider takes it. */
    ObjectNode decoder() {
        return JsonNodeFactory.instance.objectNode()
                .put("hidden", hidden)
                .put("layers", layers)
                .put("heads", heads)
                .put("intermediate", intermediate)
                .put("precision", precision)
                .put("context", Math.max(256, rounds * (prompt + response + SPECIAL_TOKENS)));
    }
}
