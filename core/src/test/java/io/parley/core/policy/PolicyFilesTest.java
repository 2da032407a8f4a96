package io.parley.core.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFilesTest {
    @TempDir
    private Path folder;

    /** An array that has a shape and no numbers: one that is too large would not fit the tests' memory. */
    private static NDArray shaped(long... shape) {
        return (NDArray) Proxy.newProxyInstance(NDArray.class.getClassLoader(), new Class<?>[] {NDArray.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getShape" -> new Shape(shape);
                    case "getDataType" -> DataType.FLOAT32;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @Test
    void moreThanAFileHoldsIsRefusedBeforeAnythingIsWritten() {
        // Each of them could be written; their sum is one byte above what an int counts to.
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        arrays.put("a", shaped(1 << 14, 1 << 14));
        arrays.put("b", shaped(1 << 28));
        Path policy = folder.resolve("policy");
        assertEquals("cannot write " + policy.resolve("policy.safetensors") + ": its arrays have 2,147,483,648 bytes together, "
                        + "and at most 2,147,483,647 can be written to one file; train fewer parameters",
                assertThrows(IOException.class, () -> PolicyFiles.write(
                        policy, "mlp", JsonNodeFactory.instance.objectNode(), arrays, "{}")).getMessage());
        assertFalse(Files.exists(policy));
    }
}
