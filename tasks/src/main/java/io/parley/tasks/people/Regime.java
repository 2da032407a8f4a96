package io.parley.tasks.people;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** How many questions an episode asks. */
public enum Regime {
    /** A new question each round, its evidence visible or withheld by a draw of its own. */
    @JsonProperty("record") RECORD,
    /** One question for the whole dialogue, its evidence visible or withheld by one draw. */
    @JsonProperty("single") SINGLE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
