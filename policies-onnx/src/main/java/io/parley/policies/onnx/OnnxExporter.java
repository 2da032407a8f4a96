package io.parley.policies.onnx;

import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.GraphProto;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.checkpoints.TrainedModel;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyExporter;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code onnx}: one ONNX file with the graph, the parameters, and in its metadata all that it takes to use them. Reads the saved
 * files themselves, so that it needs nothing of what trained them.
 */
public final class OnnxExporter implements PolicyExporter<OnnxExporter.Config> {
    static final String KINDS = MlpDescription.ID + ", " + TransformerDescription.ID + " and " + CausalLmDescription.ID;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where the base of a pretrained model is. */
    public record Config(
            @JsonPropertyDescription("Folder of the base of a causal-lm; left out, where it lay in training.") String base) {}

    @Override
    public String id() {
        return "onnx";
    }

    @Override
    public String description() {
        return "One ONNX file, for the policy 'onnx' and for any ONNX runtime; of an mlp, a transformer or a causal-lm.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    /** As {@link #export(Config, Path, ObjectNode, Path)}, with defaults. */
    public void export(Path policy, ObjectNode provenance, Path target) throws IOException {
        export(new Config(null), policy, provenance, target);
    }

    @Override
    public List<String> export(Config config, Path policy, ObjectNode provenance, Path target) throws IOException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString(), null, "it exists already; choose another name or remove it");
        }
        ObjectNode description = (ObjectNode) PolicyFiles.describe(policy);
        String id = description.path("id").asText();
        Path base = config.base() == null ? null : Path.of(config.base());
        if (base != null && !id.equals(CausalLmDescription.ID)) {
            throw new IOException(policy + ": base is for a " + CausalLmDescription.ID + "; the policy is '" + id + "'");
        }
        Files.createDirectories(target.toAbsolutePath().getParent());
        description.remove("parameters");
        if (id.equals(CausalLmDescription.ID)) {
            TrainedModel model = TrainedModel.read(policy, base);
            GraphProto graph = described(
                    policy, id, () -> JSON.treeToValue(description, CausalLmDescription.class).graph(model));
            OnnxFile.write(target, graph, description, provenance, CausalLmDescription.files(model.base()));
        } else {
            OnnxFile.write(target, described(policy, id, () -> graph(policy, id)), description, provenance, null);
        }
        return List.of();
    }

    private static GraphProto graph(Path folder, String id) throws IOException {
        try (NDManager manager = Onnx.newManager()) {
            PolicyFiles saved = PolicyFiles.read(folder, manager);
            Weights weights = new Weights(saved.arrays());
            return switch (id) {
                case MlpDescription.ID ->
                    new MlpExport(JSON.treeToValue(saved.description(), MlpDescription.class), weights).graph();
                case TransformerDescription.ID ->
                    JSON.treeToValue(saved.description(), TransformerDescription.class).graph(weights);
                default -> throw new IOException("the policy is '" + id + "'; " + KINDS + " have an ONNX form");
            };
        }
    }

    /** Puts the graph of a policy together. */
    private interface Graph {
        GraphProto make() throws IOException;
    }

    private static GraphProto described(Path folder, String id, Graph graph) throws IOException {
        try {
            return graph.make();
        } catch (JsonProcessingException | RuntimeException e) {
            throw new IOException(folder.resolve(PolicyFiles.DESCRIPTION)
                    + " does not describe the policy '" + id + "' that it names: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IOException(folder + ": " + e.getMessage(), e);
        }
    }
}
