package io.parley.policies.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.parley.checkpoints.ChatTokens;
import io.parley.core.files.WholeFile;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
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
    private static final String CHECKPOINT = "parley.checkpoint";
    private static final String HASH = "parley.sha256";
    /** Bytes that are hashed at a time. */
    private static final int PART = 1 << 16;
    /** A checkpoint's file is one text here, and a tokenizer's may be longer than texts usually are. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder().streamReadConstraints(
            StreamReadConstraints.builder().maxStringLength(ChatTokens.LARGEST_FILE).build()).build());

    /**
     * Writes a file, whole or not at all.
     *
     * @param checkpoint texts of a checkpoint's files by name, where it takes them to use the graph; or null
     */
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
        if (checkpoint != null) {
            metadata(model, CHECKPOINT, checkpoint.toString());
        }
        WholeFile.write(file, channel -> {
            OutputStream out = Channels.newOutputStream(channel);
            MessageDigest digest = PolicyFiles.digest();
            model.build().writeTo(new DigestOutputStream(out, digest));
            // A message that follows another is merged into it: readers see one more entry of the metadata.
            end(digest.digest()).writeTo(out);
        });
    }

    private static void metadata(ModelProto.Builder model, String key, String value) {
        model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    }

    /** The end of a file, from the SHA-256 of all bytes before it. */
    private static ModelProto end(byte[] hash) {
        ModelProto.Builder end = ModelProto.newBuilder();
        metadata(end, HASH, HexFormat.of().formatHex(hash));
        return end.build();
    }

    /** @throws IOException if the file is absent, damaged, or not one that Parley exported */
    static OnnxFile read(Path path) throws IOException {
        Map<String, String> metadata = metadata(path);
        if (!metadata.containsKey(DESCRIPTION)) {
            throw new IOException(path + " says nothing of a policy (" + DESCRIPTION + " is not in its metadata): it was cut "
                    + "off, or Parley did not export it");
        }
        if (!metadata.containsKey(HASH)) {
            throw new IOException(path + " does not say its hash (" + HASH + " is not in its metadata): an earlier version "
                    + "exported it, or it was cut off or altered; export the policy again");
        }
        if (!endsInItsHash(path)) {
            throw new IOException(path + " was altered: it does not end in the hash of what is before (" + HASH
                    + "); export the policy again");
        }
        try {
            ObjectNode description = (ObjectNode) JSON.readTree(metadata.get(DESCRIPTION));
            ObjectNode provenance = (ObjectNode) JSON.readTree(metadata.getOrDefault(PROVENANCE, "{}"));
            ObjectNode checkpoint = (ObjectNode) JSON.readTree(metadata.getOrDefault(CHECKPOINT, "{}"));
            return new OnnxFile(form(path, description, checkpoint), description, provenance);
        } catch (IOException | RuntimeException e) {
            throw new IOException(path + " does not describe a policy that this version knows: " + e.getMessage(), e);
        }
    }

    /**
     * Skips the graph, which may be larger than Java's memory. The file is not mapped: a mapping lasts until it is collected, and
     * as long as there is one Windows lets nobody replace the file.
     */
    private static Map<String, String> metadata(Path path) throws IOException {
        try (InputStream file = Files.newInputStream(path)) {
            long size = Files.size(path);
            if (size > Integer.MAX_VALUE) {
                throw new IOException(path + " has " + size + " bytes; an ONNX file has at most " + Integer.MAX_VALUE);
            }
            Map<String, String> metadata = new HashMap<>();
            CodedInputStream in = CodedInputStream.newInstance(file);
            int tag = in.readTag();
            while (tag != 0) {
                if (WireFormat.getTagFieldNumber(tag) == ModelProto.METADATA_PROPS_FIELD_NUMBER) {
                    StringStringEntryProto.Builder entry = StringStringEntryProto.newBuilder();
                    in.readMessage(entry, ExtensionRegistryLite.getEmptyRegistry());
                    metadata.put(entry.getKey(), entry.getValue());
                } else if (!in.skipField(tag)) {
                    in.checkLastTagWas(0); // throws: a group ends that did not begin
                }
                tag = in.readTag();
            }
            return metadata;
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(path.toString(), null, "there is no such file");
        } catch (InvalidProtocolBufferException e) {
            throw new IOException(path + " is not an ONNX file, or was cut off (" + e.getMessage() + ")", e);
        }
    }

    private static boolean endsInItsHash(Path path) throws IOException {
        MessageDigest digest = PolicyFiles.digest();
        int end = end(new byte[digest.getDigestLength()]).getSerializedSize();
        try (InputStream file = Files.newInputStream(path)) {
            for (long left = Files.size(path) - end; left > 0; ) {
                byte[] part = file.readNBytes((int) Math.min(left, PART));
                if (part.length == 0) {
                    return false; // it became shorter meanwhile
                }
                digest.update(part);
                left -= part.length;
            }
            return Arrays.equals(end(digest.digest()).toByteArray(), file.readAllBytes());
        }
    }

    private static Form form(Path path, JsonNode description, ObjectNode checkpoint) throws IOException {
        String id = description.path("id").asText();
        return switch (id) {
            case MlpDescription.ID -> new MlpForm(JSON.treeToValue(description, MlpDescription.class));
            case TransformerDescription.ID -> JSON.treeToValue(description, TransformerDescription.class).form();
            case CausalLmDescription.ID -> JSON.treeToValue(description, CausalLmDescription.class).form(path, checkpoint);
            default -> throw new IllegalArgumentException("its policy is '" + id + "'; there are " + OnnxExporter.KINDS);
        };
    }
}
