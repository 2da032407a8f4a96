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
final class TrunkStates implements AutoCloseable {
    private final TorchScript script;
    private final int capacity;
    private final NDManager manager = Torch.newManager();
    /** Where the states of a sequence stand, the oldest first. */
    private final Map<Tokens, Span> spans = new LinkedHashMap<>();
    /**
     * [1 + capacity, width], made with the first states, the first row 0. All of it is written then, so that what a training needs
     * is taken at its beginning, not page by page over hours.
     */
    private NDArray states;
    private int next = 1;

    /**
     * @param script has the methods that this class calls
     * @param capacity tokens whose states are kept, at least 1
     */
    TrunkStates(TorchScript script, int capacity) {
        this.script = script;
        this.capacity = capacity;
    }

    /** A prefix, or a row of which the part behind its prompt's last but one token is meant. */
    private record Tokens(int[] ids, int from) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Tokens that && from == that.from && Arrays.equals(ids, that.ids);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(ids) + from;
        }

        int length() {
            return ids.length - from;
        }
    }

    private record Span(int begin, int length) {}

    /**
     * Hidden states of packed rows, [prefixes × length + slots × columns, width].
     *
     * @param columns tokens of a slot, filling included
     * @param compute the states of all of them, called where one is not kept
     */
    NDArray of(PackedRows packed, List<int[]> responses, int columns, NDManager scratch, Supplier<NDArray> compute) {
        int prefixes = packed.groups() * packed.prefixLength();
        List<Tokens> wanted = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int g = 0; g < packed.groups(); g++) {
            int[] member = packed.member(g);
            wanted.add(new Tokens(Arrays.copyOf(member, member.length - 1), 0));
            places.add(g * packed.prefixLength());
        }
        for (int s = 0; s < packed.slots(); s++) {
            int[] prompt = packed.prompt(s);
            int[] response = responses.get(packed.row(s));
            int[] whole = Arrays.copyOf(prompt, prompt.length + response.length - 1);
            System.arraycopy(response, 0, whole, prompt.length, response.length - 1);
            wanted.add(new Tokens(whole, prompt.length - 1));
            places.add(prefixes + s * columns);
        }
        if (spans.keySet().containsAll(wanted)) {
            // What only fills up takes the row of zeros.
            long[] rows = new long[prefixes + packed.slots() * columns];
            for (int i = 0; i < wanted.size(); i++) {
                Span span = spans.get(wanted.get(i));
                for (int t = 0; t < span.length(); t++) {
                    rows[places.get(i) + t] = span.begin() + t;
                }
            }
            return script.call(scratch, "takeStates", states, scratch.create(rows)).head();
        }
        NDArray all = compute.get();
        keep(scratch, all, wanted, places);
        return all;
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
        List<Tokens> tokens = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < sequences.length; i++) {
            tokens.add(new Tokens(ids.get(i), from[i]));
            places.add(sequences[i] * positions + begin);
        }
        keep(scratch, array, tokens, places);
    }

    /**
     * What is there stays: states round as in the batch in which they were computed, and others may use them already. What would
     * take the place of another of this call is not kept.
     */
    private void keep(NDManager scratch, NDArray array, List<Tokens> tokens, List<Integer> places) {
        List<Long> rows = new ArrayList<>();
        List<Long> targets = new ArrayList<>();
        // Tokens that this call has placed, and those at the array's end that were too few for the next sequence.
        int taken = 0;
        for (int i = 0; i < tokens.size(); i++) {
            int length = tokens.get(i).length();
            int left = 1 + capacity - next;
            int needed = length <= left ? length : left + length;
            if (spans.containsKey(tokens.get(i)) || taken + needed > capacity) {
                continue;
            }
            taken += needed;
            Span span = room(length);
            spans.put(tokens.get(i), span);
            for (int t = 0; t < length; t++) {
                rows.add((long) places.get(i) + t);
                targets.add((long) span.begin() + t);
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

    /** The next rows, whose sequences are forgotten. */
    private Span room(int length) {
        if (next + length > 1 + capacity) {
            forget(next, 1 + capacity);
            next = 1;
        }
        forget(next, next + length);
        Span span = new Span(next, length);
        next += length;
        return span;
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

    @Override
    public void close() {
        manager.close();
    }
}
