package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.DecoderConfig;
import io.parley.checkpoints.Dtype;
import io.parley.checkpoints.LoraConfig;
import io.parley.checkpoints.Projection;
import io.parley.checkpoints.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a policy and its snapshots share of a pretrained decoder: kernels, weights that nobody trains, and hidden states that
 * follow from these alone. Closed with the last of them.
 */
final class PretrainedBase {
    private static final int FLOAT32 = 6;
    private static final int BFLOAT16 = 15;

    private final Checkpoint checkpoint;
    private final Precision precision;
    private final TorchScript script;
    private final NDManager manager = Torch.newManager();
    private final List<NDArray> frozen = new ArrayList<>();
    private final NDArray noAdapter = manager.create(new Shape(0));
    private final NDArray training = manager.create(true);
    private final NDArray evaluating = manager.create(false);
    private final TrunkStates trunkStates = new TrunkStates();
    private int users = 1;

    /** @param lora null where all weights are trained; then none is frozen */
    PretrainedBase(Checkpoint checkpoint, Precision precision, LoraConfig lora) {
        this.checkpoint = checkpoint;
        this.precision = precision;
        script = TorchScript.resources(List.of("scores.py", "causal_lm.py"), replacements(checkpoint.config(), precision, lora));
        if (lora != null) {
            checkpoint.tensors().values().forEach(tensor -> frozen.add(array(tensor, manager)));
        }
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    Precision precision() {
        return precision;
    }

    TorchScript script() {
        return script;
    }

    /** Every tensor of the checkpoint in its order, in the precision of products; empty where all weights are trained. */
    List<NDArray> frozen() {
        return frozen;
    }

    /** Stands where a map has no adapter. */
    NDArray noAdapter() {
        return noAdapter;
    }

    /** Tells the kernels to drop out. */
    NDArray training() {
        return training;
    }

    /** Tells them not to. */
    NDArray evaluating() {
        return evaluating;
    }

    TrunkStates trunkStates() {
        return trunkStates;
    }

    PretrainedBase share() {
        users++;
        return this;
    }

    void release() {
        users--;
        if (users == 0) {
            trunkStates.close();
            manager.close();
        }
    }

    /** A tensor in the precision in which this base holds weights. The mapped bytes are read once and copied once. */
    NDArray array(Tensor tensor, NDManager owner) {
        ByteBuffer bytes = tensor.data();
        try (NDManager scratch = owner.newSubManager()) {
            NDArray bits = scratch.create(
                    bytes, new Shape(tensor.shape()), tensor.dtype() == Dtype.F32 ? DataType.FLOAT32 : DataType.FLOAT16);
            NDArray bfloat = scratch.create(tensor.dtype() == Dtype.BF16);
            return script.call(owner, "weight", bits, bfloat).head();
        }
    }

    /** The text of the kernels where decoders differ. */
    private static Map<String, String> replacements(DecoderConfig config, Precision precision, LoraConfig lora) {
        boolean bfloat = precision == Precision.BFLOAT16;
        List<String> names = List.copyOf(config.expectedTensors().keySet());
        int stride = (int) names.stream().filter(name -> name.startsWith("model.layers.0.")).count();
        Map<String, String> text = new HashMap<>();
        text.put("vocabulary", Integer.toString(config.vocabulary()));
        text.put("hidden", Integer.toString(config.hidden()));
        text.put("perHidden", Double.toString(1.0 / config.hidden()));
        text.put("epsilon", Double.toString(config.epsilon()));
        text.put("layers", Integer.toString(config.layers()));
        text.put("heads", Integer.toString(config.heads()));
        text.put("groups", Integer.toString(config.keyValueHeads()));
        text.put("repeat", Integer.toString(config.heads() / config.keyValueHeads()));
        text.put("head", Integer.toString(config.headSize()));
        text.put("halfHead", Integer.toString(config.headSize() / 2));
        text.put("scale", Double.toString(1 / Math.sqrt(config.headSize())));
        text.put("window", Integer.toString(config.slidingWindow()));
        text.put("firstWindowed", Integer.toString(config.firstWindowedLayer()));
        text.put("stride", Integer.toString(stride));
        text.put("adapters", Integer.toString(names.size()));
        text.put("mode", Integer.toString(names.size() + config.layers() * 2 * Projection.values().length));
        text.put("dropout", Double.toString(lora == null ? 0 : lora.dropout()));
        text.put("scaling", Double.toString(lora == null ? 0 : lora.scaling()));
        text.put("product", bfloat ? "torch.to(x, " + BFLOAT16 + ")" : "x");
        text.put("stored", Integer.toString(bfloat && lora != null ? BFLOAT16 : FLOAT32));
        for (Projection projection : Projection.values()) {
            String input = switch (projection) {
                case OUTPUT -> "a";
                case DOWN -> "z";
                default -> "y";
            };
            String module = projection.module(0);
            text.put(projection.name().toLowerCase(Locale.ROOT), "torch.linear(" + input + ", " + weight(names, module + ".weight")
                    + ", " + (projection.hasBias(config) ? weight(names, module + ".bias") : "None") + ")");
        }
        text.put("mlpNorm", Integer.toString(names.indexOf(DecoderConfig.mlpNorm(0)) - 1));
        text.put("queryNorm", headNorm(config, names, "q", DecoderConfig.queryNorm(0)));
        text.put("keyNorm", headNorm(config, names, "k", DecoderConfig.keyNorm(0)));
        return text;
    }

    /** The embedding stands before the layers. */
    private static String weight(List<String> names, String name) {
        return "(self).product(w[b + " + (names.indexOf(name) - 1) + "])";
    }

    private static String headNorm(DecoderConfig config, List<String> names, String variable, String name) {
        return config.queryKeyNorm()
                ? "(self).norm(" + variable + ", w[b + " + (names.indexOf(name) - 1) + "], " + 1.0 / config.headSize() + ")"
                : variable;
    }

    /** In which numbers products are computed, and weights that nobody trains are held. */
    enum Precision { FLOAT32, BFLOAT16 }
}
