package io.parley.policies.onnx;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;

/** The ONNX Runtime engine by its name, whatever other engines are on the class path. */
final class Onnx {
    private static final String ENGINE = "OnnxRuntime";
    private static final String NO_ALTERNATIVE = "ai.djl.onnx.disable_alternative";

    static {
        // Otherwise DJL loads PyTorch too, where it is on the class path, for operations on arrays that nothing here uses.
        if (System.getProperty(NO_ALTERNATIVE) == null) {
            System.setProperty(NO_ALTERNATIVE, "true");
        }
    }

    private Onnx() {}

    /** A manager that belongs to the caller. */
    static NDManager newManager() {
        return Engine.getEngine(ENGINE).newBaseManager(Device.cpu());
    }

    /** A model that belongs to the caller. */
    static Model newModel(String name) {
        return Model.newInstance(name, Device.cpu(), ENGINE);
    }
}
