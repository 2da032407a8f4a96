package io.parley.tasks.partners;

import java.util.Locale;

/** What the collaborator could check of the partner's earlier suggestions, in rounds whose evidence was visible. */
public enum TrackRecord {
    /** Nothing could be checked. */
    NONE,
    /** Something could be checked, and all of it was true. */
    TRUE,
    /** Something could be checked, and some of it was false. */
    FALSE;

    /** The record after one more suggestion could be checked. */
    public TrackRecord with(boolean wasTrue) {
        return this == FALSE || !wasTrue ? FALSE : TRUE;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
