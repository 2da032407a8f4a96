package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of a batch, arranged so that what they share is computed once. A row is cut before the last token of its prompt:
 * what comes before is its prefix, the rest is its suffix, whose outputs are the distributions of the response's tokens.
 * Prefixes are held by groups, and a row whose prefix begins the prefix of another row joins that row's group: the two
 * responses of a preference, and all turns of one dialogue.
 *
 * <p>Prefixes and suffixes are filled up on the right, where causal attention never looks.
 */
final class PackedRows {
    /** Prefixes of unequal length are filled up to a multiple of this, so that few shapes occur and memory can be reused. */
    static final int BUCKET = 16;
    /** Slots are filled up to as many a group; beyond this ratio of slots to rows the filling costs more than it saves. */
    private static final double MOST_SLOTS = 1.5;

    private final int[][] prompts;
    private final int[][] members;
    private final int[] group;
    private final int prefixLength;
    private final boolean equalLengths;
    /** The row of each slot, and a slot of each row; without slots, the rows themselves. */
    private final int[] rowOfSlot;
    private final int[] slotOfRow;
    private final boolean apart;

    /** @param prompts tokens of each row's prompt, at least two each */
    PackedRows(List<int[]> prompts) {
        this.prompts = prompts.toArray(int[][]::new);
        int rows = this.prompts.length;
        Integer[] order = new Integer[rows];
        Arrays.setAll(order, i -> i);
        // In lexicographic order a sequence stands right before those that it begins.
        Arrays.sort(order, (a, b) -> Arrays.compare(
                this.prompts[a], 0, this.prompts[a].length - 1, this.prompts[b], 0, this.prompts[b].length - 1));
        group = new int[rows];
        List<int[]> longest = new ArrayList<>();
        int[] last = null;
        for (int i = rows - 1; i >= 0; i--) {
            int[] prompt = this.prompts[order[i]];
            int n = prompt.length - 1;
            if (last == null || n > last.length - 1 || !Arrays.equals(prompt, 0, n, last, 0, n)) {
                last = prompt;
                longest.add(prompt);
            }
            group[order[i]] = longest.size() - 1;
        }
        if (longest.size() == rows) {
            members = this.prompts;
            Arrays.setAll(group, i -> i);
        } else {
            members = longest.toArray(int[][]::new);
        }
        int max = 0;
        int min = Integer.MAX_VALUE;
        for (int[] prompt : this.prompts) {
            max = Math.max(max, prompt.length - 1);
            min = Math.min(min, prompt.length - 1);
        }
        equalLengths = min == max;
        prefixLength = equalLengths ? max : (max + BUCKET - 1) / BUCKET * BUCKET;

        slotOfRow = new int[rows];
        int[] size = new int[members.length];
        for (int i = 0; i < rows; i++) {
            slotOfRow[i] = size[group[i]]++;
        }
        int most = Arrays.stream(size).max().orElse(0);
        apart = members.length < rows && members.length * most <= MOST_SLOTS * rows;
        if (apart) {
            int[] slots = new int[members.length * most];
            Arrays.fill(slots, -1);
            for (int i = 0; i < rows; i++) {
                slotOfRow[i] += group[i] * most;
                slots[slotOfRow[i]] = i;
            }
            for (int s = 0; s < slots.length; s++) {
                slots[s] = slots[s] < 0 ? slots[s / most * most] : slots[s];
            }
            rowOfSlot = slots;
        } else {
            Arrays.setAll(slotOfRow, i -> i);
            rowOfSlot = slotOfRow;
        }
    }

    int groups() {
        return members.length;
    }

    int slots() {
        return rowOfSlot.length;
    }

    /** The row in a slot. */
    int row(int slot) {
        return rowOfSlot[slot];
    }

    /** The prompt of the row in a slot. */
    int[] prompt(int slot) {
        return prompts[rowOfSlot[slot]];
    }

    /** Tokens of a prefix, filling included. */
    int prefixLength() {
        return prefixLength;
    }

    /** The prompt that a group's prefix is cut from; its last token does not belong to the prefix. */
    int[] member(int index) {
        return members[index];
    }

    /** int64 [groups, prefixLength − from]: prefixes from a position on. */
    NDArray prefix(NDManager manager, int from) {
        int width = prefixLength - from;
        long[] tokens = new long[members.length * width];
        for (int g = 0; g < members.length; g++) {
            int n = Math.min(members[g].length - 1, prefixLength);
            for (int t = from; t < n; t++) {
                tokens[g * width + t - from] = members[g][t];
            }
        }
        return manager.create(tokens, new Shape(members.length, width));
    }

    /**
     * int64 [rows]: the slot of each row where suffixes stand in slots: as many for every group, in the order of the groups,
     * free ones filled with the group's first row. The queries of a group are then one array that attends to one copy of
     * the prefix. Empty where suffixes stand in the order of the rows.
     */
    NDArray slots(NDManager manager) {
        long[] slots = new long[apart ? slotOfRow.length : 0];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = slotOfRow[i];
        }
        return manager.create(slots, new Shape(slots.length));
    }

    /** int64 [rows]: the group of each row; empty when every row is its own. */
    NDArray group(NDManager manager) {
        long[] index = new long[members.length == prompts.length ? 0 : prompts.length];
        for (int i = 0; i < index.length; i++) {
            index[i] = group[i];
        }
        return manager.create(index, new Shape(index.length));
    }

    /** int64 [rows]: how much of its group's prefix is a row's own, of these rows; empty when that is all of it for every row. */
    NDArray lengths(NDManager manager, int[] rows) {
        long[] lengths = new long[equalLengths ? 0 : rows.length];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = prompts[rows[i]].length - 1;
        }
        return manager.create(lengths, new Shape(lengths.length));
    }

    /** int64 [slots]: {@link #lengths} in the order of {@link #suffix}. */
    NDArray suffixLengths(NDManager manager) {
        return lengths(manager, rowOfSlot);
    }

    /** int64 [rows]: the last token of each prompt. */
    NDArray lastTokens(NDManager manager) {
        long[] tokens = new long[prompts.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = prompts[i][prompts[i].length - 1];
        }
        return manager.create(tokens, new Shape(tokens.length));
    }

    /** int64 [slots, columns]: the last token of each prompt and its response but for the last token, in {@link #slots}. */
    NDArray suffix(NDManager manager, List<int[]> responses, int columns) {
        long[] tokens = new long[rowOfSlot.length * columns];
        for (int s = 0; s < rowOfSlot.length; s++) {
            int[] prompt = prompts[rowOfSlot[s]];
            int[] response = responses.get(rowOfSlot[s]);
            tokens[s * columns] = prompt[prompt.length - 1];
            for (int t = 1; t < response.length; t++) {
                tokens[s * columns + t] = response[t - 1];
            }
        }
        return manager.create(tokens, new Shape(rowOfSlot.length, columns));
    }
}
