package io.parley.core.task;

import io.parley.core.random.RandomStreams;

/** The partner: decides what to say before the collaborator responds. Keeps no state between calls. */
public interface InterventionAgent {
    /**
     * The intervention in this round. Never null: a partner with nothing to say is silent.
     *
     * @param streams keyed streams; use {@code view.episode()} and {@code view.round()} as the key, and round 0 for
     *     what is drawn once an episode
     */
    Intervention intervene(PartnerView view, RandomStreams streams);

    /**
     * Whether the same view and streams always give the same intervention. A partner that is not deterministic (a chat
     * endpoint, a person) must have its turns recorded to be replayed, and its results cannot be computed again.
     */
    default boolean deterministic() {
        return true;
    }
}
