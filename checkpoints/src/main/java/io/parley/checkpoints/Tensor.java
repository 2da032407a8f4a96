package io.parley.checkpoints;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A named array of a checkpoint: its bytes, row by row, little-endian.
 *
 * @param shape sizes of its dimensions; empty for a single number
 * @param data exactly the array's bytes; a tensor that was read from a file is a mapping of it, direct and read-only
 */
public record Tensor(String name, Dtype dtype, long[] shape, ByteBuffer data) {
    /** @throws IllegalArgumentException if the bytes are not as many as the shape and the type ask for */
    public Tensor {
        shape = shape.clone();
        data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (data.remaining() != bytes(dtype, shape)) {
            throw new IllegalArgumentException(name + " has " + data.remaining() + " bytes; " + dtype + " of shape "
                    + Arrays.toString(shape) + " has " + bytes(dtype, shape));
        }
    }

    /**
     * A tensor from numbers.
     *
     * @param dtype {@link Dtype#F32}, or {@link Dtype#F16} or {@link Dtype#BF16} to round to nearest, ties to even
     * @throws IllegalArgumentException if {@code dtype} is another or the values do not fill the shape
     */
    public static Tensor of(String name, Dtype dtype, float[] values, long... shape) {
        requireWeight(name, dtype);
        ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        if (dtype == Dtype.F32) {
            data.asFloatBuffer().put(values);
            return new Tensor(name, dtype, shape, data);
        }
        short[] bits = new short[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = dtype == Dtype.F16 ? Halves.toFloat16(values[i]) : Halves.toBfloat16(values[i]);
        }
        data.asShortBuffer().put(bits);
        return new Tensor(name, dtype, shape, data);
    }

    /** Bytes of an array, or {@link ArithmeticException} if they are more than a long can say. */
    static long bytes(Dtype dtype, long[] shape) {
        long count = dtype.bytes();
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        return count;
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** The bytes, with a position of the caller's own. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The numbers, row by row.
     *
     * @throws IllegalArgumentException if the type is not one of weights
     */
    public float[] toFloats() {
        requireWeight(name, dtype);
        float[] values = new float[data.capacity() / dtype.bytes()];
        if (dtype == Dtype.F32) {
            data().asFloatBuffer().get(values);
            return values;
        }
        short[] bits = new short[values.length];
        data().asShortBuffer().get(bits);
        for (int i = 0; i < bits.length; i++) {
            values[i] = dtype == Dtype.F16 ? Halves.fromFloat16(bits[i]) : Halves.fromBfloat16(bits[i]);
        }
        return values;
    }

    /** The same numbers as another type of weights, rounded to nearest; this tensor itself if it is of that type. */
    public Tensor as(Dtype other) {
        return other == dtype ? this : of(name, other, toFloats(), shape);
    }

    private static void requireWeight(String name, Dtype dtype) {
        if (!dtype.isWeight()) {
            throw new IllegalArgumentException(name + " is " + dtype.torchName() + "; weights are " + Dtype.weights());
        }
    }
}
