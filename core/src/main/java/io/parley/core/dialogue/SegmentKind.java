package io.parley.core.dialogue;

/** What a {@link Segment} is about, so that a counterfactual can find the part it cuts. */
public enum SegmentKind {
    /** How the task works. */
    RULES,
    /** A statement about the dialogue itself, such as the counterfactual prefix. */
    NOTICE,
    /** The question of a round. */
    QUESTION,
    /** What the collaborator can see of the facts; present, but without content, when it is withheld. */
    EVIDENCE,
    /** Stances and utterances of the participants. */
    PARTICIPANTS,
    /** The partner's suggestion, or its silence. */
    INTERVENTION,
    /** The collaborator's own response in an earlier round. */
    RESPONSE,
    /** How an earlier round was settled. */
    OUTCOME
}
