package io.parley.core.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.util.List;
import java.util.Map;

/** Episodes that advance in lock-step, so that one call of the policy serves all of them. Rows keep their order. */
public interface Episodes {
    /** Number of episodes. */
    int size();

    /** The round that is asked, from 1; one more than the number of rounds when {@link #done}. */
    int round();

    boolean done();

    /** What the collaborator is shown in this round, the partner's intervention included; one a row. */
    List<Prompt> prompts();

    /** Name of each row's kind of state in this round, such as "visible" or "withheld", for grouping measurements. */
    List<String> strata();

    /**
     * What a response would earn in this round, by named part, without advancing. The task names its parts, {@code own}
     * among them; parts that are only known at the end of the dialogue are those of ending it here.
     */
    List<Map<String, Double>> score(List<Response> responses);

    /**
     * Takes the responses, lets the participants react, and advances one round.
     *
     * @return what was earned in this round, by named part
     * @throws IllegalStateException if done
     */
    List<Map<String, Double>> step(List<Response> responses);

    /** An independent copy in the same state, with the same streams. */
    Episodes fork();

    /** The dialogue log of each episode so far, as {@link DialogueLog} makes it. */
    List<ObjectNode> log();
}
