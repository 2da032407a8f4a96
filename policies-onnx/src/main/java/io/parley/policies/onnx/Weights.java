package io.parley.policies.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Map;

/** The arrays of a saved policy as Java's numbers, each of the type and shape that is expected of it. */
record Weights(Map<String, NDArray> arrays) {
    /** @throws IOException if there is no such array of float32 */
    float[] floats(String name, long... shape) throws IOException {
        return find(name, DataType.FLOAT32, new Shape(shape)).toFloatArray();
    }

    /** @throws IOException if there is no such array of int32 */
    int[] ints(String name, long... shape) throws IOException {
        return find(name, DataType.INT32, new Shape(shape)).toIntArray();
    }

    /** @throws IOException if there is no such array of int64 */
    long[] longs(String name, long... shape) throws IOException {
        return find(name, DataType.INT64, new Shape(shape)).toLongArray();
    }

    /** Length of an array's first axis. */
    long rows(String name) throws IOException {
        return find(name).getShape().get(0);
    }

    private NDArray find(String name, DataType type, Shape shape) throws IOException {
        NDArray array = find(name);
        if (array.getDataType() != type || !array.getShape().equals(shape)) {
            throw new IOException("'" + name + "' is " + array.getDataType() + " " + array.getShape()
                    + ", expected " + type + " " + shape);
        }
        return array;
    }

    private NDArray find(String name) throws IOException {
        NDArray array = arrays.get(name);
        if (array == null) {
            throw new IOException("there is no '" + name + "'; there are " + arrays.keySet());
        }
        return array;
    }
}
