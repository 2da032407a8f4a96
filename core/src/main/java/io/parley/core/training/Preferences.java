package io.parley.core.training;

import java.util.List;

/**
 * The preference pairs of a training run.
 *
 * @param pairs in the order in which they were made or read
 * @param responses number of responses that were sampled for them, pairs that were not kept included
 * @param tokens of those responses
 */
public record Preferences(List<Preference> pairs, long responses, long tokens) {
    public Preferences {
        pairs = List.copyOf(pairs);
    }
}
