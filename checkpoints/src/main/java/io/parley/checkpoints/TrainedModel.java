package io.parley.checkpoints;

import static io.parley.checkpoints.LoraAdapter.A_SUFFIX;
import static io.parley.checkpoints.LoraAdapter.B_SUFFIX;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A pretrained model as training left it: the files that the policy {@code causal-lm} saves, and the base that they belong to.
 * Weights are mapped, as those of a {@link Checkpoint}.
 */
public final class TrainedModel {
    /** Id of the policy. */
    public static final String POLICY = "causal-lm";
    /** Name of the value head's weights, [1 × hidden]. */
    public static final String VALUE_WEIGHT = "value_head.weight";
    /** Name of its bias, [1]. */
    public static final String VALUE_BIAS = "value_head.bias";

    private final Path policy;
    private final JsonNode description;
    private final Checkpoint base;
    /** Null where all weights were trained. */
    private final LoraAdapter adapter;
    private final Map<String, Tensor> trained;

    private TrainedModel(Path policy, JsonNode description, Checkpoint base, LoraAdapter adapter, Map<String, Tensor> trained) {
        this.policy = policy;
        this.description = description;
        this.base = base;
        this.adapter = adapter;
        this.trained = trained;
    }

    /**
     * Reads a saved policy for its base.
     *
     * @param policy folder of {@code policy.json} and {@code policy.safetensors}
     * @param base folder of the base; null for where it lay in training
     * @throws IOException if a file is absent, cut off or altered, the policy is another or is incomplete, or the base is not
     *     there or not the one that was trained; the message names the file, what was found and what is needed
     */
    public static TrainedModel read(Path policy, Path base) throws IOException {
        JsonNode description = PolicyFiles.describe(policy);
        Path file = policy.resolve(PolicyFiles.DESCRIPTION);
        if (!description.path("id").asText().equals(POLICY)) {
            throw new IOException(file + ": the policy is '" + description.path("id").asText() + "'; a '" + POLICY
                    + "' is a pretrained model");
        }
        String known = description.path("config").path("path").asText(null);
        if (base == null && known == null) {
            throw new IOException(file + " does not say where the base lay; name its folder with base");
        }
        Path folder = base == null ? Path.of(known) : base;
        if (!Files.isDirectory(folder)) {
            throw new IOException("the base that was trained is needed, and there is no folder "
                    + folder.toAbsolutePath().normalize() + "; name the folder where it lies now with base");
        }
        Checkpoint checkpoint = Checkpoint.open(folder);
        String wanted = description.path("base").path("sha256").asText();
        if (!checkpoint.sha256().equals(wanted)) {
            throw new IOException(folder + " is not the base that was trained: its weights have sha256 " + checkpoint.sha256()
                    + "; " + file + " names a " + description.path("base").path("architecture").asText() + " with " + wanted);
        }
        requireChat(file, description, checkpoint);
        return of(policy, description, checkpoint, Safetensors.read(policy.resolve(PolicyFiles.PARAMETERS)));
    }

    /** Other words for the same dialogue, or other tokens for the same words, are not what the policy was trained on. */
    private static void requireChat(Path file, JsonNode description, Checkpoint base) throws IOException {
        JsonNode wanted = description.path("base").path("chat");
        Map<String, String> found = base.chatFiles();
        for (String name : ChatTokens.FILES) {
            String then = wanted.path(name).asText(null);
            if (!Objects.equals(then, found.get(name))) {
                throw new IOException(base.folder().resolve(name) + " is not as it was in training: "
                        + (found.containsKey(name) ? "it has sha256 " + found.get(name) : "there is no such file")
                        + ", and " + file + (then == null ? " knows of none" : " names " + then)
                        + "; base names the folder with the files as they were");
            }
        }
    }

    private static TrainedModel of(Path policy, JsonNode description, Checkpoint base, Safetensors saved) throws IOException {
        DecoderConfig decoder = base.config();
        Map<String, long[]> expected = new LinkedHashMap<>();
        LoraConfig lora = null;
        if (description.path("lora").isObject()) {
            try {
                lora = JsonFile.JSON.treeToValue(description.get("lora"), LoraConfig.class);
                for (String module : lora.modules(decoder)) {
                    Projection projection = Projection.of(module);
                    expected.put(module + A_SUFFIX, new long[] {lora.rank(), projection.inputs(decoder)});
                    expected.put(module + B_SUFFIX, new long[] {projection.outputs(decoder), lora.rank()});
                }
            } catch (JsonProcessingException | IllegalArgumentException e) {
                throw new IOException(policy.resolve(PolicyFiles.DESCRIPTION) + ": lora is " + description.get("lora")
                        + ", which is none of this base: " + e.getMessage(), e);
            }
        } else {
            expected.putAll(decoder.expectedTensors());
        }
        expected.put(VALUE_WEIGHT, new long[] {1, decoder.hidden()});
        expected.put(VALUE_BIAS, new long[] {1});
        for (Map.Entry<String, long[]> entry : expected.entrySet()) {
            Tensor found = saved.tensors().get(entry.getKey());
            if (found == null || found.dtype() != Dtype.F32 || !Arrays.equals(found.shape(), entry.getValue())) {
                throw new IOException(saved.file() + ": " + entry.getKey() + " is "
                        + (found == null ? "not there" : found.dtype() + " of shape " + Arrays.toString(found.shape()))
                        + "; expected is " + Dtype.F32 + " of shape " + Arrays.toString(entry.getValue()));
            }
        }
        return new TrainedModel(policy, description, base,
                lora == null ? null : adapter(lora, description, base, saved.tensors()), saved.tensors());
    }

    private static LoraAdapter adapter(
            LoraConfig lora, JsonNode description, Checkpoint base, Map<String, Tensor> trained) {
        Map<String, LoraAdapter.Pair> pairs = new LinkedHashMap<>();
        for (String module : lora.modules(base.config())) {
            pairs.put(module, new LoraAdapter.Pair(trained.get(module + A_SUFFIX), trained.get(module + B_SUFFIX)));
        }
        return new LoraAdapter(lora, pairs, base.folder().toAbsolutePath().normalize().toString(), base.sha256());
    }

    /** What was trained. */
    public Checkpoint base() {
        return base;
    }

    /** The low-rank adapter that was trained, or null where all weights were. */
    public LoraAdapter adapter() {
        return adapter;
    }

    /** What {@code policy.json} says, but for the shapes of the parameters. */
    public ObjectNode description() {
        ObjectNode copy = description.deepCopy();
        copy.remove("parameters");
        return copy;
    }

    /**
     * A tensor of the trained model, merged: W + s·B·A in float32 where a map was adapted, the trained tensor in float32 where
     * all were, the base's own otherwise. Merging takes 2 · rank · rows · columns operations, and memory for the result.
     *
     * @param name one of {@link DecoderConfig#expectedTensors}, {@link #VALUE_WEIGHT} or {@link #VALUE_BIAS}
     */
    public Tensor merged(String name) {
        if (trained.containsKey(name)) {
            return trained.get(name);
        }
        Tensor weight = base.tensor(name);
        LoraAdapter.Pair pair = name.endsWith(".weight")
                ? adapter.pairs().get(name.substring(0, name.length() - ".weight".length())) : null;
        if (pair == null) {
            return weight;
        }
        float[] values = weight.toFloats();
        float[] a = pair.a().toFloats();
        float[] b = pair.b().toFloats();
        int rank = adapter.config().rank();
        int columns = a.length / rank;
        float scaling = (float) adapter.config().scaling();
        float[] row = new float[columns];
        for (int i = 0; i < b.length / rank; i++) {
            Arrays.fill(row, 0);
            for (int k = 0; k < rank; k++) {
                float factor = b[i * rank + k];
                for (int j = 0; j < columns; j++) {
                    row[j] += factor * a[k * columns + j];
                }
            }
            for (int j = 0; j < columns; j++) {
                values[i * columns + j] += scaling * row[j];
            }
        }
        return Tensor.of(name, Dtype.F32, values, weight.shape());
    }

    /** What is to be known of a checkpoint or an adapter that was made of it. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add("The value head is left out: the form has no place for it.");
        if (!description.path("instructions").asText().isEmpty()) {
            notes.add("It was trained with instructions at the beginning of the system message; parley.json has them.");
        }
        if (description.has("template")) {
            notes.add("It was trained with variables of its chat template, " + description.get("template")
                    + "; whoever renders a chat for it gives them to the template.");
        }
        return notes;
    }

    /** Writes {@code parley.json}: what {@code policy.json} says, and where the policy comes from. */
    void describe(Path folder, ObjectNode provenance) throws IOException {
        ObjectNode node = JsonFile.JSON.createObjectNode();
        node.set("policy", description());
        node.set("provenance", provenance);
        JsonFile.write(folder.resolve("parley.json"), node);
    }
}
