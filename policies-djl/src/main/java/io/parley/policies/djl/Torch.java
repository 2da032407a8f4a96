package io.parley.policies.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;

/** The PyTorch engine by its name, whatever other engines are on the class path. */
final class Torch {
    static final String ENGINE = "PyTorch";

    private Torch() {}

    static Engine engine() {
        return Engine.getEngine(ENGINE);
    }

    /** A manager that belongs to the caller. */
    static NDManager newManager() {
        return engine().newBaseManager();
    }
}
