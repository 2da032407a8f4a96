package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Which tokens a response may have at each of its positions, as the kernels use it. */
final class AllowedTokens {
    /** Stands for minus infinity: exp of it is 0, and 0 times it is 0. */
    private static final float NEVER = -1e30f;

    /** float32 [positions or 1, outputs]: what is added to logits, and the uniform distribution over what is allowed. */
    private final NDArray bias;
    private final NDArray uniform;

    /**
     * @param manager closes the arrays
     * @param allowed by position and token; null for everything
     * @param outputs logits of a position
     */
    AllowedTokens(NDManager manager, boolean[][] allowed, int outputs) {
        boolean[][] table = allowed == null ? everything(outputs) : allowed;
        float[] added = new float[table.length * outputs];
        float[] share = new float[table.length * outputs];
        for (int t = 0; t < table.length; t++) {
            int count = 0;
            for (boolean each : table[t]) {
                count += each ? 1 : 0;
            }
            for (int id = 0; id < outputs; id++) {
                added[t * outputs + id] = table[t][id] ? 0 : NEVER;
                share[t * outputs + id] = table[t][id] ? 1f / count : 0;
            }
        }
        Shape shape = new Shape(table.length, outputs);
        bias = manager.create(added, shape);
        uniform = manager.create(share, shape);
    }

    private static boolean[][] everything(int size) {
        boolean[][] all = new boolean[1][size];
        Arrays.fill(all[0], true);
        return all;
    }

    /** float32 [1, outputs]: what is added to the logits of position t. */
    NDArray biasAt(NDManager manager, int t) {
        return rows(bias, t, t + 1, manager);
    }

    /** float32 [columns or 1, outputs]: what is added to the logits of the first positions. */
    NDArray bias(NDManager manager, int columns) {
        return rows(bias, 0, columns, manager);
    }

    /** float32 [columns or 1, outputs]: the uniform distribution over what is allowed at the first positions. */
    NDArray uniform(NDManager manager, int columns) {
        return rows(uniform, 0, columns, manager);
    }

    private static NDArray rows(NDArray table, int from, int to, NDManager manager) {
        long positions = table.getShape().get(0);
        if (positions == 1 || from == 0 && to == positions) {
            return table;
        }
        NDArray rows = table.get(new NDIndex(from + ":" + to));
        rows.attach(manager);
        return rows;
    }
}
