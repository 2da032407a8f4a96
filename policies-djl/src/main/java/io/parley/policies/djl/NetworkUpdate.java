package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.UpdateScope;
import java.util.List;
import java.util.Objects;

/** One optimiser step of a {@link Network}. */
final class NetworkUpdate implements UpdateScope {
    private final Network network;
    private final AdamW optimizer;
    private final NDManager manager;
    private final GradientCollector collector;
    private final Network.Graph graph;
    private boolean stepped;
    private boolean closed;

    NetworkUpdate(Network network, AdamW optimizer) {
        this.network = network;
        this.optimizer = optimizer;
        try {
            collector = Torch.engine().newGradientCollector();
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    "another update is open in this JVM: PyTorch's engine collects gradients for one at a time; close that one "
                            + "first", e);
        }
        manager = network.parameters().manager().newSubManager();
        try {
            graph = network.graph(manager, optimizer.taken());
        } catch (RuntimeException | Error e) {
            // An open collector would refuse every later update in this JVM.
            collector.close();
            manager.close();
            throw e;
        }
    }

    @Override
    public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        requireOpen();
        NetworkPolicy.requireRows(prompts, responses, request);
        return graph.score(prompts, responses, request);
    }

    @Override
    public NDArray array(float[][] rows, int columns) {
        requireOpen();
        float[] flat = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length > columns) {
                throw new IllegalArgumentException("row " + i + " has " + rows[i].length + " numbers; at most " + columns);
            }
            System.arraycopy(rows[i], 0, flat, i * columns, rows[i].length);
        }
        return manager.create(flat, new Shape(rows.length, columns));
    }

    @Override
    public void backward(NDArray loss) {
        requireOpen();
        collector.backward(loss);
        graph.spent();
    }

    @Override
    public double step(double learningRate) {
        requireOpen();
        if (stepped) {
            throw new IllegalStateException("this update has taken its step; begin another");
        }
        if (!(learningRate >= 0) || Double.isInfinite(learningRate)) {
            throw new IllegalArgumentException("learningRate is " + learningRate + "; a finite number, at least 0");
        }
        List<NDArray> gradients = graph.gradients();
        if (gradients.stream().allMatch(Objects::isNull)) {
            throw new IllegalStateException("no gradient: call backward on a loss made of this scope's scores before step");
        }
        double squares = graph.squaredNorm(gradients);
        if (Double.isNaN(squares) || Double.isInfinite(squares)) {
            throw new ArithmeticException("the gradient is not finite (norm " + Math.sqrt(squares)
                    + "); the parameters are as they were before the step");
        }
        optimizer.step(manager, network.parameters().values(), gradients, squares, learningRate);
        network.parametersChanged();
        stepped = true;
        return Math.sqrt(squares);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this update is closed; begin another");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            collector.close();
            manager.close();
        }
    }
}
