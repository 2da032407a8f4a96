package io.parley.core.policy;

import ai.djl.ndarray.NDArray;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.util.List;

/**
 * One optimiser step. Arrays made in it live until it closes, but for scores and what is made of them: these live until the first
 * {@link #score} after their {@link #backward}, so that mini-batches that are learnt from in parts take the memory of one.
 * Composing a loss:
 * results attach to the receiver's memory manager, so write {@code scores.logProbs().mul(x)}, not the reverse; and multiply
 * by {@code scope.constant(2)}, not by {@code 2}. DJL frees the array that it makes of a Java number in {@code mul},
 * {@code div}, {@code maximum}, {@code minimum} and {@code pow} at once, and the graph would read it again in
 * {@link #backward}: after a garbage collection in between the gradient is wrong.
 */
public interface UpdateScope extends AutoCloseable {
    /** As {@link Policy#score}, differentiable; dropout, if the policy has any, is active. */
    ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request);

    /**
     * Numbers as an array of shape [rows, columns] on this scope's manager, float32, without gradient.
     *
     * @param rows each at most {@code columns} long; the rest is 0
     */
    NDArray array(float[][] rows, int columns);

    /** A number as an array without dimensions, alive until this scope closes: what a loss is multiplied or divided by. */
    default NDArray constant(double value) {
        return array(new float[][] {{(float) value}}, 1).squeeze(new int[] {0, 1});
    }

    /** Adds the gradient of a scalar loss. The loss's graph is freed. */
    void backward(NDArray loss);

    /**
     * Clips the summed gradient and takes one step with it.
     *
     * @param learningRate at least 0
     * @return Euclidean norm of the gradient before clipping
     * @throws ArithmeticException if the gradient is not finite; the parameters are left as they were
     */
    double step(double learningRate);

    /** Frees everything made in this scope. An update that is closed without a step changes nothing. */
    @Override
    void close();
}
