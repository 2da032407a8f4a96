package io.parley.policies.djl;

/** In which numbers products with weights are computed. */
public enum Precision {
    FLOAT32("x"),
    /** Brain floating point: float32's exponent, 8 bits of precision. Fast where the processor has instructions for it. */
    BFLOAT16("torch.to(x, 15)");

    private final String product;

    Precision(String product) {
        this.product = product;
    }

    /** TorchScript: {@code x} as a factor of a product. */
    String product() {
        return product;
    }
}
