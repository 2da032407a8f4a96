package io.parley.benchmarks.cells;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.experiment.EvaluationSettings;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the card task, record regime, two rounds. */
class EvaluatorTest {
    /** More than are scored in one call. */
    private static final int EPISODES = 70;
    private static final PluginContext CONTEXT = PluginContext.standalone(0);
    private static final RandomStreams STREAMS = new RandomStreams(11);

    private final Task task =
            CONTEXT.plugins().find(TaskProvider.class, "wason").configured(PluginSpec.of("wason"), CONTEXT);
    private final Counterfactual mask =
            CONTEXT.plugins().find(CounterfactualProvider.class, "mask").configured(PluginSpec.of("mask"), CONTEXT);

    @TempDir
    private Path folder;

    private static InterventionAgent partner(String id) {
        return CONTEXT.plugins().find(InterventionAgentProvider.class, id).configured(PluginSpec.of(id), CONTEXT);
    }

    private Policy scripted(String id) {
        return CONTEXT.plugins().find(PolicyProvider.class, id).configured(PluginSpec.of(id), task.text(), CONTEXT);
    }

    private Evaluator.Judgement judge(Policy policy, Policy best, Split split) throws IOException {
        EvaluationSettings settings = new EvaluationSettings(split, EPISODES, null, null, EPISODES);
        List<Evaluator.Opponent> opponents = new ArrayList<>();
        for (String id : List.of("silent", "helpful", "misleading")) {
            opponents.add(new Evaluator.Opponent(id, true, partner(id)));
        }
        return new Evaluator(task, settings, mask, STREAMS, share -> { }, () -> false)
                .judge(policy, best, opponents, folder.resolve("dialogues"));
    }

    /** The dialogues with one partner. */
    private List<JsonNode> dialogues(String partner) throws IOException {
        List<JsonNode> dialogues = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(folder.resolve("dialogues")))))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode dialogue = new ObjectMapper().readTree(line);
                if (dialogue.get("partner").asText().equals(partner)) {
                    dialogues.add(dialogue);
                }
            }
        }
        assertEquals(EPISODES, dialogues.size());
        return dialogues;
    }

    /** Draws its answers without looking at what it is shown; its measurements are those of the prompts it is shown. */
    private static final class Blind implements Policy {
        @Override
        public List<Response> sample(
                List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
            return streams.stream().map(stream -> Response.of(
                    stream.nextBoolean() ? "turn turn leave leave" : "leave turn turn leave")).toList();
        }

        static float nats(Prompt prompt, Prompt cut) {
            return Math.floorMod(31 * prompt.hashCode() + cut.hashCode(), 97) / 97f;
        }

        static float entropy(Prompt prompt) {
            return Math.floorMod(prompt.hashCode(), 89) / 89f;
        }

        @Override
        public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            List<float[][]> divergences = new ArrayList<>();
            for (ScoreRequest.Divergence divergence : request.divergences()) {
                float[][] rows = new float[prompts.size()][];
                for (int i = 0; i < rows.length; i++) {
                    float nats = nats(prompts.get(i), divergence.targetPrompts().get(i));
                    rows[i] = new float[] {nats, 3 * nats};
                }
                divergences.add(rows);
            }
            float[][] entropy = prompts.stream().map(prompt -> new float[] {entropy(prompt), entropy(prompt)})
                    .toArray(float[][]::new);
            return new Scores(null, null, request.entropy() ? entropy : null, divergences);
        }

        @Override
        public void close() {}
    }

    /** The twin differs by what the partner says and by nothing else, and all meet the same questions. */
    @Test
    void theSameDrawsWithEveryPartnerAndInTheTwin() throws IOException {
        judge(new Blind(), null, Split.TEST);
        List<List<JsonNode>> all = List.of(dialogues("silent"), dialogues("helpful"), dialogues("misleading"));
        for (int i = 0; i < EPISODES; i++) {
            for (int round = 0; round < task.rounds(); round++) {
                String at = "/rounds/" + round;
                JsonNode first = all.get(0).get(i).at(at);
                for (List<JsonNode> dialogues : all) {
                    assertEquals("test", dialogues.get(i).get("split").asText());
                    JsonNode here = dialogues.get(i).at(at);
                    assertEquals(first.get("solution"), here.get("solution"));
                    assertEquals(first.get("evidence"), here.get("evidence"));
                    assertEquals(first.at("/response/stances"), here.at("/response/stances"));
                    assertEquals(here.at("/response/stances"), here.at("/twin/stances"));
                }
            }
        }
        List<JsonNode> tested = all.get(2);
        judge(new Blind(), null, Split.DEV);
        assertEquals("dev", dialogues("misleading").get(0).get("split").asText());
        assertNotEquals(tested.stream().map(log -> log.at("/rounds/0/solution")).toList(),
                dialogues("misleading").stream().map(log -> log.at("/rounds/0/solution")).toList());
        try (Policy copy = scripted("copy-always")) {
            judge(copy, null, Split.TEST);
            assertTrue(dialogues("misleading").stream().anyMatch(
                    log -> !log.at("/rounds/0/response/stances").equals(log.at("/rounds/0/twin/stances"))));
        }
    }

    @Test
    void regretIsWhatTheBestEarnsMinusWhatThisEarns() throws IOException {
        try (Policy copy = scripted("copy-always"); Policy best = scripted("record-optimal")) {
            Evaluator.Judgement judged = judge(copy, best, Split.TEST);
            Evaluator.Judgement optimal = judge(best, best, Split.TEST);
            double own = judged.metrics().get("reward@misleading");
            double most = optimal.metrics().get("reward@misleading");
            assertEquals(0, own, "it repeats what is false");
            assertTrue(most > 1, "the visible rounds alone earn more than one of two: " + most);
            assertEquals(most - own, judged.metrics().get("regret@misleading"), 1e-9);
            assertEquals(0, judged.metrics().get("ownShare@misleading"));
            double helped = judged.metrics().get("reward@helpful");
            assertEquals(helped / optimal.metrics().get("reward@helpful"), judged.metrics().get("ownShare@helpful"), 1e-9);
            assertNull(judge(copy, null, Split.TEST).metrics().get("regret@misleading"));
        }
    }

    /** Each dialogue has its own numbers: those of its prompts and of their counterfactuals. */
    @Test
    void sensitivityAndEntropyAreThoseOfTheDialogue() throws IOException {
        Evaluator.Judgement judged = judge(new Blind(), null, Split.TEST);
        for (String id : List.of("silent", "misleading")) {
            List<JsonNode> dialogues = dialogues(id);
            Episodes episodes = task.begin(new EpisodeRequest(Split.TEST, 0, EPISODES, partner(id), STREAMS));
            double nats = 0;
            double open = 0;
            int withheld = 0;
            for (int round = 0; !episodes.done(); round++) {
                List<Prompt> prompts = episodes.prompts();
                List<Prompt> cuts = mask.cut(prompts, STREAMS.stream("counterfactual", 0, round + 1, 0));
                List<RandomGenerator> draws = new ArrayList<>();
                for (int i = 0; i < EPISODES; i++) {
                    JsonNode logged = dialogues.get(i).at("/rounds/" + round);
                    float expected = 2 * Blind.nats(prompts.get(i), cuts.get(i));
                    if (id.equals("silent")) {
                        assertFalse(logged.has("counterfactualSensitivity"));
                    } else {
                        assertEquals(expected, logged.get("counterfactualSensitivity").asDouble(), 1e-6);
                    }
                    nats += expected;
                    if (episodes.strata().get(i).equals("withheld")) {
                        withheld++;
                        open += 2 * Blind.entropy(cuts.get(i));
                    }
                    draws.add(STREAMS.stream("sample", i, round + 1, 0));
                }
                episodes.step(new Blind().sample(prompts, SamplingConfig.standard(), draws));
            }
            assertEquals(open / withheld, judged.metrics().get("counterfactualEntropy.withheld@" + id), 1e-6);
            assertEquals(withheld, judged.counts().get("counterfactualEntropy.withheld@" + id));
            if (id.equals("silent")) {
                assertNull(judged.metrics().get("counterfactualSensitivity@silent"));
            } else {
                assertEquals(nats / EPISODES / task.rounds(),
                        judged.metrics().get("counterfactualSensitivity@misleading"), 1e-6);
            }
        }
    }

    @Test
    void nobodyIsMeasuredWhoCannotScore() throws IOException {
        try (Policy copy = scripted("copy-always")) {
            Evaluator.Judgement judged = judge(copy, null, Split.TEST);
            assertNull(judged.metrics().get("counterfactualSensitivity@misleading"));
            assertEquals(Collections.nCopies(EPISODES, true), dialogues("misleading").stream()
                    .map(log -> !log.at("/rounds/0").has("counterfactualSensitivity")).toList());
        }
    }
}
