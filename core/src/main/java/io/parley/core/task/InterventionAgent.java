package io.parley.core.task;

import io.parley.core.random.RandomStreams;

/** The partner: decides what to say before the collaborator responds. Keeps no state between calls. */
public interface InterventionAgent {
    /**
     * The intervention in this round.
     *
     * @param streams keyed streams; use {@code view.episode()} and {@code view.round()} as the key, and round 0 for
     *     what is drawn once an episode
     */
    Intervention intervene(PartnerView view, RandomStreams streams);
}
