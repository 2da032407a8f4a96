package io.parley.tasks.language;

import java.util.List;
import java.util.Optional;

/**
 * What the sentences of a task are about, as clauses: "we turn cards one and four", "blue is heavier than green". A clause stands
 * in the slot of a template. Thread-safe.
 *
 * @param <C> a content; compared with {@code equals}
 */
public interface Content<C> {
    /** The clause: lower case, single blanks between words, none before a comma; no full stop, question or exclamation mark. */
    String write(C content);

    /**
     * The reverse of {@link #write}. It may read other clauses too.
     *
     * @param clause in the form that {@link #write} gives, but of any words
     * @return empty if it says nothing that this task knows; never throws
     */
    Optional<C> read(String clause);

    /** Every word and punctuation mark that {@link #write} uses. */
    List<String> words();
}
