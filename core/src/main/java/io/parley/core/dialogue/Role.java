package io.parley.core.dialogue;

/** Who speaks a {@link Segment}, in the sense of a chat template. */
public enum Role {
    /** The rules of the task and notices about it. */
    SYSTEM,
    /** Everything that the collaborator is shown: evidence, participants, interventions, outcomes. */
    USER,
    /** The collaborator's own earlier responses. */
    ASSISTANT
}
