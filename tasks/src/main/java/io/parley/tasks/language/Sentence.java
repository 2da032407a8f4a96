package io.parley.tasks.language;

/**
 * A sentence that was understood.
 *
 * @param content what it is about; null where the act has no content
 */
public record Sentence<C>(Act act, C content) {
    public Sentence {
        if (act.hasContent() != (content != null)) {
            throw new IllegalArgumentException("a sentence that does '" + act + "' has "
                    + (content == null ? "no content" : "content " + content)
                    + "; it " + (act.hasContent() ? "needs some" : "can have none"));
        }
    }
}
