package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Trained parameters by name, in a fixed order, float32, without gradient (the "masters"). Owns a manager. */
final class Parameters implements AutoCloseable {
    private final NDManager manager;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();

    Parameters() {
        manager = Torch.newManager();
    }

    NDManager manager() {
        return manager;
    }

    /**
     * Adds a parameter, or puts another array in the place of one; the array is copied and closed. The copy lies in
     * memory of libtorch's own: arrays made from Java's numbers lie wherever Java put them, and matrix products round
     * differently when the alignment of their operands differs, so that a run would not repeat.
     */
    void put(String name, NDArray array) {
        NDArray own = array.duplicate();
        own.attach(manager);
        array.close();
        NDArray former = arrays.put(name, own);
        if (former != null) {
            former.close();
        }
    }

    NDArray get(String name) {
        return arrays.get(name);
    }

    Map<String, NDArray> byName() {
        return arrays;
    }

    Collection<NDArray> values() {
        return arrays.values();
    }

    /** The same values in storage of their own. */
    Parameters copy() {
        Parameters copy = new Parameters();
        try {
            arrays.forEach((name, array) -> copy.put(name, array.duplicate()));
        } catch (RuntimeException | Error e) {
            copy.close();
            throw e;
        }
        return copy;
    }

    /** Arrays that share the storage of the named parameters and collect a gradient. */
    List<NDArray> leaves(NDManager owner, Collection<String> names) {
        List<NDArray> leaves = new ArrayList<>(names.size());
        for (String name : names) {
            NDArray leaf = arrays.get(name).stopGradient();
            leaf.attach(owner);
            leaf.setRequiresGradient(true);
            leaves.add(leaf);
        }
        return leaves;
    }

    /** @throws IOException if {@code others} are not of the named parameters' names, types and shapes; says what differs */
    void requireSame(Map<String, NDArray> others, Collection<String> names) throws IOException {
        if (!others.keySet().equals(Set.copyOf(names))) {
            throw new IOException("found parameters " + others.keySet() + ", expected " + names);
        }
        for (String name : names) {
            NDArray own = arrays.get(name);
            NDArray other = others.get(name);
            if (!own.getShape().equals(other.getShape()) || own.getDataType() != other.getDataType()) {
                throw new IOException("parameter " + name + " is " + other.getDataType() + " " + other.getShape() + ", expected "
                        + own.getDataType() + " " + own.getShape());
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
