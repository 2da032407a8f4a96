package io.parley.policies.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;

/** Gradients beside differences of what they are gradients of. */
final class Gradients {
    /** How far to go to either side: less drowns in float32's rounding, more bends with the objective. */
    private static final double STEP = 0.004;

    private Gradients() {}

    /**
     * Along each parameter's gradient, which shows a wrong factor best, and in three random directions. Entries that are missing
     * from a gradient do not show along it: there the slope is the length of what is left of it. Tolerances are shares of what
     * is to be expected in the direction, so that a small gradient is held to as much as a large one.
     */
    static void assertThoseOfFiniteDifferences(Map<String, float[]> gradients, Parameters parameters, DoubleSupplier objective) {
        Random random = new Random(17);
        gradients.forEach((name, gradient) -> {
            double norm = Math.sqrt(product(gradient, gradient));
            assertTrue(norm > 0, name);
            assertEquals(norm, slope(parameters.get(name), gradient, objective), 0.03 * norm, name);
            for (int i = 0; i < 3; i++) {
                float[] direction = new float[gradient.length];
                for (int k = 0; k < direction.length; k++) {
                    direction[k] = (float) random.nextGaussian();
                }
                assertEquals(product(direction, gradient) / Math.sqrt(product(direction, direction)),
                        slope(parameters.get(name), direction, objective), 0.05 * norm / Math.sqrt(gradient.length), name);
            }
        });
    }

    private static double product(float[] x, float[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (double) x[i] * y[i];
        }
        return sum;
    }

    /** Of the objective, by how far one goes, from both sides. */
    private static double slope(NDArray array, float[] direction, DoubleSupplier objective) {
        double step = STEP / Math.sqrt(product(direction, direction));
        return (shifted(array, direction, step, objective) - shifted(array, direction, -step, objective)) / (2 * STEP);
    }

    private static double shifted(NDArray array, float[] direction, double by, DoubleSupplier objective) {
        float[] former = array.toFloatArray();
        float[] moved = former.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (by * direction[i]);
        }
        array.set(moved);
        double value = objective.getAsDouble();
        array.set(former);
        return value;
    }
}
