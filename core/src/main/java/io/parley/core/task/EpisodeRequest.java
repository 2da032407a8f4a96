package io.parley.core.task;

import io.parley.core.random.RandomStreams;
import java.util.Objects;

/**
 * Which episodes to begin. An episode is determined by split, index, partner and streams, never by its batch mates.
 *
 * @param split where its instances come from
 * @param first index of the first episode
 * @param count number of episodes, at least 1
 * @param partner who intervenes
 * @param streams the streams of the run
 */
public record EpisodeRequest(Split split, long first, int count, InterventionAgent partner, RandomStreams streams) {
    public EpisodeRequest {
        Objects.requireNonNull(split);
        Objects.requireNonNull(partner);
        Objects.requireNonNull(streams);
        if (count < 1) {
            throw new IllegalArgumentException("count is " + count + "; at least 1");
        }
    }
}
