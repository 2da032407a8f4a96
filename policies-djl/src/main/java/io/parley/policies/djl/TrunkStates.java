package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Hidden states behind the layers that nobody trains, by token sequence. They do not change in training, so that policy,
 * reference and every epoch over the same rows compute them once. The least recently used go first.
 */
final class TrunkStates implements AutoCloseable {
    /** Numbers that are kept: half a gigabyte of bfloat16, twice that of float32. */
    private static final long MOST_NUMBERS = 1L << 28;

    private final NDManager manager = Torch.newManager();
    private final Map<Tokens, NDArray> states = new LinkedHashMap<>(16, 0.75f, true);
    private long numbers;

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
    }

    /**
     * Hidden states of packed rows, [prefixes × length + slots × columns, hidden].
     *
     * @param prefix int64 tokens of the prefixes
     * @param suffix int64 tokens of the slots
     * @param compute the states of all of them, called where one is not kept
     */
    NDArray of(
            PackedRows packed, List<int[]> responses, TorchScript script, NDManager scratch, NDArray prefix, NDArray suffix,
            Supplier<NDArray> compute) {
        List<Tokens> wanted = new ArrayList<>();
        long[] begins = new long[packed.groups()];
        for (int g = 0; g < begins.length; g++) {
            int[] member = packed.member(g);
            begins[g] = member.length - 1;
            wanted.add(new Tokens(Arrays.copyOf(member, member.length - 1), 0));
        }
        long[] ends = new long[packed.slots()];
        for (int s = 0; s < ends.length; s++) {
            int[] prompt = packed.prompt(s);
            int[] response = responses.get(packed.row(s));
            ends[s] = response.length;
            int[] whole = Arrays.copyOf(prompt, prompt.length + response.length - 1);
            System.arraycopy(response, 0, whole, prompt.length, response.length - 1);
            wanted.add(new Tokens(whole, prompt.length - 1));
        }
        List<NDArray> pieces = wanted.stream().map(states::get).toList();
        if (pieces.stream().allMatch(piece -> piece != null)) {
            return script.call(scratch, "assemble", pieces, prefix, suffix).head();
        }
        NDArray all = compute.get();
        NDList parts = script.call(manager, "pieces", all, prefix, suffix,
                scratch.create(begins, new Shape(begins.length)), scratch.create(ends, new Shape(ends.length)));
        for (int i = 0; i < wanted.size(); i++) {
            keep(wanted.get(i), parts.get(i));
        }
        return all;
    }

    /**
     * Keeps what sampling has computed.
     *
     * @param array [sequences, 1, positions, hidden]
     * @param places of the sequences in it
     * @param begin position at which each sequence's part begins in it
     * @param ids tokens of the sequences
     * @param from where the part begins among them
     */
    void keep(TorchScript script, NDManager scratch, NDArray array, int[] places, int begin, List<int[]> ids, int[] from) {
        if (places.length == 0) {
            return;
        }
        long[] spans = new long[2 * places.length];
        for (int i = 0; i < places.length; i++) {
            spans[2 * i] = places[i];
            spans[2 * i + 1] = ids.get(i).length - from[i];
        }
        NDList parts = script.call(
                manager, "parts", array, scratch.create((long) begin), scratch.create(spans, new Shape(places.length, 2)));
        for (int i = 0; i < places.length; i++) {
            keep(new Tokens(ids.get(i), from[i]), parts.get(i));
        }
    }

    /** The first stays: states round as in the batch in which they were computed, and others may use them already. */
    private void keep(Tokens tokens, NDArray state) {
        if (states.get(tokens) != null) {
            state.close();
            return;
        }
        state.attach(manager);
        numbers += state.size();
        states.put(tokens, state);
        for (Iterator<NDArray> oldest = states.values().iterator(); numbers > MOST_NUMBERS && states.size() > 1; ) {
            NDArray gone = oldest.next();
            numbers -= gone.size();
            gone.close();
            oldest.remove();
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
