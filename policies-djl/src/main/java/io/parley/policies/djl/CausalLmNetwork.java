package io.parley.policies.djl;

import static io.parley.checkpoints.LoraAdapter.A_SUFFIX;
import static io.parley.checkpoints.LoraAdapter.B_SUFFIX;
import static io.parley.checkpoints.TrainedModel.VALUE_BIAS;
import static io.parley.checkpoints.TrainedModel.VALUE_WEIGHT;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.DecoderConfig;
import io.parley.checkpoints.LoraAdapter;
import io.parley.checkpoints.LoraConfig;
import io.parley.checkpoints.Projection;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.tokens.TokenCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A pretrained decoder of which low-rank adapters are trained, W·x + s·B·A·x (Hu et al. 2021), or all weights; with a scalar
 * value head on the last hidden state in both cases. Frozen weights are shared by the policy and its snapshots.
 */
final class CausalLmNetwork extends DecoderNetwork {
    /** Sampling keeps no graph, and decodes the faster the more rows it has. */
    private static final int SAMPLING = 4;

    private final CausalLmProvider.Config config;
    private final PretrainedBase base;
    /** Null where all weights are trained. */
    private final LoraConfig lora;
    /** Layers before it have nothing that is trained. */
    private final int firstTrained;
    private final long dropoutSeed;

    /** @param base released when this network closes */
    private CausalLmNetwork(
            CausalLmProvider.Config config, PretrainedBase base, TokenCodec codec, LoraConfig lora, Parameters parameters,
            long dropoutSeed) {
        super(codec, base.config().vocabulary(), base.script(), parameters, config.context(base.config()),
                config.maxTokensPerForward(), SAMPLING * config.maxTokensPerForward(),
                base.config().inverseFrequencies());
        this.config = config;
        this.base = base;
        this.lora = lora;
        this.dropoutSeed = dropoutSeed;
        firstTrained = PretrainedBase.firstTrained(decoder(), lora);
    }

    /**
     * A network as training begins with it.
     *
     * @param checkpoint read and not held
     * @param lora null to train all weights
     * @param adapter what the adapters are at first; null for B = 0 and A ~ U(−1/√inputs, 1/√inputs), PEFT's own start
     */
    static CausalLmNetwork create(
            CausalLmProvider.Config config, Checkpoint checkpoint, TokenCodec codec, LoraConfig lora, LoraAdapter adapter,
            RandomGenerator random) throws IOException {
        PretrainedBase base = new PretrainedBase(checkpoint, config.precision(), lora);
        Parameters parameters = new Parameters();
        long dropoutSeed = random.nextLong();
        return owner(base, parameters, () -> {
            if (lora == null) {
                checkpoint.tensors().values().forEach(
                        tensor -> parameters.put(tensor.name(), base.array(tensor, parameters.manager())));
            } else {
                putAdapters(parameters, base.config(), lora, adapter, random);
            }
            parameters.put(VALUE_WEIGHT, parameters.manager().zeros(new Shape(1, base.config().hidden())));
            parameters.put(VALUE_BIAS, parameters.manager().zeros(new Shape(1)));
            return new CausalLmNetwork(config, base, codec, lora, parameters, dropoutSeed);
        });
    }

    private static void putAdapters(
            Parameters parameters, DecoderConfig decoder, LoraConfig lora, LoraAdapter adapter, RandomGenerator random) {
        for (String module : lora.modules(decoder)) {
            if (adapter != null) {
                LoraAdapter.Pair pair = adapter.pairs().get(module);
                put(parameters, module + A_SUFFIX, pair.a().toFloats(), pair.a().shape());
                put(parameters, module + B_SUFFIX, pair.b().toFloats(), pair.b().shape());
            } else {
                Projection projection = Projection.of(module);
                int inputs = projection.inputs(decoder);
                float[] values = new float[lora.rank() * inputs];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) ((2 * random.nextDouble() - 1) / Math.sqrt(inputs));
                }
                put(parameters, module + A_SUFFIX, values, lora.rank(), inputs);
                parameters.put(module + B_SUFFIX,
                        parameters.manager().zeros(new Shape(projection.outputs(decoder), lora.rank())));
            }
        }
    }

    private static void put(Parameters parameters, String name, float[] values, long... shape) {
        parameters.put(name, parameters.manager().create(values, new Shape(shape)));
    }

    /** The network that will close base and parameters; where it cannot be made, for want of memory or otherwise, they go. */
    private static CausalLmNetwork owner(PretrainedBase base, Parameters parameters, Supplier<CausalLmNetwork> network) {
        try {
            return network.get();
        } catch (RuntimeException | Error e) {
            parameters.close();
            base.release();
            throw e;
        }
    }

    private DecoderConfig decoder() {
        return base.config();
    }

    @Override
    public String id() {
        return CausalLmProvider.ID;
    }

    @Override
    public List<ChatMessage> chat(Prompt prompt) {
        return codec().chat(prompt);
    }

    /** The base by its weights and by what makes its chats, wherever its folder lies. */
    @Override
    public ObjectNode description() {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode description = mapper.createObjectNode();
        description.putObject("base")
                .put("architecture", decoder().architecture().className())
                .put("sha256", base.sha256())
                .set("chat", mapper.valueToTree(base.chatFiles()));
        description.put("instructions", config.instructions());
        if (config.template() != null) {
            description.set("template", mapper.valueToTree(config.template()));
        }
        description.set("lora", mapper.valueToTree(lora));
        return description;
    }

    /** Where the base lay, and how long prompts and responses may be. */
    @Override
    public ObjectNode remarks() {
        ObjectNode remarks = new ObjectMapper().createObjectNode();
        remarks.putObject("config")
                .put("path", config.path())
                .put("context", config.context(decoder()))
                .put("maxResponse", codec().maxResponse());
        return remarks;
    }

    @Override
    public Network copy() {
        Parameters copy = parameters().copy();
        return owner(base.share(), copy, () -> new CausalLmNetwork(config, base, codec(), lora, copy, dropoutSeed));
    }

    @Override
    Weights weights(NDManager owner, List<NDArray> own, boolean training) {
        Map<String, NDArray> byName = new LinkedHashMap<>();
        int n = 0;
        for (String name : parameters().byName().keySet()) {
            byName.put(name, own.get(n++));
        }
        List<NDArray> adapters = new ArrayList<>();
        for (int layer = 0; layer < decoder().layers(); layer++) {
            for (Projection projection : Projection.values()) {
                adapters.add(byName.getOrDefault(projection.module(layer) + A_SUFFIX, base.noAdapter()));
                adapters.add(byName.getOrDefault(projection.module(layer) + B_SUFFIX, base.noAdapter()));
            }
        }
        List<NDArray> packed = lora == null ? base.packed(owner, (name, scratch) -> byName.get(name)) : base.frozen();
        List<NDArray> trunk = new ArrayList<>(packed);
        trunk.addAll(base.packedAdapters(owner, adapters));
        trunk.add(training ? base.training() : base.evaluating());
        return new Weights(trunk, packed.get(packed.size() - 1), byName.get(VALUE_WEIGHT), byName.get(VALUE_BIAS),
                training);
    }

    @Override
    public Graph graph(NDManager owner, long step) {
        if (lora != null && lora.dropout() > 0) {
            // Nothing else draws from libtorch.
            Torch.engine().setRandomSeed(Long.hashCode(31 * dropoutSeed + step));
        }
        return super.graph(owner, step);
    }

    @Override
    boolean byParts() {
        return lora != null;
    }

    @Override
    KeyValueCache newCache(int groups, int capacity) {
        return new KeyValueCache(script(), parameters().manager(), decoder().layers(),
                new Shape(groups, decoder().keyValueHeads(), capacity, decoder().headSize()),
                firstTrained == 0 ? 0 : decoder().hidden(), config.precision());
    }

    @Override
    void computed(NDManager scratch, List<NDArray> keys, int[] places, int begin, List<int[]> ids, int[] from) {
        if (firstTrained > 0) {
            base.trunkStates().keep(scratch, keys.get(keys.size() - 1), places, begin, ids, from);
        }
    }

    @Override
    NDArray hidden(NDManager scratch, Weights weights, PackedRows packed, List<int[]> responses, int columns) {
        NDArray prefix = packed.prefix(scratch, 0);
        NDArray suffix = packed.suffix(scratch, responses, columns);
        NDArray group = packed.group(scratch);
        NDArray lengths = packed.suffixLengths(scratch);
        NDArray rows = packed.slots(scratch);
        NDArray x;
        if (firstTrained == 0) {
            x = embed(scratch, weights, prefix, suffix);
        } else {
            x = base.trunkStates().of(packed, responses, columns, scratch, () -> layers(scratch, weights,
                    embed(scratch, weights, prefix, suffix), 0, firstTrained, prefix, suffix, group, lengths, rows));
        }
        x = layers(scratch, weights, x, firstTrained, decoder().layers(), prefix, suffix, group, lengths, rows);
        return script().call(scratch, "last", weights.trunk(), x, suffix, rows).head();
    }

    private NDArray embed(NDManager scratch, Weights weights, NDArray prefix, NDArray suffix) {
        return script().call(scratch, "embed", weights.trunk(), prefix, suffix).head();
    }

    private NDArray layers(
            NDManager scratch, Weights weights, NDArray x, int from, int to, NDArray prefix, NDArray suffix, NDArray group,
            NDArray lengths, NDArray rows) {
        NDArray span = scratch.create(new long[] {from, to});
        return script().call(scratch, "layers", weights.trunk(), rotationTable(),
                x, span, prefix, suffix, group, lengths, rows).head();
    }

    @Override
    public void close() {
        super.close();
        base.release();
    }
}
