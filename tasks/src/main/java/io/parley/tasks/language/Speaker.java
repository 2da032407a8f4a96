package io.parley.tasks.language;

import io.parley.core.task.Split;
import java.util.random.RandomGenerator;

/** How a person-like demonstrator puts an answer into sentences. */
public final class Speaker {
    /** Of a hundred messages of a DeliData group 12.5 probe: 3.5 of 28.0. */
    private static final double PROBING = 3.5 / 28.0;
    /** Share of the demonstrated responses that begin with an acknowledgement; chosen by hand. */
    private static final double ACKNOWLEDGING = 0.2;
    /**
     * Share of the responses that begin with a question or a challenge. A response is one sentence that takes a stance, and such
     * a sentence before it: p / (1 + p + acknowledging) of the sentences probe.
     */
    private static final double ASKING = PROBING * (1 + ACKNOWLEDGING) / (1 - PROBING);

    private Speaker() {}

    /**
     * An utterance whose last sentence takes a stance.
     *
     * @param suggestion what the partner suggested, null when it is silent or left out
     * @param earlier the speaker's own earlier answer to the same question, null when there is none
     */
    public static <C> String answer(Grammar<C> grammar, C content, C suggestion, C earlier, RandomGenerator random) {
        StringBuilder said = new StringBuilder();
        double u = random.nextDouble();
        if (u < ASKING) {
            boolean doubts = suggestion != null && !suggestion.equals(content);
            say(said, grammar, doubts ? Act.CHALLENGE : Act.ASK, doubts ? suggestion : null, random);
        } else if (u < ASKING + ACKNOWLEDGING) {
            say(said, grammar, Act.ACKNOWLEDGE, null, random);
        }
        Act act = earlier != null && !earlier.equals(content) ? Act.REPAIR : content.equals(suggestion) ? Act.AGREE : Act.ASSERT;
        return say(said, grammar, act, content, random).toString();
    }

    private static <C> StringBuilder say(StringBuilder said, Grammar<C> grammar, Act act, C content, RandomGenerator random) {
        return said.append(said.isEmpty() ? "" : " ").append(grammar.say(act, content, Split.TRAIN, random));
    }
}
