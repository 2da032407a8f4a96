package io.parley.core.task;

import java.util.List;

/**
 * What the partner says in a round.
 *
 * @param suggestion the stance it suggests on each proposition, in the task's words; empty when it is silent
 * @param tone how sure it sounds
 * @param words how it says it; empty to leave that to the task. A task without free talk shows the suggestion alone
 */
public record Intervention(List<String> suggestion, Tone tone, String words) {
    /** How sure the partner sounds. */
    public enum Tone { CONFIDENT, HESITANT }

    /** The partner says nothing. */
    public static final Intervention SILENCE = new Intervention(List.of(), Tone.HESITANT);

    public Intervention {
        suggestion = List.copyOf(suggestion);
        if (suggestion.isEmpty() && !words.isEmpty()) {
            throw new IllegalArgumentException("words are '" + words + "' without a suggestion; a silent partner says none");
        }
    }

    /** A suggestion that the task words. */
    public Intervention(List<String> suggestion, Tone tone) {
        this(suggestion, tone, "");
    }

    public boolean silent() {
        return suggestion.isEmpty();
    }
}
