package io.parley.core.tokens;

import io.parley.core.dialogue.Prompt;
import java.util.List;

/**
 * How long prompts of a decoder may be, so that they leave room for the longest response.
 *
 * @param tokens most of a prompt and its response together
 */
public record ContextWindow(TokenCodec codec, int tokens) {
    /** As {@link io.parley.core.policy.Policy#fit}. */
    public List<Prompt> fit(List<Prompt> versions) {
        return DialogueFit.fit(versions, this::fits, this::limit);
    }

    /**
     * Token ids of each prompt; do not write.
     *
     * @throws IllegalArgumentException if a prompt leaves no room for a response
     */
    public List<int[]> encode(List<Prompt> prompts) {
        for (Prompt prompt : prompts) {
            if (!fits(prompt)) {
                throw new IllegalArgumentException(limit(prompt) + ": shorten it with Policy.fit, or take a longer context");
            }
        }
        return prompts.stream().map(codec::encode).toList();
    }

    private boolean fits(Prompt prompt) {
        return codec.encode(prompt).length <= tokens - codec.maxResponse();
    }

    private String limit(Prompt prompt) {
        return "the prompt has " + codec.encode(prompt).length + " tokens; at most " + (tokens - codec.maxResponse())
                + " leave room for a response in a context of " + tokens;
    }
}
