package io.parley.policies.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.PolicyProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the file says of itself, and what is refused. */
class OnnxFilesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Bytes at the end of a file, as the documentation says. */
    private static final int HASH_ENTRY = 83;
    private static final List<String> CARD = List.of("turn", "leave", "unsure");

    @TempDir
    private Path folder;

    private static Policy configured(ObjectNode config, TextSpec text) {
        return Frozen.CONTEXT.plugins().find(PolicyProvider.class, "onnx")
                .configured(new PluginSpec("onnx", config), text, Frozen.CONTEXT);
    }

    private static ObjectNode path(Path file) {
        return JSON.createObjectNode().put("path", file.toString());
    }

    @Test
    void theFileSaysWhereItComesFrom() throws IOException {
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.MLP, folder)) {
            assertEquals("mlp", frozen.policy.description().get("id").asText());
            assertEquals(PolicyFiles.sha256(Files.readAllBytes(folder.resolve("policy").resolve("policy.safetensors"))),
                    frozen.policy.description().get("sha256").asText());
            assertEquals("{\"seed\":1}", frozen.policy.provenance().toString());
            ModelProto model = ModelProto.parseFrom(Files.readAllBytes(frozen.file));
            assertTrue(model.getIrVersion() <= 10);
            assertEquals("parley", model.getProducerName());
        }
    }

    @Test
    void whereItComesFromIsKnownWithoutMakingAPolicy() throws IOException {
        OnnxProvider provider = new OnnxProvider();
        // ONNX Runtime knows no such operator, and loads no file that has one.
        GraphProto unknown = GraphProto.newBuilder().addNode(NodeProto.newBuilder().setOpType("None")).build();
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.MLP, folder)) {
            ObjectNode told = JSON.createObjectNode().put("seed", 7);
            Path of7 = folder.resolve("of-7.onnx");
            OnnxFile.write(of7, unknown, frozen.policy.description(), told, null);
            assertEquals(Optional.of(told), provider.provenance(new OnnxProvider.Config(of7.toString(), null, null)));
            Path ofNobody = folder.resolve("of-nobody.onnx");
            OnnxFile.write(ofNobody, unknown, frozen.policy.description(), JSON.createObjectNode(), null);
            assertEquals(Optional.empty(), provider.provenance(new OnnxProvider.Config(ofNobody.toString(), null, null)));
        }
        Path foreign = Files.writeString(folder.resolve("foreign.onnx"), "a text of many words that is no model at all");
        OnnxProvider.Config config = new OnnxProvider.Config(foreign.toString(), null, null);
        String message = assertThrows(ConfigurationException.class, () -> provider.provenance(config)).getMessage();
        assertTrue(message.contains(foreign + " is not an ONNX file"), message);
    }

    @Test
    void damagedAndForeignFilesAreRefused() throws IOException {
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.MLP, folder)) {
            Path file = folder.resolve("damaged.onnx");
            assertThrows(NoSuchFileException.class, () -> OnnxPolicy.load(file));
            byte[] whole = Files.readAllBytes(frozen.file);
            for (int length : new int[] {0, 7, 1000, whole.length / 2, whole.length - 1}) {
                Files.write(file, Arrays.copyOf(whole, length));
                assertTrue(refusal(file).contains("cut off"), refusal(file));
            }
            byte[] beforeHash = Arrays.copyOf(whole, whole.length - HASH_ENTRY);
            assertEquals(PolicyFiles.sha256(beforeHash), new String(whole, whole.length - 64, 64, StandardCharsets.US_ASCII));
            // In the graph, in each entry of the metadata where it stays valid JSON, and in the hash.
            for (int place : new int[] {whole.length / 2, at("[32,24]", whole) + 1, at("{\"seed\":1}", whole) + 8,
                whole.length - 1}) {
                byte[] altered = whole.clone();
                altered[place] ^= 1;
                Files.write(file, altered);
                assertTrue(refusal(file).contains("altered"), refusal(file));
            }
            for (int place = at("parley.policy", whole) - 10; place < whole.length; place += 11) {
                byte[] altered = whole.clone();
                altered[place] ^= 1;
                Files.write(file, altered);
                refusal(file);
            }
            Files.write(file, beforeHash);
            assertTrue(refusal(file).contains("does not say its hash (parley.sha256 is not in its metadata): an earlier version "
                    + "exported it, or it was cut off"), refusal(file));
            Files.writeString(file, "a text of many words that is no model at all");
            assertTrue(refusal(file).contains("not an ONNX file"), refusal(file));
            Files.write(file, ModelProto.parseFrom(whole).toBuilder().clearMetadataProps().build().toByteArray());
            assertTrue(refusal(file).contains("Parley did not export it"), refusal(file));
        }
    }

    private static int at(String text, byte[] bytes) {
        int place = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
        assertTrue(place > 0, text);
        return place;
    }

    private static String refusal(Path file) {
        String message = assertThrows(IOException.class, () -> OnnxPolicy.load(file)).getMessage();
        assertTrue(message.startsWith(file.toString()), message);
        return message;
    }

    @Test
    void configurationsThatCannotBeUsedAreRefused() throws IOException {
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.DECODER, folder);
                Policy policy = configured(path(frozen.file), Frozen.text())) {
            assertTrue(policy instanceof OnnxPolicy);
            refused("path is not given", JSON.createObjectNode(), Frozen.text());
            refused("path: there is no file " + folder.resolve("none.onnx"), path(folder.resolve("none.onnx")), Frozen.text());
            refused("threads is 0; at least 1", path(frozen.file).put("threads", 0), Frozen.text());
            refused("path: " + frozen.file + " has sha256 " + PolicyFiles.sha256(frozen.file)
                            + ", expected 00ff: it is another file now",
                    path(frozen.file).put("sha256", "00ff"), Frozen.text());
            refused("it does not know the task's word 'triage'", path(frozen.file),
                    Frozen.text().withNotices(List.of(List.of("triage"))));
            refused(frozen.file + " was trained for other texts: it answers in 4 words out of lists, the task wants free text of "
                            + "at most 3 tokens that ends at '\\n'; name the task that it was trained for",
                    path(frozen.file), new TextSpec(List.of("a"), 1, 1, new ResponseFormat.FreeText(3, List.of("\n"))));
        }
        Path other = Files.createDirectories(folder.resolve("mlp"));
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.MLP, other)) {
            TextSpec text = Frozen.text();
            refused("dialogue words, the task's prompts have up to", path(frozen.file),
                    new TextSpec(text.words(), text.maxSystemWords(), text.maxDialogueWords() + 1, text.format()));
            refused("it answers in 4 words out of lists, the task wants 1 word out of lists", path(frozen.file),
                    choosing(List.of("turn", "leave")));
            refused("word 2 of its answers is out of [turn, leave, unsure], the task wants one of [turn, peek]",
                    path(frozen.file), choosing(CARD, List.of("turn", "peek"), CARD, CARD));
        }
    }

    @SafeVarargs
    private static TextSpec choosing(List<String>... positions) {
        return new TextSpec(List.of("turn"), 1, 1, new ResponseFormat.Choices(List.of(positions)));
    }

    /** Planning an experiment asks often, and a file may have hundreds of megabytes. */
    @Test
    void whetherAFileServesATaskIsKnownWithoutItsGraph() throws IOException {
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.MLP, folder)) {
            Path file = folder.resolve("without-graph.onnx");
            OnnxFile.write(file, GraphProto.getDefaultInstance(),
                    frozen.policy.description(), frozen.policy.provenance(), null);
            OnnxProvider provider = new OnnxProvider();
            OnnxProvider.Config config = new OnnxProvider.Config(file.toString(), null, null);
            provider.check(config, Frozen.text(), Frozen.CONTEXT);
            assertTrue(assertThrows(ConfigurationException.class, () -> provider.create(config, Frozen.text(), Frozen.CONTEXT))
                    .getMessage().contains("ONNX Runtime does not load it"));
            TextSpec other = choosing(List.of("turn", "leave"));
            assertTrue(assertThrows(ConfigurationException.class, () -> provider.check(config, other, Frozen.CONTEXT))
                    .getMessage().contains("was trained for other texts"));
        }
    }

    /** Of a tokenizer, whose file may have 128 MiB; Jackson reads texts of 20,000,000 characters unless it is told otherwise. */
    @Test
    void aFileOfACheckpointMayBeALongText() throws IOException {
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.MLP, folder)) {
            Path file = folder.resolve("long.onnx");
            OnnxFile.write(file, GraphProto.getDefaultInstance(), frozen.policy.description(), frozen.policy.provenance(),
                    JSON.createObjectNode().put("tokenizer.json", "x".repeat(20_000_001)));
            assertEquals(frozen.policy.description(), OnnxFile.read(file).description());
        }
    }

    private static void refused(String message, ObjectNode config, TextSpec text) {
        String found = assertThrows(ConfigurationException.class, () -> configured(config, text)).getMessage();
        assertTrue(found.contains(message), found);
    }

    @Test
    void policiesWithoutAnOnnxFormAreRefused() throws IOException {
        Path saved = folder.resolve("policy");
        Path target = folder.resolve("policy.onnx");
        try (NDManager manager = Onnx.newManager()) {
            PolicyFiles.write(saved, "tabular", JSON.createObjectNode(), Map.of("table", manager.create(new float[1])));
            String message = assertThrows(IOException.class, () -> export(saved, target)).getMessage();
            assertEquals(saved + ": the policy is 'tabular'; mlp, transformer and causal-lm have an ONNX form", message);
            PolicyFiles.write(saved, "mlp", JSON.createObjectNode(), Map.of("table", manager.create(new float[1])));
            message = assertThrows(IOException.class, () -> export(saved, target)).getMessage();
            assertTrue(message.contains("policy.json does not describe the policy 'mlp' that it names"), message);
        }
        Files.writeString(target, "mine");
        assertThrows(FileAlreadyExistsException.class, () -> export(saved, target));
        assertEquals("mine", Files.readString(target));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of("policy", "policy.onnx"), files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    private static void export(Path saved, Path target) throws IOException {
        new OnnxExporter().export(saved, JSON.createObjectNode(), target);
    }
}
