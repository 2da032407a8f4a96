package io.parley.tasks.language;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** How participants, partner and collaborator make themselves understood. */
public enum Press {
    /** Stances alone: one word a proposition. */
    @JsonProperty("none") NONE,
    /** Utterances in words. */
    @JsonProperty("full") FULL;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
