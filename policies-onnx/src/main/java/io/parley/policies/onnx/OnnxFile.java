package io.parley.policies.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What an ONNX file says beside its graph, in its metadata.
 *
 * @param form how its graph is used
 * @param description of the policy, from its {@code policy.json}
 * @param provenance where the policy comes from
 */
record OnnxFile(Form form, ObjectNode description, ObjectNode provenance) {
    /** The newest that ONNX Runtime 1.21 reads is 10; operators of set 17 need 8. */
    private static final long IR_VERSION = 8;
    private static final long OPERATOR_SET = 17;
    private static final String DESCRIPTION = "parley.policy";
    private static final String PROVENANCE = "parley.provenance";
    private static final String GRAPH_HASH = "parley.graph.sha256";
    private static final ObjectMapper JSON = new ObjectMapper();

    static byte[] write(GraphProto graph, ObjectNode description, ObjectNode provenance) {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("parley")
                .setDomain("io.parley")
                .setDocString("A frozen policy of Parley. What its inputs mean is said beside each; its words are in the metadata.")
                .setGraph(graph);
        String version = OnnxFile.class.getPackage().getImplementationVersion();
        if (version != null) {
            model.setProducerVersion(version);
        }
        model.addOpsetImportBuilder().setDomain("").setVersion(OPERATOR_SET);
        metadata(model, DESCRIPTION, description.toString());
        metadata(model, PROVENANCE, provenance.toString());
        metadata(model, GRAPH_HASH, PolicyFiles.sha256(graph.toByteArray()));
        return model.build().toByteArray();
    }

    private static void metadata(ModelProto.Builder model, String key, String value) {
        model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    }

    /** @throws IOException if the file is absent, damaged, or not one that Parley exported */
    static OnnxFile read(Path path) throws IOException {
        ModelProto model;
        try {
            model = ModelProto.parseFrom(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(path.toString(), null, "there is no such file");
        } catch (InvalidProtocolBufferException e) {
            throw new IOException(path + " is not an ONNX file, or was cut off (" + e.getMessage() + ")", e);
        }
        Map<String, String> metadata = new HashMap<>();
        model.getMetadataPropsList().forEach(entry -> metadata.put(entry.getKey(), entry.getValue()));
        if (!metadata.containsKey(DESCRIPTION)) {
            throw new IOException(path + " says nothing of a policy (" + DESCRIPTION + " is not in its metadata): it was cut off, or "
                    + "Parley did not export it");
        }
        if (!PolicyFiles.sha256(model.getGraph().toByteArray()).equals(metadata.get(GRAPH_HASH))) {
            throw new IOException(path + " was altered: its graph is not the one that was exported; export the policy again");
        }
        try {
            ObjectNode description = (ObjectNode) JSON.readTree(metadata.get(DESCRIPTION));
            ObjectNode provenance = (ObjectNode) JSON.readTree(metadata.getOrDefault(PROVENANCE, "{}"));
            return new OnnxFile(form(description), description, provenance);
        } catch (JsonProcessingException | RuntimeException e) {
            throw new IOException(path + " does not describe a policy that this version knows: " + e.getMessage(), e);
        }
    }

    private static Form form(JsonNode description) throws JsonProcessingException {
        String id = description.path("id").asText();
        return switch (id) {
            case MlpDescription.ID -> new MlpForm(JSON.treeToValue(description, MlpDescription.class));
            case TransformerDescription.ID -> new TransformerForm(JSON.treeToValue(description, TransformerDescription.class));
            default -> throw new IllegalArgumentException("its policy is '" + id + "'; there are " + OnnxExporter.KINDS);
        };
    }
}
