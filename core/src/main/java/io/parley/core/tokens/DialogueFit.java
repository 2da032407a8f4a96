package io.parley.core.tokens;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Shortens the versions of a dialogue together, as {@link io.parley.core.policy.Policy#fit} wants it. */
public final class DialogueFit {
    private DialogueFit() {}

    /**
     * Drops the oldest rounds, the same of every version, until all fit.
     *
     * @param fits whether a prompt can be read
     * @param limit says the length of a prompt and what is allowed, for the message when nothing more may go
     * @throws IllegalArgumentException if system segments and current round alone are too long
     */
    public static List<Prompt> fit(List<Prompt> versions, Predicate<Prompt> fits, Function<Prompt, String> limit) {
        int current = versions.stream().mapToInt(Prompt::round).max().orElse(0);
        List<Prompt> shortened = versions;
        for (int dropped = 0; ; dropped++) {
            Prompt tooLong = shortened.stream().filter(fits.negate()).findFirst().orElse(null);
            if (tooLong == null) {
                return shortened;
            }
            int oldest = dropped + 1;
            if (oldest >= current) {
                throw new IllegalArgumentException(
                        "the system segments and the current round are too long: " + limit.apply(tooLong));
            }
            List<Prompt> next = new ArrayList<>(versions.size());
            for (Prompt prompt : versions) {
                List<Segment> kept = prompt.segments().stream()
                        .filter(s -> s.role() == Role.SYSTEM || s.round() == 0 || s.round() > oldest)
                        .toList();
                next.add(kept.size() == prompt.segments().size() ? prompt : new Prompt(kept));
            }
            shortened = next;
        }
    }
}
