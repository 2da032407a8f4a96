package io.parley.core.task;

import java.util.List;

/**
 * What the partner says in a round.
 *
 * @param suggestion the stance it suggests on each proposition, in the task's words; empty when it is silent
 * @param tone how sure it sounds
 */
public record Intervention(List<String> suggestion, Tone tone) {
    /** How sure the partner sounds. */
    public enum Tone { CONFIDENT, HESITANT }

    /** The partner says nothing. */
    public static final Intervention SILENCE = new Intervention(List.of(), Tone.HESITANT);

    public Intervention {
        suggestion = List.copyOf(suggestion);
    }

    public boolean silent() {
        return suggestion.isEmpty();
    }
}
