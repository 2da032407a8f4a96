package io.parley.tasks.language;

import java.util.Locale;

/**
 * What a sentence does in a dialogue. All but {@link #ASSERT} are grounding acts: they show how what was said was taken up (Clark
 * and Schaefer 1989, "Contributing to Discourse", Cognitive Science 13). {@link #ASK} and {@link #CHALLENGE} are what DeliData
 * annotates as probing (Karadzhov, Stafford and Vlachos 2023).
 */
public enum Act {
    /** Takes a stance. */
    ASSERT,
    /** Takes over a stance that someone else took, and says why. */
    AGREE,
    /** Doubts a stance that someone else took. */
    CHALLENGE,
    /** Asks for the evidence. */
    ASK,
    /** Says that something was heard, and no more. */
    ACKNOWLEDGE,
    /** Takes back an earlier stance of one's own and says what holds instead. */
    REPAIR;

    /** Whether a sentence of this act names what it is about. */
    public boolean hasContent() {
        return this != ASK && this != ACKNOWLEDGE;
    }

    /** Whether the speaker holds what the sentence names. */
    public boolean takesStance() {
        return this == ASSERT || this == AGREE || this == REPAIR;
    }

    /** As logs and metrics write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
