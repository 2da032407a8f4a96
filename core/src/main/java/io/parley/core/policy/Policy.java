package io.parley.core.policy;

import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A collaborator: a distribution over responses to a prompt. Rendering, tokenising, padding and batching happen
 * inside; tokens never leave it. Algorithms are written against this interface and never ask which policy it is.
 *
 * <p>What one row gives does not depend on the other rows of the call, apart from rounding.
 *
 * <p>A policy and its snapshots are used by one thread at a time, unless their class says otherwise: they may share what they
 * have computed for a prompt.
 */
public interface Policy extends AutoCloseable {
    /**
     * Draws one response to each prompt.
     *
     * @param prompts one a row; each must fit ({@link #fit})
     * @param streams one generator a row; one {@code nextDouble()} is taken for each token of that row's response
     * @return one response a row, with the log-probabilities under which it was drawn, and values if
     *     {@code sampling} asks for them
     * @throws IllegalArgumentException if the sizes differ or a prompt is longer than the policy can read
     */
    List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams);

    /**
     * Scores given responses, without gradient and without dropout.
     *
     * @param prompts one a row
     * @param responses one a row; drawn by this policy or one of its relatives, or known by their words
     * @throws IllegalArgumentException if the sizes differ, a prompt is too long, or a response is not one that the
     *     policy could give
     * @throws UnsupportedOperationException if the policy has no value head and values are asked for, or cannot score
     */
    Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request);

    /**
     * Versions of one dialogue (a prompt and its counterfactuals), shortened together until each can be read: all
     * lose the same oldest rounds, never the system segments or the current round.
     *
     * @return as many prompts, the same objects where nothing had to go
     * @throws IllegalArgumentException if what may not be dropped is already too long; the message gives both lengths
     */
    default List<Prompt> fit(List<Prompt> versions) {
        return versions;
    }

    /** The dialogue as this policy's model is shown it, for those who keep it or train another model on it. */
    default List<ChatMessage> chat(Prompt prompt) {
        return ChatMessage.of(prompt);
    }

    /** Frees native memory. Closing twice is allowed; any other use after closing is an error. */
    @Override
    void close();
}
