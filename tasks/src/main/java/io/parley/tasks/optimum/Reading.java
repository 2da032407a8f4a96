package io.parley.tasks.optimum;

import io.parley.tasks.partners.TrackRecord;
import java.util.List;

/**
 * What a prompt says, and nothing else: what a scripted policy goes by. Answers are responses, as words.
 *
 * @param round the round that is asked
 * @param open the answers that the evidence leaves open, each as likely as any other; one when it shows the correct answer
 * @param suggestion the partner's, as an answer; null when it is silent or cut
 * @param record the partner's record in the earlier rounds
 */
public record Reading(int round, List<List<String>> open, List<String> suggestion, TrackRecord record) {
    public Reading {
        open = List.copyOf(open);
        if (open.isEmpty()) {
            throw new IllegalArgumentException("no answer is open in round " + round + "; at least one");
        }
    }
}
