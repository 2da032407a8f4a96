package io.parley.benchmarks.bench;

/**
 * Training work of a fixed size: a decoder of Llama's shape with random weights, prompts of random words, responses of exactly
 * {@code response} tokens at temperature 1.
 *
 * @param vocabulary number of tokens
 * @param hidden width of the residual stream
 * @param layers number of layers
 * @param heads attention heads of a layer
 * @param intermediate width of the feed-forward part
 * @param prompt tokens of a prompt
 * @param response tokens of a response
 * @param batch responses of an iteration of PPO; pairs of a step of DPO
 * @param miniBatch responses of a mini-batch of PPO, which makes {@link #EPOCHS} passes
 */
record TrainerWork(
        int vocabulary, int hidden, int layers, int heads, int intermediate, int prompt, int response, int batch, int miniBatch) {
    static final int EPOCHS = 4;
    /** Tokens that the decoder adds to a task's words: the end of a response and one for each role. */
    static final int SPECIAL_TOKENS = 4;
    /** Tokens of a prompt that are not words: who speaks, and the cue to respond. */
    static final int PROMPT_MARKS = 2;

    /** 4.46 million parameters, or 0.15 million. */
    static TrainerWork named(String size) {
        return switch (size) {
            case "main" -> new TrainerWork(512, 256, 4, 4, 1024, 64, 16, 64, 16);
            case "small" -> new TrainerWork(128, 64, 2, 2, 256, 32, 4, 256, 64);
            default -> throw new IllegalArgumentException("size is " + size + "; main or small");
        };
    }
}
