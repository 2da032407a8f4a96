package io.parley.core.policy;

import ai.djl.ndarray.NDArray;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.util.List;

/**
 * One optimiser step. Arrays made in it live until it closes. Composing a loss:
 * results attach to the receiver's memory manager, so write {@code scores.logProbs().mul(x)}, not the reverse.
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
