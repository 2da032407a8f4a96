package io.parley.policies.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The trained policy is the measure of the frozen one. */
class OnnxPolicyTest {
    static final String MLP = "{\"id\": \"mlp\", \"hidden\": [32, 24]}";
    static final String GELU = "{\"id\": \"mlp\", \"hidden\": [16], \"activation\": \"gelu\"}";
    static final String DECODER = "{\"id\": \"transformer\", \"hidden\": 32, \"layers\": 2, \"heads\": 4, \"context\": 128}";

    private static final String TIED =
            "{\"id\": \"transformer\", \"hidden\": 16, \"layers\": 1, \"heads\": 2, \"context\": 40, \"tiedHead\": true}";
    private static final List<String> WORDS = IntStream.range(0, 12).mapToObj(i -> "w" + i).toList();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    /** Leaves each file, with what the trained policy says, for docs/examples/score_onnx.py. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', value = {"mlp|" + MLP, "gelu|" + GELU, "transformer|" + DECODER})
    void scoresAndSamplesAsTheTrainedPolicy(String name, String spec) throws IOException {
        Path kept = Files.createDirectories(Path.of("target", "onnx"));
        StringBuilder requests = new StringBuilder();
        try (Frozen frozen = Frozen.wason(spec, folder)) {
            Files.copy(frozen.file, kept.resolve(name + ".onnx"), StandardCopyOption.REPLACE_EXISTING);
            for (String partner : Frozen.PARTNERS) {
                Frozen.Dialogues trained = Frozen.play(frozen.trained, partner, 25);
                Frozen.Dialogues thawed = Frozen.play(frozen.policy, partner, 25);
                assertEquals(trained.logs(), thawed.logs(), partner);
                for (int i = 0; i < trained.responses().size(); i++) {
                    Response expected = trained.responses().get(i);
                    Response found = thawed.responses().get(i);
                    assertArrayEquals(expected.logProbs(), found.logProbs(), 1e-5f);
                    assertArrayEquals(expected.values(), found.values(), 1e-5f);
                }
                requests(trained, requests);
                // Responses that the trained policy drew, and the same known by their words only.
                List<Response> words = trained.responses().stream().map(response -> Response.of(response.text())).toList();
                List<Prompt> cuts = Frozen.prefix().cut(trained.prompts(), new RandomStreams(1).stream("cut", 0, 0, 0));
                Scores expected = frozen.trained.score(trained.prompts(), trained.responses(), request(frozen.trained, cuts));
                assertClose(expected, frozen.policy.score(trained.prompts(), trained.responses(), request(frozen.policy, cuts)));
                assertClose(expected, frozen.policy.score(trained.prompts(), words, request(frozen.policy, cuts)));
                assertClose(frozen.trained.score(cuts, words, ScoreRequest.logProbs()),
                        frozen.policy.score(cuts, words, ScoreRequest.logProbs()));
            }
        }
        Files.writeString(kept.resolve(name + ".jsonl"), requests);
    }

    @Test
    void manySmallRunsAnswerAsOne() throws IOException {
        try (Frozen frozen = Frozen.wason(MLP, folder); OnnxSession session = new OnnxSession(frozen.file, 1)) {
            List<Prompt> prompts = Frozen.play(frozen.policy, "mixed", 10).prompts();
            MlpForm form = new MlpForm(JSON.treeToValue(frozen.policy.description(), MlpDescription.class), 7);
            assertTrue(prompts.size() > 14 && prompts.size() % 7 != 0, prompts.size() + " prompts");
            SamplingConfig sampling = SamplingConfig.standard().withValues();
            List<Response> expected = frozen.policy.sample(prompts, sampling, streams(prompts.size()));
            List<Response> found = session.use(run -> form.sample(run, prompts, sampling, streams(prompts.size())));
            float[][] scored = frozen.policy.score(prompts, expected, ScoreRequest.logProbs()).logProbs();
            List<Form.Spoken> spoken = session.use(run -> form.speak(run, prompts, expected));
            for (int i = 0; i < prompts.size(); i++) {
                assertEquals(expected.get(i).text(), found.get(i).text());
                assertArrayEquals(expected.get(i).logProbs(), found.get(i).logProbs(), 1e-5f);
                assertArrayEquals(expected.get(i).values(), found.get(i).values(), 1e-5f);
                for (int t = 0; t < scored[i].length; t++) {
                    Form.Spoken row = spoken.get(i);
                    assertEquals(scored[i][t], new TokenDistribution(row.logits()[t]).logProb(row.tokens()[t], 0), 1e-5f);
                }
            }
        }
    }

    /** Prompts and responses of unequal lengths, words that end a response, and a head that is the table of the input. */
    @Test
    void scoresAndSamplesFreeTextAsTheTrainedPolicy() throws IOException {
        RandomGenerator random = new SplittableRandom(1);
        List<Demonstration> demonstrations = new ArrayList<>();
        for (int i = 0; i < 48; i++) {
            demonstrations.add(new Demonstration(
                    new Prompt(List.of(new Segment(Role.SYSTEM, SegmentKind.RULES, 0, words(random, 3)),
                            new Segment(Role.USER, SegmentKind.QUESTION, 1, words(random, 1 + random.nextInt(20))))),
                    Response.of(words(random, random.nextInt(6)))));
        }
        List<Prompt> prompts = demonstrations.stream().map(Demonstration::prompt).toList();
        TextSpec text = new TextSpec(WORDS, 3, 20, new ResponseFormat.FreeText(5, List.of()));
        try (Frozen frozen = new Frozen(TIED, text, demonstrations, 5, folder)) {
            for (SamplingConfig sampling : List.of(SamplingConfig.standard().withValues(),
                    new SamplingConfig(0.7, 5, 0.9, true), new SamplingConfig(0, 0, 1, true))) {
                List<Response> expected = frozen.trained.sample(prompts, sampling, streams(prompts.size()));
                List<Response> found = frozen.policy.sample(prompts, sampling, streams(prompts.size()));
                assertTrue(sampling.temperature() == 0 || expected.stream().map(r -> r.logProbs().length).distinct().count() > 2);
                for (int i = 0; i < prompts.size(); i++) {
                    assertEquals(expected.get(i).text(), found.get(i).text());
                    assertArrayEquals(expected.get(i).logProbs(), found.get(i).logProbs(), 1e-5f);
                    assertArrayEquals(expected.get(i).values(), found.get(i).values(), 1e-5f);
                }
                assertClose(frozen.trained.score(prompts, expected, request(frozen.trained, prompts)),
                        frozen.policy.score(prompts, expected, request(frozen.policy, prompts)));
            }
            Prompt tooLong = new Prompt(List.of(new Segment(Role.USER, SegmentKind.QUESTION, 1, words(random, 40))));
            assertEquals(assertThrows(IllegalArgumentException.class, () -> frozen.trained.fit(List.of(tooLong))).getMessage(),
                    assertThrows(IllegalArgumentException.class, () -> frozen.policy.fit(List.of(tooLong))).getMessage());
            assertThrows(IllegalArgumentException.class,
                    () -> frozen.policy.sample(List.of(tooLong), SamplingConfig.standard(), streams(1)));
        }
    }

    private static String words(RandomGenerator random, int count) {
        return random.ints(count, 0, WORDS.size()).mapToObj(WORDS::get).collect(Collectors.joining(" "));
    }

    private static List<RandomGenerator> streams(int rows) {
        return IntStream.range(0, rows).<RandomGenerator>mapToObj(i -> new RandomStreams(2).stream("sample", i, 0, 0)).toList();
    }

    private static void requests(Frozen.Dialogues trained, StringBuilder lines) {
        for (int i = 0; i < trained.prompts().size(); i++) {
            ObjectNode request = JSON.createObjectNode();
            for (Segment segment : trained.prompts().get(i).segments()) {
                request.withArray("prompt").addObject()
                        .put("role", segment.role().name().toLowerCase(Locale.ROOT)).put("text", segment.text());
            }
            request.put("response", trained.responses().get(i).text());
            request.set("logProbs", JSON.valueToTree(trained.responses().get(i).logProbs()));
            lines.append(request).append('\n');
        }
    }

    private static ScoreRequest request(Policy policy, List<Prompt> cuts) {
        return new ScoreRequest(true, true, 0.1, List.of(
                new ScoreRequest.Divergence(policy, cuts, 0), new ScoreRequest.Divergence(policy, cuts, 0.3)));
    }

    private static void assertClose(Scores expected, Scores found) {
        assertClose(expected.logProbs(), found.logProbs());
        assertClose(expected.values(), found.values());
        assertClose(expected.entropy(), found.entropy());
        assertEquals(expected.divergences().size(), found.divergences().size());
        for (int d = 0; d < expected.divergences().size(); d++) {
            assertClose(expected.divergences().get(d), found.divergences().get(d));
        }
    }

    private static void assertClose(float[][] expected, float[][] found) {
        assertEquals(expected == null, found == null);
        for (int i = 0; expected != null && i < expected.length; i++) {
            assertTrue(expected[i].length > 0);
            assertArrayEquals(expected[i], found[i], 1e-5f, "row " + i);
        }
    }
}
