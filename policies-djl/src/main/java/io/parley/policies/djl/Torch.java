package io.parley.policies.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/** The PyTorch engine by its name, whatever other engines are on the class path. */
final class Torch {
    static final String ENGINE = "PyTorch";

    private Torch() {}

    static Engine engine() {
        return Holder.ENGINE_INSTANCE;
    }

    /** A manager that belongs to the caller. */
    static NDManager newManager() {
        return engine().newBaseManager();
    }

    private static final class Holder {
        static final Engine ENGINE_INSTANCE = load();

        private static Engine load() {
            Engine engine = Engine.getEngine(ENGINE);
            // The profiling executor specialises on the first calls, and fails when calls with and without gradients alternate.
            JniUtils.setGraphExecutorOptimize(false);
            return engine;
        }
    }
}
