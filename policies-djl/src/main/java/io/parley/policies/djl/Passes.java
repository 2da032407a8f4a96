package io.parley.policies.djl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Which rows go through one pass: consecutive ones, so many that their tokens are within a bound and that there is room for them.
 * Rounds of a dialogue that follow each other have one prefix. They stay together while there is room, whatever their tokens are:
 * apart, each pass would compute the dialogue anew.
 */
final class Passes {
    private Passes() {}

    /**
     * @param prompts tokens of each row's prompt
     * @param responses tokens of each row's response
     * @param most tokens of a pass of more than one dialogue, those of a common prefix counted once
     * @param hasRoom whether these rows may be one pass, their tokens aside
     * @return indices of the rows of each pass, in the order of the rows; none is empty
     */
    static List<int[]> of(List<int[]> prompts, List<int[]> responses, int most, Predicate<Rows> hasRoom) {
        List<Rows> single = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            single.add(new Rows(i, i + 1, i > 0 && goesOn(prompts.get(i - 1), prompts.get(i)), 1,
                    prompts.get(i).length, responses.get(i).length));
        }
        List<Rows> dialogues = joined(single, (whole, row) -> row.goesOn()
                && prompts.get(row.begin()).length > prompts.get(row.begin() - 1).length
                && hasRoom.test(whole));
        return joined(dialogues, (whole, next) -> whole.tokens() <= most && hasRoom.test(whole)).stream()
                .map(rows -> IntStream.range(rows.begin(), rows.end()).toArray()).toList();
    }

    /** @param fits whether rows may be one with the next, said of both together and of the next */
    private static List<Rows> joined(List<Rows> parts, BiPredicate<Rows, Rows> fits) {
        List<Rows> joined = new ArrayList<>();
        for (Rows part : parts) {
            Rows both = joined.isEmpty() ? null : joined.get(joined.size() - 1).and(part);
            if (both != null && fits.test(both, part)) {
                joined.set(joined.size() - 1, both);
            } else {
                joined.add(part);
            }
        }
        return joined;
    }

    /** Whether all of a prompt but its last token begins another. */
    private static boolean goesOn(int[] prompt, int[] next) {
        int n = prompt.length - 1;
        return next.length > n && Arrays.equals(prompt, 0, n, next, 0, n);
    }

    /**
     * Rows from {@code begin} to before {@code end}.
     *
     * @param goesOn whether the first has the prefix of the row before
     * @param prefixes of all of them
     * @param longest tokens of a prompt, at most
     * @param columns tokens of a response, at most
     */
    record Rows(int begin, int end, boolean goesOn, int prefixes, int longest, int columns) {
        private Rows and(Rows next) {
            return new Rows(begin, next.end, goesOn, prefixes + next.prefixes - (next.goesOn ? 1 : 0),
                    Math.max(longest, next.longest), Math.max(columns, next.columns));
        }

        /** Positions that are scored, filling included. */
        long positions() {
            return (long) (end - begin) * columns;
        }

        private long tokens() {
            return (long) prefixes * longest + positions();
        }

        /** Positions of keys and values while responses of at most so many tokens are sampled. */
        long held(int maxResponse) {
            return (end - begin) * ((long) longest + maxResponse);
        }
    }
}
