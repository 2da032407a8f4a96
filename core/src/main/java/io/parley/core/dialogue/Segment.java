package io.parley.core.dialogue;

import java.util.Objects;

/**
 * One piece of a {@link Prompt}.
 *
 * @param role who speaks it
 * @param kind what it is about
 * @param round the round it belongs to, from 1; 0 for what holds in the whole dialogue
 * @param text its words; never null, possibly empty
 */
public record Segment(Role role, SegmentKind kind, int round, String text) {
    public Segment {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
        if (round < 0) {
            throw new IllegalArgumentException("round is " + round + "; it is 0 for the whole dialogue or counts from 1");
        }
    }

    /** This segment with other words. */
    public Segment withText(String newText) {
        return new Segment(role, kind, round, newText);
    }
}
