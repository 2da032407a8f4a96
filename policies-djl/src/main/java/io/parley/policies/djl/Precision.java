package io.parley.policies.djl;

/** In which numbers products with weights are computed. */
public enum Precision {
    FLOAT32("x", 4),
    /** Brain floating point: float32's exponent, 8 bits of precision. Fast where the processor has instructions for it. */
    BFLOAT16("torch.to(x, 15)", 2);

    private final String product;
    private final int bytes;

    Precision(String product, int bytes) {
        this.product = product;
        this.bytes = bytes;
    }

    /** TorchScript: {@code x} as a factor of a product. */
    String product() {
        return product;
    }

    /** Of one number. */
    int bytes() {
        return bytes;
    }
}
