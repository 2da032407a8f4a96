package io.parley.benchmarks.bench;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginContext;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** The rate of a plain product of two square float32 matrices, on the engine and the threads that training has: the yardstick. */
public final class MatrixProduct {
    private MatrixProduct() {}

    /**
     * Median rate.
     *
     * @param size rows and columns, at least 1
     * @param repetitions products that count, at least 1; a third as many go before them
     */
    public static ObjectNode measure(int size, int repetitions, PluginContext context) {
        RandomGenerator random = context.streams().stream("matrix", 0, 0, 0);
        float[][] rows = new float[size][size];
        for (float[] row : rows) {
            for (int i = 0; i < size; i++) {
                row[i] = random.nextFloat() - 0.5f;
            }
        }
        Meter meter = new Meter();
        List<Double> seconds = new ArrayList<>();
        // Arrays come from a policy, which knows its engine.
        try (TrainablePolicy policy = new Quickstart(context).policy("mlp")) {
            policy.configureOptimizer(OptimizerConfig.adam());
            try (UpdateScope scope = policy.beginUpdate()) {
                NDArray matrix = scope.array(rows, size);
                int warmUp = repetitions / 3 + 1;
                for (int i = 0; i < warmUp + repetitions; i++) {
                    long start = System.nanoTime();
                    matrix.matMul(matrix).close();
                    if (i >= warmUp) {
                        seconds.add((System.nanoTime() - start) / 1e9);
                    }
                }
            }
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode()
                .put("size", size)
                .put("gflops", 2.0 * size * size * size / Median.of(seconds, s -> s) / 1e9);
        meter.addTo(result);
        return result;
    }
}
