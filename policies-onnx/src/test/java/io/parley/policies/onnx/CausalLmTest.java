package io.parley.policies.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.DecoderConfig;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Demonstration;
import io.parley.core.tokens.TokenCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pretrained decoders as graphs: what the reference implementation computes with them, and a whole policy with its tokens. */
class CausalLmTest {
    private static final Path MODELS = Path.of("..", "checkpoints", "src", "test", "models");
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Tokens of a run: of all rows, and of one, two or three. */
    private static final int MANY = 1 << 14;
    private static final int FEW = 200;

    @TempDir
    private Path folder;

    static Stream<Path> models() throws IOException {
        try (Stream<Path> folders = Files.list(MODELS)) {
            return folders.sorted().toList().stream();
        }
    }

    /** Texts that are token ids, for models without a tokenizer. */
    private record NumberTokens(int size, int maxResponse) implements TokenCodec {
        static String text(int... ids) {
            return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" "));
        }

        private static int[] ids(String text) {
            return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
        }

        @Override
        public boolean mayEnd() {
            return false;
        }

        @Override
        public boolean ends(int id) {
            return false;
        }

        @Override
        public boolean[][] allowed() {
            return null;
        }

        @Override
        public int[] encode(Prompt prompt) {
            return ids(prompt.segments().get(0).text());
        }

        @Override
        public int[] encode(Response response) {
            return ids(response.text());
        }

        @Override
        public Response decode(int[] tokens, float[] logProbs, float[] values) {
            return Response.sampled(text(tokens), logProbs, values, tokens);
        }

        @Override
        public boolean sameAs(TokenCodec other) {
            return equals(other);
        }
    }

    private static Prompt prompt(String text) {
        return new Prompt(List.of(new Segment(Role.USER, SegmentKind.QUESTION, 1, text)));
    }

    /** Rows of many lengths in one run and in many, and steps with keys and values of the steps before. */
    @ParameterizedTest
    @MethodSource("models")
    void theGraphComputesWhatTheReferenceDoes(Path model) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(model);
        DecoderConfig decoder = checkpoint.config();
        Path file = folder.resolve("decoder.onnx");
        DecoderExport export = new DecoderExport(decoder, decoder.context(), "", (name, shape) -> name.startsWith("value_head")
                ? new float[(int) shape[shape.length - 1]] : checkpoint.tensor(name).toFloats());
        OnnxFile.write(file, export.graph(), JSON.createObjectNode(), JSON.createObjectNode(), null);
        JsonNode expected = JSON.readTree(model.resolve("expected.json").toFile());
        List<Prompt> prompts = new ArrayList<>();
        List<Response> responses = new ArrayList<>();
        List<double[]> wanted = new ArrayList<>();
        for (JsonNode row : expected.get("score")) {
            int[] ids = JSON.convertValue(row.get("ids"), int[].class);
            double[] logProbs = JSON.convertValue(row.get("tokenLogProbs"), double[].class);
            for (int cut = 1; cut < ids.length; cut += 4) {
                prompts.add(prompt(NumberTokens.text(Arrays.copyOf(ids, cut))));
                responses.add(Response.of(NumberTokens.text(Arrays.copyOfRange(ids, cut, ids.length))));
                wanted.add(Arrays.copyOfRange(logProbs, cut - 1, logProbs.length));
            }
        }
        try (OnnxSession session = new OnnxSession(file, 1)) {
            for (int maxTokens : new int[] {MANY, FEW}) {
                DecoderForm form = new DecoderForm(
                        decoder, decoder.context(), new NumberTokens(decoder.vocabulary(), 64), task -> null, maxTokens, 1 << 24);
                List<Form.Spoken> spoken = session.use(run -> form.speak(run, prompts, responses));
                assertEquals(wanted.size(), spoken.size());
                for (int i = 0; i < wanted.size(); i++) {
                    for (int t = 0; t < wanted.get(i).length; t++) {
                        Form.Spoken row = spoken.get(i);
                        assertEquals(wanted.get(i)[t], new TokenDistribution(row.logits()[t]).logProb(row.tokens()[t], 0), 1e-4);
                    }
                }
            }
            // Runs of all rows; of few by their tokens, and of two by their distributions.
            List<List<Response>> drawn = Stream.of(new int[] {MANY, 1 << 24}, new int[] {FEW, 1 << 24},
                    new int[] {MANY, 3 * decoder.vocabulary() - 1}).map(most -> {
                        DecoderForm form = new DecoderForm(decoder, decoder.context(),
                                new NumberTokens(decoder.vocabulary(), 8), task -> null, most[0], most[1]);
                        return session.use(run -> form.sample(
                                run, prompts, SamplingConfig.standard().withValues(), streams(prompts.size())));
                    }).toList();
            for (List<Response> other : drawn.subList(1, drawn.size())) {
                for (int i = 0; i < prompts.size(); i++) {
                    assertEquals(drawn.get(0).get(i).text(), other.get(i).text());
                    assertArrayEquals(drawn.get(0).get(i).logProbs(), other.get(i).logProbs(), 1e-4f);
                    assertArrayEquals(drawn.get(0).get(i).values(), other.get(i).values(), 1e-4f);
                }
            }
            for (JsonNode greedy : expected.get("greedy")) {
                int[] continuation = JSON.convertValue(greedy.get("continuation"), int[].class);
                DecoderForm steps = new DecoderForm(
                        decoder, decoder.context(), new NumberTokens(decoder.vocabulary(), continuation.length), task -> null);
                List<Prompt> begin = List.of(prompt(NumberTokens.text(JSON.convertValue(greedy.get("ids"), int[].class))));
                List<Response> found = session.use(
                        run -> steps.sample(run, begin, new SamplingConfig(0, 0, 1, false), streams(1)));
                assertEquals(NumberTokens.text(continuation), found.get(0).text());
            }
        }
    }

    /** A step of sampling holds one distribution a row: with SmolLM2's vocabulary, 341 rows have 2²⁴ numbers. */
    @Test
    void aRunEndsWhereItsDistributionsWouldBeTooMany() throws IOException {
        DecoderConfig small = DecoderConfig.read(MODELS.resolve("llama-tied"));
        DecoderConfig smolLm2 = new DecoderConfig(small.architecture(), 49_152, 576, 1536, 30, 9, 3, 64, small.epsilon(), 1e5,
                small.ropeScaling(), 8192, true, false, false, false, false, 0, 30, small.dtype());
        DecoderForm form = new DecoderForm(smolLm2, 2048, new NumberTokens(49_152, 4), task -> null);
        List<int[]> prompts = Collections.nCopies(1000, new int[] {1, 2, 3, 4});
        assertEquals(341, form.end(prompts, 0));
        assertEquals(682, form.end(prompts, 341));
        assertEquals(1000, form.end(prompts, 700));
        // Longer ones end at 16,384 tokens, filling and room for the response included.
        assertEquals(128, form.end(Collections.nCopies(1000, new int[124]), 0));
        // One row is a run, whatever it has.
        assertEquals(1, new DecoderForm(smolLm2, 2048, new NumberTokens(49_152, 4), task -> null, 1, 1).end(prompts, 0));
    }

    private static List<RandomGenerator> streams(int rows) {
        return IntStream.range(0, rows).<RandomGenerator>mapToObj(i -> new RandomStreams(2).stream("sample", i, 0, 0)).toList();
    }

    /** Prompts of one to three rounds. */
    static List<Demonstration> demonstrations(int count) {
        List<String> said =
                List.of("i think we turn cards one and four.", "are you sure?", "we turn card two — 漢字 <|im_end|>", "no");
        List<Demonstration> demonstrations = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Segment> segments = new ArrayList<>();
            segments.add(new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "say which cards we turn."));
            for (int round = 1; round <= 1 + i % 3; round++) {
                segments.add(new Segment(Role.USER, SegmentKind.QUESTION, round, said.get((i + round) % 4)));
                if (round < 1 + i % 3) {
                    segments.add(new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, said.get(i % 3)));
                }
            }
            demonstrations.add(new Demonstration(new Prompt(segments), Response.of(said.get((i + 3) % 4))));
        }
        return demonstrations;
    }

    @ParameterizedTest
    @MethodSource("trained")
    void theFileAnswersAsTheTrainedModelFromItselfAlone(String settings) throws IOException {
        Path base = folder.resolve("base");
        Files.createDirectories(base);
        try (Stream<Path> files = Files.list(MODELS.resolve("lm-smoke"))) {
            for (Path file : files.toList()) {
                Files.copy(file, base.resolve(file.getFileName()));
            }
        }
        Files.writeString(base.resolve("chat_template.jinja"), "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + "
                + "m.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
                + "{% if enable_thinking is false %}no thoughts{% endif %}{% endif %}");
        ObjectNode spec = ((ObjectNode) JSON.readTree(settings)).put("id", "causal-lm").put("path", base.toString());
        TextSpec text = new TextSpec(List.of("w"), 100, 100, new ResponseFormat.FreeText(20, List.of()));
        List<Demonstration> demonstrations = demonstrations(12);
        List<Prompt> prompts = demonstrations.stream().map(Demonstration::prompt).toList();
        try (Frozen frozen = new Frozen(spec.toString(), text, demonstrations, 8, folder)) {
            // Nothing but the file is needed from here on.
            Files.move(base, folder.resolve("gone"));
            try (OnnxPolicy policy = OnnxPolicy.load(frozen.file)) {
                for (SamplingConfig sampling : List.of(
                        SamplingConfig.standard().withValues(), new SamplingConfig(0.7, 20, 0.9, true))) {
                    List<Response> expected = frozen.trained.sample(prompts, sampling, streams(prompts.size()));
                    List<Response> found = policy.sample(prompts, sampling, streams(prompts.size()));
                    assertTrue(expected.stream().map(r -> r.logProbs().length).distinct().count() > 1, "unequal lengths");
                    for (int i = 0; i < prompts.size(); i++) {
                        assertEquals(expected.get(i).text(), found.get(i).text());
                        assertArrayEquals(expected.get(i).logProbs(), found.get(i).logProbs(), 1e-4f);
                        assertArrayEquals(expected.get(i).values(), found.get(i).values(), 1e-4f);
                    }
                    assertClose(scores(frozen.trained, prompts, expected), scores(policy, prompts, expected));
                }
                List<Response> words = demonstrations.stream().map(Demonstration::response).toList();
                assertClose(scores(frozen.trained, prompts, words), scores(policy, prompts, words));
            }
            Form form = OnnxFile.read(frozen.file).form();
            assertNull(form.objection(text));
            assertEquals("it answers in free text, the task wants 4 words out of lists", form.objection(Frozen.text()));
            assertRefusedWithoutATokenizer(frozen.policy);
            assertRefusedAsATarget(frozen, prompts);
        }
    }

    /** Of one tokenizer, for which Qwen2.5's smaller and larger models have different numbers of embeddings. */
    private void assertRefusedAsATarget(Frozen frozen, List<Prompt> prompts) throws IOException {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(frozen.file));
        ObjectNode files = (ObjectNode) JSON.readTree(model.getMetadataPropsList().stream()
                .filter(entry -> entry.getKey().equals("parley.checkpoint")).findFirst().orElseThrow().getValue());
        ObjectNode config = (ObjectNode) JSON.readTree(files.get("config.json").asText());
        files.put("config.json", config.put("vocab_size", 640).toString());
        Path file = folder.resolve("padded.onnx");
        OnnxFile.write(file, model.getGraph(), frozen.policy.description(), frozen.policy.provenance(), files);
        List<Response> responses = Collections.nCopies(prompts.size(), Response.of("no"));
        try (OnnxPolicy padded = OnnxPolicy.load(file)) {
            String message = assertThrows(IllegalArgumentException.class, () -> frozen.policy.score(prompts, responses,
                    new ScoreRequest(false, false, 0, List.of(new ScoreRequest.Divergence(padded, prompts, 0))))).getMessage();
            assertEquals("the target of a divergence has 640 outputs, and this policy 512: it must be a frozen policy with the "
                    + "same tokens and as many outputs", message);
        }
        String message = assertThrows(IllegalArgumentException.class, () -> frozen.policy.score(prompts, responses,
                new ScoreRequest(false, false, 0, List.of(new ScoreRequest.Divergence(frozen.trained, prompts, 0)))))
                .getMessage();
        assertTrue(message.endsWith(": it must be a frozen policy with the same tokens and as many outputs"), message);
    }

    private void assertRefusedWithoutATokenizer(OnnxPolicy policy) throws IOException {
        ObjectNode files = CausalLmDescription.files(Checkpoint.open(MODELS.resolve("lm-smoke")));
        files.remove("tokenizer.json");
        Path file = folder.resolve("no-tokenizer.onnx");
        OnnxFile.write(file, GraphProto.getDefaultInstance(), policy.description(), policy.provenance(), files);
        String message = assertThrows(IOException.class, () -> OnnxPolicy.load(file)).getMessage();
        assertTrue(message.contains(file.resolve("tokenizer.json") + ": a checkpoint has its tokenizer"), message);
    }

    static Stream<String> trained() {
        return Stream.of("{\"rank\": 3, \"alpha\": 6, \"instructions\": \"Answer in one sentence.\", "
                + "\"template\": {\"enable_thinking\": false}}", "{\"train\": \"full\"}");
    }

    private static Scores scores(Policy policy, List<Prompt> prompts, List<Response> responses) {
        List<Prompt> others = new ArrayList<>(prompts);
        Collections.reverse(others);
        return policy.score(prompts, responses,
                new ScoreRequest(true, true, 0.1, List.of(new ScoreRequest.Divergence(policy, others, 0.3))));
    }

    private static void assertClose(Scores expected, Scores found) {
        for (int i = 0; i < expected.logProbs().length; i++) {
            assertArrayEquals(expected.logProbs()[i], found.logProbs()[i], 1e-4f);
            assertArrayEquals(expected.values()[i], found.values()[i], 1e-4f);
            assertArrayEquals(expected.entropy()[i], found.entropy()[i], 1e-4f);
            assertArrayEquals(expected.divergences().get(0)[i], found.divergences().get(0)[i], 1e-4f);
        }
    }

    @Test
    void aModelThatIsLargerThanAFileMayBeIsRefused() throws IOException {
        DecoderConfig small = DecoderConfig.read(MODELS.resolve("qwen3"));
        // Qwen3-0.6B.
        DecoderConfig large = new DecoderConfig(small.architecture(), 151_936, 1024, 3072, 28, 16, 8, 128, small.epsilon(), 1e6,
                small.ropeScaling(), 40_960, true, false, false, false, true, 0, 28, small.dtype());
        String message = assertThrows(IOException.class, () -> CausalLmDescription.requireFits(large)).getMessage();
        assertEquals("the model has 2,384,199,680 bytes in float32, and an ONNX file holds at most 2,080,374,783; "
                + "--to hf writes it as a checkpoint", message);
    }
}
