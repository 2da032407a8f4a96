package io.parley.policies.onnx;

import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.GraphProto;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyExporter;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * {@code onnx}: one ONNX file with the graph, the parameters, and in its metadata all that it takes to use them. Reads the saved
 * files themselves, so that it needs nothing of what trained them.
 */
public final class OnnxExporter implements PolicyExporter<NoConfig> {
    static final String KINDS = MlpDescription.ID + " and " + TransformerDescription.ID;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String id() {
        return "onnx";
    }

    @Override
    public String description() {
        return "One ONNX file, for the policy 'onnx' and for any ONNX runtime; of an mlp or a transformer.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<NoConfig> configType() {
        return NoConfig.class;
    }

    @Override
    public List<String> export(NoConfig config, Path policy, ObjectNode provenance, Path target) throws IOException {
        export(policy, provenance, target);
        return List.of();
    }

    /** As {@link #export(NoConfig, Path, ObjectNode, Path)}. */
    public void export(Path policy, ObjectNode provenance, Path target) throws IOException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString(), null, "it exists already; choose another name or remove it");
        }
        byte[] content;
        try (NDManager manager = Onnx.newManager()) {
            PolicyFiles saved = PolicyFiles.read(policy, manager);
            ObjectNode description = saved.description().deepCopy();
            description.remove("parameters");
            content = OnnxFile.write(graph(policy, saved), description, provenance);
        }
        Path absolute = target.toAbsolutePath();
        Files.createDirectories(absolute.getParent());
        Path part = absolute.resolveSibling("." + target.getFileName() + ".part-" + ProcessHandle.current().pid());
        try {
            Files.write(part, content);
            Files.move(part, absolute, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static GraphProto graph(Path folder, PolicyFiles saved) throws IOException {
        String id = saved.description().path("id").asText();
        try {
            Weights weights = new Weights(saved.arrays());
            return switch (id) {
                case MlpDescription.ID -> new MlpExport(JSON.treeToValue(saved.description(), MlpDescription.class), weights).graph();
                case TransformerDescription.ID ->
                    new TransformerExport(JSON.treeToValue(saved.description(), TransformerDescription.class), weights).graph();
                default -> throw new IOException("the policy is '" + id + "'; " + KINDS + " have an ONNX form");
            };
        } catch (JsonProcessingException | RuntimeException e) {
            throw new IOException(folder.resolve(PolicyFiles.DESCRIPTION) + " does not describe an " + id + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IOException(folder + ": " + e.getMessage(), e);
        }
    }
}
