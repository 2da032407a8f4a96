package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.parley.core.policy.OptimizerConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * AdamW (Kingma and Ba, ICLR 2015; Loshchilov and Hutter, ICLR 2019), all parameters in one call:
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − η·(m̂ / (√v̂ + ε) + λw), with m̂ = m/(1 − β₁ᵗ) and
 * v̂ = v/(1 − β₂ᵗ). The decay applies to every parameter.
 */
final class AdamW implements AutoCloseable {
    private static final TorchScript SCRIPT = TorchScript.resources(List.of("adamw.py"), Map.of());

    private final OptimizerConfig config;
    private final NDManager manager;
    private final List<NDArray> first = new ArrayList<>();
    private final List<NDArray> second = new ArrayList<>();
    private final List<NDArray> steps = new ArrayList<>();
    private long taken;

    AdamW(OptimizerConfig config) {
        this.config = config;
        manager = Torch.newManager();
    }

    /** Σ g² over all arrays; not finite when a gradient is not. */
    static double squaredNorm(NDManager scratch, List<NDArray> gradients) {
        double sum = 0;
        for (float square : SCRIPT.call(scratch, "squares", gradients).head().toFloatArray()) {
            sum += square;
        }
        return sum;
    }

    /**
     * Clips and steps.
     *
     * @param masters changed in place
     * @param gradients one a master, null where there is none (that master stays)
     * @param squaredNorm of all gradients together, finite
     */
    void step(NDManager scratch, Collection<NDArray> masters, List<NDArray> gradients, double squaredNorm, double learningRate) {
        List<NDArray> w = new ArrayList<>();
        List<NDArray> g = new ArrayList<>();
        List<NDArray> m = new ArrayList<>();
        List<NDArray> v = new ArrayList<>();
        List<NDArray> s = new ArrayList<>();
        int i = 0;
        for (NDArray master : masters) {
            if (i == first.size()) {
                first.add(manager.zeros(master.getShape()));
                second.add(manager.zeros(master.getShape()));
                steps.add(manager.zeros(new Shape()));
            } else if (!first.get(i).getShape().equals(master.getShape())) {
                first.set(i, grown(first.get(i), master.getShape()));
                second.set(i, grown(second.get(i), master.getShape()));
            }
            if (gradients.get(i) != null) {
                w.add(master);
                g.add(gradients.get(i));
                m.add(first.get(i));
                v.add(second.get(i));
                s.add(steps.get(i));
            }
            i++;
        }
        double norm = Math.sqrt(squaredNorm);
        boolean clip = config.maxGradNorm() > 0 && norm > config.maxGradNorm();
        NDArray divisor = scratch.create((float) (clip ? norm / config.maxGradNorm() : 1));
        NDArray constants = scratch.create(
                new double[] {learningRate, config.beta1(), config.beta2(), config.weightDecay(), config.epsilon()});
        SCRIPT.call(scratch, "step", w, g, m, v, s, constants, divisor);
        taken++;
    }

    /** A parameter that got more rows starts their moments at 0, as if their gradient had been 0 until now. */
    private NDArray grown(NDArray moment, Shape shape) {
        long[] missing = shape.getShape().clone();
        missing[0] -= moment.getShape().get(0);
        try (NDArray former = moment; NDArray zeros = manager.zeros(new Shape(missing), DataType.FLOAT32)) {
            NDArray result = former.concat(zeros, 0);
            result.attach(manager);
            return result;
        }
    }

    /** Steps since the moments were 0. */
    long taken() {
        return taken;
    }

    /** The configuration, for a reader to compare. */
    OptimizerConfig config() {
        return config;
    }

    /**
     * Moments as {@code first.NAME} and {@code second.NAME}, in the form of the parameter's file, and all {@code steps};
     * empty before the first step.
     */
    Map<String, NDArray> toFile(Network network, NDManager scratch) {
        Map<String, NDArray> file = new LinkedHashMap<>();
        if (first.isEmpty()) {
            return file;
        }
        int i = 0;
        for (String name : network.parameters().byName().keySet()) {
            file.put("first." + name, network.toFile(name, first.get(i), scratch));
            file.put("second." + name, network.toFile(name, second.get(i), scratch));
            i++;
        }
        NDArray counts = NDArrays.stack(new NDList(steps));
        counts.attach(scratch);
        file.put("steps", counts);
        return file;
    }

    /**
     * Takes over what {@link #toFile} gave.
     *
     * @param network has read the parameters beside it
     * @param parameters what it has read, by name
     */
    void fromFile(Network network, Map<String, NDArray> parameters, Map<String, NDArray> file, NDManager scratch) {
        List<NDArray> former = new ArrayList<>(first);
        former.addAll(second);
        former.addAll(steps);
        former.forEach(NDArray::close);
        first.clear();
        second.clear();
        steps.clear();
        taken = 0;
        if (file.isEmpty()) {
            return;
        }
        for (String name : network.parameters().byName().keySet()) {
            first.add(own(network.fromFile(name, file.get("first." + name), parameters, scratch)));
            second.add(own(network.fromFile(name, file.get("second." + name), parameters, scratch)));
            steps.add(own(file.get("steps").get(steps.size())));
        }
        for (float each : file.get("steps").toFloatArray()) {
            taken = Math.max(taken, (long) each);
        }
    }

    /** In memory of libtorch's own, as the masters are. */
    private NDArray own(NDArray array) {
        NDArray copy = array.duplicate();
        copy.attach(manager);
        return copy;
    }

    @Override
    public void close() {
        manager.close();
    }
}
