package io.parley.checkpoints;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Types of numbers that a safetensors file may hold, by the names of its format. Models are computed with the first three. */
public enum Dtype {
    F32(4, "float32"),
    F16(2, "float16"),
    BF16(2, "bfloat16"),
    F64(8, "float64"),
    F8_E5M2(1, "float8_e5m2"),
    F8_E4M3(1, "float8_e4m3fn"),
    I64(8, "int64"),
    I32(4, "int32"),
    I16(2, "int16"),
    I8(1, "int8"),
    U64(8, "uint64"),
    U32(4, "uint32"),
    U16(2, "uint16"),
    U8(1, "uint8"),
    BOOL(1, "bool");

    private final int bytes;
    private final String torchName;

    Dtype(int bytes, String torchName) {
        this.bytes = bytes;
        this.torchName = torchName;
    }

    /** Bytes of one number. */
    public int bytes() {
        return bytes;
    }

    /** What {@code config.json} calls it, such as {@code bfloat16}. */
    public String torchName() {
        return torchName;
    }

    /** Whether weights of this type can be computed with: {@link #F32}, {@link #F16} or {@link #BF16}. */
    public boolean isWeight() {
        return this == F32 || this == F16 || this == BF16;
    }

    static Optional<Dtype> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    /** @param name as in {@code config.json}, with or without {@code torch.} before it */
    static Optional<Dtype> ofTorch(String name) {
        String bare = name.startsWith("torch.") ? name.substring("torch.".length()) : name;
        return Arrays.stream(values()).filter(type -> type.torchName.equals(bare)).findFirst();
    }

    /** The types of weights, for messages. */
    static String weights() {
        return Arrays.stream(values()).filter(Dtype::isWeight).map(Dtype::torchName).collect(Collectors.joining(", "));
    }
}
