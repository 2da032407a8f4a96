package io.parley.core.dialogue;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the collaborator is shown before it responds: an immutable list of segments, in the order of
 * the dialogue. It holds words, never tokens: rendering, tokenising and padding are the policy's.
 *
 * <p>Prompts of one episode grow by appending, so that a policy may keep what it computed for the
 * shared beginning.
 */
public final class Prompt {
    private final List<Segment> segments;
    /** The last derived form, so that a policy encodes a prompt once and not once an epoch. */
    private volatile Memo memo;

    private record Memo(Object key, Object value) {}

    /** @param segments in dialogue order; copied; at least one */
    public Prompt(List<Segment> segments) {
        this.segments = List.copyOf(segments);
        if (this.segments.isEmpty()) {
            throw new IllegalArgumentException("a prompt has at least one segment");
        }
    }

    /** The segments in dialogue order, unmodifiable. */
    public List<Segment> segments() {
        return segments;
    }

    /** The round that the collaborator is asked about: the largest round of any segment. */
    public int round() {
        int round = 0;
        for (Segment segment : segments) {
            round = Math.max(round, segment.round());
        }
        return round;
    }

    /**
     * The value that {@code compute} derives from this prompt, kept for the next call with the same key.
     * One value is kept; another key replaces it. {@code compute} must be a pure function of the prompt.
     *
     * @param key identity of the computation, compared with {@code ==}, such as a tokenizer
     */
    @SuppressWarnings("unchecked")
    public <T> T memo(Object key, Function<Prompt, T> compute) {
        Memo kept = memo;
        if (kept == null || kept.key != key) {
            kept = new Memo(key, Objects.requireNonNull(compute.apply(this)));
            memo = kept;
        }
        return (T) kept.value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Prompt that && segments.equals(that.segments);
    }

    @Override
    public int hashCode() {
        return segments.hashCode();
    }

    /** The segments one a line, for people. */
    @Override
    public String toString() {
        return segments.stream()
                .map(s -> (s.role() + "/" + s.kind()).toLowerCase(Locale.ROOT) + ": " + s.text())
                .collect(Collectors.joining("\n"));
    }
}
