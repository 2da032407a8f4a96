package io.parley.policies.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.WholeFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
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
    private static final String CHECKPOINT = "parley.checkpoint";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param checkpoint texts of a checkpoint's files by name, where it takes them to use the graph; or null */
    static void write(Path file, GraphProto graph, ObjectNode description, ObjectNode provenance, ObjectNode checkpoint)
            throws IOException {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("parley")
                .setDomain("io.parley")
                .setDocString("A frozen policy of Parley. What its inputs mean is said beside each; its words are in the "
                        + "metadata.")
                .setGraph(graph);
        String version = OnnxFile.class.getPackage().getImplementationVersion();
        if (version != null) {
            model.setProducerVersion(version);
        }
        model.addOpsetImportBuilder().setDomain("").setVersion(OPERATOR_SET);
        metadata(model, DESCRIPTION, description.toString());
        metadata(model, PROVENANCE, provenance.toString());
        metadata(model, GRAPH_HASH, hash(graph));
        if (checkpoint != null) {
            metadata(model, CHECKPOINT, checkpoint.toString());
        }
        WholeFile.write(file, channel -> model.build().writeTo(Channels.newOutputStream(channel)));
    }

    private static void metadata(ModelProto.Builder model, String key, String value) {
        model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    }

    private static String hash(GraphProto graph) throws IOException {
        MessageDigest digest = PolicyFiles.digest();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            graph.writeTo(out);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** @throws IOException if the file is absent, damaged, or not one that Parley exported */
    static OnnxFile read(Path path) throws IOException {
        ModelProto model = parse(path);
        Map<String, String> metadata = new HashMap<>();
        model.getMetadataPropsList().forEach(entry -> metadata.put(entry.getKey(), entry.getValue()));
        if (!metadata.containsKey(DESCRIPTION)) {
            throw new IOException(path + " says nothing of a policy (" + DESCRIPTION + " is not in its metadata): it was cut "
                    + "off, or Parley did not export it");
        }
        if (!hash(model.getGraph()).equals(metadata.get(GRAPH_HASH))) {
            throw new IOException(path + " was altered: its graph is not the one that was exported; export the policy again");
        }
        try {
            ObjectNode description = (ObjectNode) JSON.readTree(metadata.get(DESCRIPTION));
            ObjectNode provenance = (ObjectNode) JSON.readTree(metadata.getOrDefault(PROVENANCE, "{}"));
            ObjectNode checkpoint = (ObjectNode) JSON.readTree(metadata.getOrDefault(CHECKPOINT, "{}"));
            return new OnnxFile(form(description, checkpoint), description, provenance);
        } catch (IOException | RuntimeException e) {
            throw new IOException(path + " does not describe a policy that this version knows: " + e.getMessage(), e);
        }
    }

    /** Parameters stay in the file, which is mapped: a model may be larger than Java's memory. */
    private static ModelProto parse(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new IOException(path + " has " + channel.size() + " bytes; an ONNX file has at most " + Integer.MAX_VALUE);
            }
            CodedInputStream in = CodedInputStream.newInstance(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            in.enableAliasing(true);
            ModelProto model = ModelProto.parseFrom(in);
            in.checkLastTagWas(0);
            return model;
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(path.toString(), null, "there is no such file");
        } catch (InvalidProtocolBufferException e) {
            throw new IOException(path + " is not an ONNX file, or was cut off (" + e.getMessage() + ")", e);
        }
    }

    private static Form form(JsonNode description, ObjectNode checkpoint) throws IOException {
        String id = description.path("id").asText();
        return switch (id) {
            case MlpDescription.ID -> new MlpForm(JSON.treeToValue(description, MlpDescription.class));
            case TransformerDescription.ID -> JSON.treeToValue(description, TransformerDescription.class).form();
            case CausalLmDescription.ID -> JSON.treeToValue(description, CausalLmDescription.class).form(checkpoint);
            default -> throw new IllegalArgumentException("its policy is '" + id + "'; there are " + OnnxExporter.KINDS);
        };
    }
}
