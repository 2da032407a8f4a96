package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Hidden states behind the layers that nobody trains, by token sequence. They do not change in training, so that policy,
 * reference and every epoch over the same rows compute them once.
 *
 * <p>All stand in one array, the newest in the place of the oldest. In arrays of their own, which live long and have many
 * lengths, they would leave holes between what is computed and given back meanwhile.
 */
final class TrunkStates {
    private final TorchScript script;
    private final int capacity;
    private final NDManager manager;
    /** Where the last states of a sequence stand, the oldest first. */
    private final Map<Tokens, Span> spans = new LinkedHashMap<>();
    /**
     * [1 + capacity, width], made with the first states, the first row 0. All of it is written then, so that what a training
     * needs is taken at its beginning, not page by page over hours.
     */
    private NDArray states;
    private int next = 1;

    /**
     * @param script has the methods that this class calls
     * @param manager owner of the states
     * @param capacity tokens whose states are kept, at least 1
     */
    TrunkStates(TorchScript script, NDManager manager, int capacity) {
        this.script = script;
        this.manager = manager;
        this.capacity = capacity;
    }

    /** The first so many tokens of a sequence. */
    private record Tokens(int[] ids, int length) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Tokens that && Arrays.equals(ids, 0, length, that.ids, 0, that.length);
        }

        @Override
        public int hashCode() {
            int hash = 1;
            for (int i = 0; i < length; i++) {
                hash = 31 * hash + ids[i];
            }
            return hash;
        }
    }

    /**
     * Of a sequence's last tokens.
     *
     * @param begin row of the first
     * @param from position of the first in the sequence: those before it stand elsewhere
     */
    private record Span(int begin, int from) {}

    /** A sequence of which the part from a position on is meant, and where that stands in an array. */
    private record Wanted(int[] ids, int from, int place) {}

    /**
     * Hidden states of packed rows, [prefixes × length + slots × columns, width].
     *
     * @param columns tokens of a slot, filling included
     * @param compute the states of all of them, called where one is not kept
     */
    NDArray of(PackedRows packed, List<int[]> responses, int columns, NDManager scratch, Supplier<NDArray> compute) {
        int prefixes = packed.groups() * packed.prefixLength();
        List<Wanted> wanted = new ArrayList<>();
        for (int g = 0; g < packed.groups(); g++) {
            int[] member = packed.member(g);
            wanted.add(new Wanted(Arrays.copyOf(member, member.length - 1), 0, g * packed.prefixLength()));
        }
        for (int s = 0; s < packed.slots(); s++) {
            int[] prompt = packed.prompt(s);
            int[] response = responses.get(packed.row(s));
            int[] whole = Arrays.copyOf(prompt, prompt.length + response.length - 1);
            System.arraycopy(response, 0, whole, prompt.length, response.length - 1);
            wanted.add(new Wanted(whole, prompt.length - 1, prefixes + s * columns));
        }
        // What only fills up takes the row of zeros.
        long[] rows = new long[prefixes + packed.slots() * columns];
        if (wanted.stream().allMatch(each -> find(each.ids(), each.ids().length, each.from(), rows, each.place()))) {
            return script.call(scratch, "takeStates", states, scratch.create(rows)).head();
        }
        NDArray all = compute.get();
        keep(scratch, all, wanted);
        return all;
    }

    /**
     * Where states are kept, which may be in parts: a dialogue's as it grew.
     *
     * @param end position behind the last that is wanted
     * @param from position of the first
     * @param rows filled from {@code place} on
     * @return whether all are there
     */
    private boolean find(int[] ids, int end, int from, long[] rows, int place) {
        while (end > from) {
            Span span = spans.get(new Tokens(ids, end));
            if (span == null) {
                return false;
            }
            int first = Math.max(span.from(), from);
            for (int t = first; t < end; t++) {
                rows[place + t - from] = span.begin() + t - span.from();
            }
            end = first;
        }
        return true;
    }

    /**
     * Keeps what sampling has computed.
     *
     * @param array [sequences, 1, positions, width]
     * @param sequences places of the sequences in it
     * @param begin position at which each sequence's part begins in it
     * @param ids tokens of the sequences
     * @param from where the part begins among them
     */
    void keep(NDManager scratch, NDArray array, int[] sequences, int begin, List<int[]> ids, int[] from) {
        int positions = (int) array.getShape().get(2);
        List<Wanted> parts = new ArrayList<>();
        for (int i = 0; i < sequences.length; i++) {
            parts.add(new Wanted(ids.get(i), from[i], sequences[i] * positions + begin));
        }
        keep(scratch, array, parts);
    }

    /**
     * What is there stays: states round as in the batch in which they were computed, and others may use them already. What would
     * take the place of another of this call is not kept.
     */
    private void keep(NDManager scratch, NDArray array, List<Wanted> parts) {
        List<Long> rows = new ArrayList<>();
        List<Long> targets = new ArrayList<>();
        // Tokens that this call has placed, and those at the array's end that were too few for the next sequence.
        int taken = 0;
        for (Wanted part : parts) {
            int known = known(part);
            int length = part.ids().length - known;
            int left = 1 + capacity - next;
            int needed = length <= left ? length : left + length;
            if (length == 0 || taken + needed > capacity) {
                continue;
            }
            taken += needed;
            int begin = room(length);
            Tokens tokens = new Tokens(part.ids(), part.ids().length);
            // Put behind all others, also where an earlier part of it was forgotten.
            spans.remove(tokens);
            spans.put(tokens, new Span(begin, known));
            for (int t = 0; t < length; t++) {
                rows.add((long) part.place() + known - part.from() + t);
                targets.add((long) begin + t);
            }
        }
        if (rows.isEmpty()) {
            return;
        }
        if (states == null) {
            states = script.call(manager, "newStates", manager.create(1L + capacity)).head();
        }
        script.call(scratch, "keepStates", states, array(scratch, targets), array, array(scratch, rows));
    }

    /** Position before which all states of a part are kept. */
    private int known(Wanted part) {
        long[] rows = new long[part.ids().length - part.from()];
        int end = part.ids().length;
        while (end > part.from() && !find(part.ids(), end, part.from(), rows, 0)) {
            end--;
        }
        return end;
    }

    /** The first of the next rows, whose sequences are forgotten. */
    private int room(int length) {
        if (next + length > 1 + capacity) {
            forget(next, 1 + capacity);
            next = 1;
        }
        forget(next, next + length);
        next += length;
        return next - length;
    }

    /** The oldest begin where the newest end. */
    private void forget(int from, int to) {
        for (Iterator<Span> oldest = spans.values().iterator(); oldest.hasNext(); oldest.remove()) {
            Span span = oldest.next();
            if (span.begin() < from || span.begin() >= to) {
                return;
            }
        }
    }

    private static NDArray array(NDManager manager, List<Long> numbers) {
        return manager.create(numbers.stream().mapToLong(Long::longValue).toArray());
    }
}
