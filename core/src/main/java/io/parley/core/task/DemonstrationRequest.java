package io.parley.core.task;

import io.parley.core.random.RandomStreams;
import java.util.List;

/**
 * Which demonstrations to make.
 *
 * @param count number of (prompt, response) pairs, at least 1
 * @param conformity probability of following the partner's suggestion, in [0, 1]
 * @param partner the partner of the demonstrated dialogues
 * @param counterfactuals one episode in five carries one of these, in equal shares, and there the demonstrator leaves
 *     the partner out; may be empty
 * @param solved whether every answer to visible evidence that follows nobody is right, rather than right as often as the task's
 *     demonstrator is
 * @param rounds of each dialogue, from its first, at least 1; a dialogue that has fewer is demonstrated whole
 */
public record DemonstrationRequest(
        int count, double conformity, InterventionAgent partner, List<Counterfactual> counterfactuals, RandomStreams streams,
        boolean solved, int rounds) {
    /** Of whole dialogues, as the task's demonstrator answers. */
    public DemonstrationRequest(
            int count, double conformity, InterventionAgent partner, List<Counterfactual> counterfactuals, RandomStreams streams) {
        this(count, conformity, partner, counterfactuals, streams, false, Integer.MAX_VALUE);
    }

    public DemonstrationRequest {
        counterfactuals = List.copyOf(counterfactuals);
        if (count < 1 || rounds < 1 || !(conformity >= 0 && conformity <= 1)) {
            throw new IllegalArgumentException("count " + count + " and rounds " + rounds + " must be at least 1 and conformity "
                    + conformity + " between 0 and 1");
        }
    }
}
