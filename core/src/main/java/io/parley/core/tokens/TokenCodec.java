package io.parley.core.tokens;

import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.util.List;

/**
 * Dialogues as token ids and back: what a decoder needs to know of words. {@link Vocabulary} is one for a decoder that is trained
 * from scratch; a pretrained model brings another. Thread-safe.
 */
public interface TokenCodec {
    /** Number of tokens; ids are from 0 to this less 1. */
    int size();

    /** The most tokens of a response, the one that ends it included. */
    int maxResponse();

    /** Whether a response may end before {@link #maxResponse()} tokens. */
    boolean mayEnd();

    /** Whether a token ends a response; never where {@link #mayEnd()} is false. */
    boolean ends(int id);

    /**
     * Which tokens a response may have, by position and token; one row where every position allows the same, null where every
     * position allows every token.
     */
    boolean[][] allowed();

    /**
     * Token ids of a prompt, at least two, up to where the response begins. Kept with the prompt; do not write.
     *
     * @throws IllegalArgumentException if the prompt has what these tokens cannot say
     */
    int[] encode(Prompt prompt);

    /** The messages that {@link #encode(Prompt)} reads in a prompt. */
    default List<ChatMessage> chat(Prompt prompt) {
        return ChatMessage.of(prompt);
    }

    /**
     * Token ids of a response, at most {@link #maxResponse()}; those that were drawn, where a codec with the same tokens decoded
     * them. Ends with a token that {@linkplain #ends ends} it, unless there is no room for one or none may. Do not write.
     *
     * @throws IllegalArgumentException if these tokens cannot say the response
     */
    int[] encode(Response response);

    /**
     * A response from its tokens, which it keeps.
     *
     * @param tokens ids, with the one that ended the response if one did
     * @param logProbs natural log-probability of each token under the distribution it was drawn from
     * @param values value estimate before each token, or null
     */
    Response decode(int[] tokens, float[] logProbs, float[] values);

    /** Whether another codec reads and writes the same tokens, so that models of the two may be compared token by token. */
    boolean sameAs(TokenCodec other);
}
