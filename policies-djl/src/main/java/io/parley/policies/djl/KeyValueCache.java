package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keys and values of the prefixes of rows that are sampled together, with room for a response behind them, written in place.
 */
final class KeyValueCache implements AutoCloseable {
    private final TorchScript script;
    private final NDManager manager;
    private final Precision precision;
    private final List<NDArray> keys = new ArrayList<>();
    private final List<NDArray> values = new ArrayList<>();
    /** Tokens whose keys and values are held, by group. */
    private int[][] held;

    /**
     * @param script makes the arrays, of its own type of numbers
     * @param shape of one layer's: groups, heads, positions of a row, numbers of a head
     * @param states width of hidden states that are held beside the keys, 0 for none
     * @param precision of the script's numbers
     */
    KeyValueCache(TorchScript script, NDManager parent, int layers, Shape shape, long states, Precision precision) {
        this.script = script;
        this.precision = precision;
        manager = parent.newSubManager();
        held = new int[(int) shape.get(0)][0];
        try {
            for (int i = 0; i < layers; i++) {
                keys.add(array(shape));
                values.add(array(shape));
            }
            if (states > 0) {
                keys.add(array(new Shape(shape.get(0), 1, shape.get(2), states)));
            }
        } catch (RuntimeException | Error e) {
            // Often for want of memory, of which nobody else would give this back before the network closes.
            manager.close();
            throw e;
        }
    }

    private NDArray array(Shape shape) {
        List<NDArray> sizes = Arrays.stream(shape.getShape()).mapToObj(manager::create).toList();
        return script.call(manager, "cache", sizes).head();
    }

    /** Copies positions before {@code length} of groups {@code from} of another cache to groups {@code to} of this one. */
    void copy(KeyValueCache other, NDManager scratch, int length, List<Integer> from, List<Integer> to) {
        NDArray positions = scratch.create((long) length);
        NDArray sources = scratch.create(from.stream().mapToLong(Integer::longValue).toArray());
        NDArray targets = scratch.create(to.stream().mapToLong(Integer::longValue).toArray());
        script.call(scratch, "copyRows", other.keys, keys, sources, targets, positions);
        script.call(scratch, "copyRows", other.values, values, sources, targets, positions);
    }

    /**
     * [groups, heads, capacity, head], one a layer, and where hidden states are held [groups, 1, capacity, width] behind them.
     */
    List<NDArray> keys() {
        return keys;
    }

    /** [groups, heads, capacity, head], one a layer. */
    List<NDArray> values() {
        return values;
    }

    int groups() {
        return held.length;
    }

    /** Memory of all arrays. */
    long bytes() {
        return precision.bytes() * Stream.concat(keys.stream(), values.stream()).mapToLong(NDArray::size).sum();
    }

    /** Number of positions at which a prompt's prefix begins with what a group holds. */
    int shared(int group, int[] prompt) {
        int n = Math.min(prompt.length - 1, held[group].length);
        int differs = Arrays.mismatch(prompt, 0, n, held[group], 0, n);
        return differs < 0 ? n : differs;
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
