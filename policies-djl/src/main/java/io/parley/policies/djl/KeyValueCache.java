package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys and values of the prefixes that were sampled from last, written in place, with room to grow: the prompts of the next
 * round of the same dialogues begin with those of this one.
 */
final class KeyValueCache implements AutoCloseable {
    private final NDManager manager;
    private final List<NDArray> keys = new ArrayList<>();
    private final List<NDArray> values = new ArrayList<>();
    private final Shape shape;
    /** Tokens whose keys and values are held, by group. */
    private int[][] held;

    /** @param shape of one layer's: groups, heads, positions of a row, numbers of a head */
    KeyValueCache(NDManager parent, int layers, Shape shape) {
        manager = parent.newSubManager();
        this.shape = shape;
        held = new int[(int) shape.get(0)][0];
        for (int i = 0; i < layers; i++) {
            keys.add(manager.create(shape));
            values.add(manager.create(shape));
        }
    }

    int capacity() {
        return (int) shape.get(2);
    }

    /** Takes over what a smaller cache of as many groups holds. */
    void takeOver(KeyValueCache smaller) {
        NDIndex begin = new NDIndex(":, :, 0:" + smaller.capacity());
        for (int i = 0; i < keys.size(); i++) {
            keys.get(i).set(begin, smaller.keys.get(i));
            values.get(i).set(begin, smaller.values.get(i));
        }
        held = smaller.held;
    }

    /** float32 [groups, heads, capacity, head], one a layer. */
    List<NDArray> keys() {
        return keys;
    }

    /** As {@link #keys()}. */
    List<NDArray> values() {
        return values;
    }

    int groups() {
        return held.length;
    }

    /** Number of positions at which every group's prefix begins with what is held. */
    int shared(PackedRows packed) {
        int shared = packed.prefixLength();
        for (int g = 0; g < held.length; g++) {
            int[] prompt = packed.member(g);
            int n = Math.min(shared, Math.min(prompt.length - 1, held[g].length));
            int differs = Arrays.mismatch(prompt, 0, n, held[g], 0, n);
            shared = differs < 0 ? n : differs;
        }
        return shared;
    }

    /** Says that keys and values of these prefixes are held now. */
    void holds(PackedRows packed) {
        int[][] now = new int[held.length][];
        for (int g = 0; g < now.length; g++) {
            int[] prompt = packed.member(g);
            now[g] = Arrays.copyOf(prompt, prompt.length - 1);
        }
        held = now;
    }

    @Override
    public void close() {
        manager.close();
    }
}
