package io.parley.tasks.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.wason.Play;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
    private static final String SINGLE = "{'id': 'weights', 'regime': 'single', 'rounds': 6}";
    private static final String LONG = "{'id': 'weights', 'rounds': 5, 'visible': 0.5, 'participants': 7}";

    @ParameterizedTest
    @ValueSource(strings = {"weights", SINGLE, LONG})
    void anEpisodeDoesNotDependOnItsBatchMates(String json) {
        Task task = Play.task(json);
        List<Object> together = trace(task, 0, 30);
        List<Object> apart = new ArrayList<>(trace(task, 0, 1));
        apart.addAll(trace(task, 1, 22));
        apart.addAll(trace(task, 23, 7));
        assertEquals(together, apart);
        assertNotEquals(together.get(0), together.get(1));
    }

    /** Everything that can be observed of each episode. */
    private static List<Object> trace(Task task, long first, int count) {
        Episodes episodes = Play.begin(task, Split.DEV, first, count, "mixed", 5);
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(new ArrayList<>());
        }
        while (!episodes.done()) {
            List<Prompt> prompts = episodes.prompts();
            List<String> strata = episodes.strata();
            List<Map<String, Double>> rewards = episodes.step(any(task, episodes, first));
            for (int i = 0; i < count; i++) {
                rows.get(i).addAll(List.of(prompts.get(i), strata.get(i), rewards.get(i)));
            }
        }
        List<ObjectNode> logs = episodes.log();
        for (int i = 0; i < count; i++) {
            rows.get(i).add(logs.get(i));
        }
        return new ArrayList<>(rows);
    }

    /** Random stances and loads, by each episode's own stream. */
    private static List<Response> any(Task task, Episodes episodes, long first) {
        List<Response> responses = new ArrayList<>();
        for (RandomGenerator random : Play.streams(episodes, first, 1)) {
            Weighing load = Weighing.ALL.get(random.nextInt(Weighing.ALL.size()));
            Action action = new Action(random.nextInt(Stances.COUNT), load.left(), load.right());
            responses.add(Response.of(action.text(((Weights) task).weighs())));
        }
        return responses;
    }

    @Test
    void aWeighingIsShownToAllInTheNextRound() {
        Episodes episodes = Play.begin(Play.task("{'id': 'weights', 'regime': 'single', 'rounds': 3, 'visible': 0}"),
                Split.TRAIN, 0, 400, "silent", 2);
        int before = visible(episodes);
        assertEquals(0, before);
        // The scale is loaded with what the question is about, if that is two blocks.
        List<Response> responses = new ArrayList<>();
        List<Boolean> blocks = new ArrayList<>();
        for (Prompt prompt : episodes.prompts()) {
            String[] sides = text(prompt, SegmentKind.QUESTION, 1).split(" ");
            blocks.add(!Character.isDigit(sides[1].charAt(0)));
            responses.add(Response.of("unsure unsure unsure "
                    + (blocks.get(blocks.size() - 1) ? sides[0] + " " + sides[1] : "blue blue")));
        }
        episodes.step(responses);
        List<ObjectNode> logs = episodes.log();
        for (int i = 0; i < blocks.size(); i++) {
            String shown = text(episodes.prompts().get(i), SegmentKind.EVIDENCE, 2);
            JsonNode round = logs.get(i).at("/rounds/0");
            String[] sides = round.get("question").asText().split(" ");
            int support = 0;
            while (!round.at("/solution/" + support).asText().equals("support")) {
                support++;
            }
            assertEquals(blocks.get(i) ? sides[0] + " " + "<=>".charAt(support) + " " + sides[1] : "- - -", shown);
        }
    }

    @Test
    void aDialogueThatBeginsWithAProofStaysVisibleAndOthersBecomeSo() {
        Task task = Play.task("{'id': 'weights', 'regime': 'single', 'rounds': 30, 'visible': 1}");
        Episodes proven = Play.begin(task, Split.TRAIN, 0, 50, "mixed", 2);
        while (!proven.done()) {
            assertEquals(50, visible(proven));
            proven.step(any(task, proven, 0));
        }
        Task open = Play.task("{'id': 'weights', 'regime': 'single', 'rounds': 30, 'visible': 0}");
        Episodes found = Play.begin(open, Split.TRAIN, 0, 200, "mixed", 2);
        int last = 0;
        while (!found.done()) {
            last = visible(found);
            found.step(any(open, found, 0));
        }
        assertTrue(last > 150, last + " of 200 know the answer after 29 random weighings");
    }

    private static int visible(Episodes episodes) {
        return Collections.frequency(episodes.strata(), "visible");
    }

    @Test
    void theCanonicalInstanceIsThePublishedOne() {
        Task task = Play.task("{'id': 'weights', 'regime': 'single', 'rounds': 1, 'instance': 'canonical'}");
        Episodes episodes = Play.begin(task, Split.TEST, 0, 5, "silent", 2);
        episodes.step(Collections.nCopies(5, Response.of("unsure unsure unsure nothing nothing")));
        for (ObjectNode log : episodes.log()) {
            assertEquals("{\"red\":10,\"blue\":10,\"green\":20,\"purple\":30,\"yellow\":50}",
                    log.at("/rounds/0/weights").toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"weights", SINGLE})
    void rewardsAreWhatTheLogSaysHappened(String json) {
        Task task = Play.task(json);
        Episodes episodes = play(task, "mixed", 500);
        double won = 0;
        for (ObjectNode log : episodes.log()) {
            for (JsonNode round : log.get("rounds")) {
                JsonNode reward = round.at("/response/reward");
                assertEquals(round.at("/response/stances").equals(round.get("solution")) ? 1 : 0, reward.get("own").asDouble());
                double group = 0;
                if (round.get("round").asInt() == task.rounds()) {
                    if (log.get("regime").asText().equals("record")) {
                        group = round.get("submission").equals(round.get("solution")) ? 1 : 0;
                    } else {
                        for (int block = 0; block < 4; block++) {
                            String colour = List.of("blue", "green", "purple", "yellow").get(block);
                            group += round.at("/weights/" + colour).equals(round.at("/submission/" + block)) ? 0.25 : 0;
                        }
                    }
                }
                assertEquals(group, reward.get("group").asDouble());
                won += group;
            }
        }
        assertTrue(won > 0);
    }

    @Test
    void theRecordIsWhatCouldBeChecked() {
        Set<String> met = new HashSet<>();
        for (ObjectNode log : play(Play.task(LONG), "{'id': 'noisy', 'helpful': 0.7, 'silent': 0.3}", 300).log()) {
            String record = "none";
            for (JsonNode round : log.get("rounds")) {
                assertEquals(record, round.get("record").asText());
                met.add(record);
                JsonNode intervention = round.get("intervention");
                if (!intervention.isNull()) {
                    assertEquals(intervention.get("suggestion").equals(round.get("solution")),
                            intervention.get("true").asBoolean());
                    if (round.get("evidence").asText().equals("visible")) {
                        record = record.equals("false") || !intervention.get("true").asBoolean() ? "false" : "true";
                    }
                }
            }
        }
        assertEquals(Set.of("none", "true", "false"), met);
    }

    @ParameterizedTest
    @ValueSource(strings = {"weights", SINGLE, LONG})
    void everyRoundHasTheSameWordsInTheSamePlaces(String json) {
        Task task = Play.task(json);
        boolean weighs = ((Weights) task).weighs();
        List<Counterfactual> counterfactuals = List.of(
                Play.counterfactual("prefix"), Play.counterfactual("swap"),
                Play.counterfactual("{'id': 'mask', 'turns': 'all'}"));
        TextSpec text = task.text().withNotices(counterfactuals.stream().map(Counterfactual::notice).toList());
        Set<String> known = new HashSet<>(text.words());
        Episodes episodes = Play.begin(task, Split.TRAIN, 0, 200, "mixed", 1);
        int[] expected = weighs ? new int[] {2, 3, 3, 4, 5, 3} : new int[] {2, 3, 3, 3, 4, 3, 3};
        int longest = 0;
        Integer system = null;
        while (!episodes.done()) {
            List<Prompt> all = new ArrayList<>(episodes.prompts());
            for (Counterfactual counterfactual : counterfactuals) {
                all.addAll(counterfactual.cut(episodes.prompts(), Play.streams(episodes, 0, 2).get(0)));
            }
            for (Prompt prompt : all) {
                List<Segment> dialogue = prompt.segments().stream().filter(s -> s.role() != Role.SYSTEM).toList();
                int words = 0;
                for (int s = 0; s < dialogue.size(); s++) {
                    String[] here = dialogue.get(s).text().split(" ");
                    assertEquals(expected[s % expected.length], here.length, dialogue.get(s).toString());
                    assertEquals(1 + s / expected.length, dialogue.get(s).round());
                    assertTrue(known.containsAll(Arrays.asList(here)), dialogue.get(s).text());
                    words += here.length;
                }
                longest = Math.max(longest, words);
                int ofSystem = 0;
                for (Segment segment : prompt.segments()) {
                    if (segment.role() == Role.SYSTEM && segment.kind() != SegmentKind.NOTICE) {
                        assertTrue(known.containsAll(List.of(segment.text().split(" "))), segment.text());
                        ofSystem += segment.text().split(" ").length;
                    }
                }
                system = system == null ? ofSystem : system;
                assertEquals(system, ofSystem);
                assertTrue(ofSystem <= text.maxSystemWords());
            }
            episodes.step(any(task, episodes, 0));
        }
        assertEquals(text.maxDialogueWords(), longest);
        assertEquals(task.text().maxSystemWords(), system);
    }

    @Test
    void aLieIsRepeatedWhenTheQuestionIs() {
        Task task = Play.task("{'id': 'weights', 'regime': 'single', 'rounds': 52, 'visible': 1}");
        for (ObjectNode log : play(task, "misleading", 50).log()) {
            for (int round = 0; round < 26; round++) {
                JsonNode first = log.at("/rounds/" + round);
                JsonNode again = log.at("/rounds/" + (round + 26));
                assertEquals(first.get("question"), again.get("question"));
                assertEquals(first.at("/intervention/suggestion"), again.at("/intervention/suggestion"));
            }
        }
    }

    @Test
    void liesAreOfTheOpenAnswers() {
        for (ObjectNode log : play(Play.task(LONG), "misleading", 400).log()) {
            for (JsonNode round : log.get("rounds")) {
                Worlds possible = Worlds.ALL;
                for (JsonNode weighing : round.get("weighings")) {
                    possible = possible.and(Weighing.ofText(weighing.asText()).worlds());
                }
                int open = Question.ofText(round.get("question").asText()).open(possible);
                assertEquals(round.get("evidence").asText().equals("visible"), Integer.bitCount(open) == 1);
                List<String> said = new ArrayList<>();
                round.at("/intervention/suggestion").forEach(word -> said.add(word.asText()));
                assertNotEquals(round.get("solution"), round.at("/intervention/suggestion"));
                int claimed = 1 << said.indexOf("support");
                assertEquals(1, Collections.frequency(said, "support"));
                assertTrue(Integer.bitCount(open) == 1 || (open & claimed) != 0, round.toString());
            }
        }
    }

    @Test
    void scriptedPoliciesReadTheWeighings() {
        for (String json : List.of("weights", SINGLE)) {
            Task task = Play.task(json);
            for (String id : List.of("evidence-only", "record-optimal")) {
                try (Policy policy = Play.policy(PluginSpec.of(id), task)) {
                    for (ObjectNode log : Play.logs(task, policy, Split.TEST, 0, 300, "misleading", 3)) {
                        for (JsonNode round : log.get("rounds")) {
                            boolean right = round.at("/response/stances").equals(round.get("solution"));
                            assertTrue(right || round.get("evidence").asText().equals("withheld"), round.toString());
                        }
                    }
                }
            }
            try (Policy copy = Play.policy(PluginSpec.of("copy-always"), task)) {
                Episodes episodes = Play.begin(task, Split.TEST, 0, 300, "misleading", 3);
                List<Response> drawn = copy.sample(episodes.prompts(), SamplingConfig.standard(), Play.streams(episodes, 0, 3));
                episodes.step(drawn).forEach(earned -> assertEquals(0, earned.get("own")));
            }
        }
    }

    @Test
    void theTaskUsesTheFileOfPeopleThatItIsGiven(@TempDir Path folder) throws IOException {
        Path people = Files.writeString(folder.resolve("people.json"), """
                {"pace": {"record": 1, "single": 0},
                 "personalities": [{"name": "all", "share": 1, "conviction": 0, "sources": {"collaborator": 1}}]}
                """);
        Task task = Play.task("{'id': 'weights', 'people': '" + people + "'}");
        Episodes episodes = Play.begin(task, Split.TRAIN, 0, 20, "silent", 4);
        while (!episodes.done()) {
            episodes.step(Collections.nCopies(20, Response.of("oppose support oppose")));
        }
        for (ObjectNode log : episodes.log()) {
            assertEquals("all", log.at("/participants/0").asText());
            for (JsonNode stances : log.at("/rounds/0/stances/after")) {
                assertEquals("[\"oppose\",\"support\",\"oppose\"]", stances.toString());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'id': 'weights', 'people': 'none.json'} | people: there is no file",
        "{'id': 'weights', 'participants': 8} | participants is 8; from 2 to 7",
        "{'id': 'weights', 'rounds': 3, 'visible': [0.5, 0.5]} | visible has 2 probabilities; one for all rounds, "
                + "or one for each of the 3",
        "{'id': 'weights', 'regime': 'single', 'visible': [0.5, 0.5]} | the single regime draws once a dialogue",
        "{'id': 'weights', 'instance': 'canonical'} | instance is canonical in the record regime",
        "{'id': 'weights', 'instance': 'cannonical'} | one of random, canonical",
    })
    void refusesWhatItCannotDo(String json, String reason) {
        String message = assertThrows(ConfigurationException.class, () -> Play.task(json)).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"weights", SINGLE, LONG})
    void aResolvedConfigurationReadsBackAsItself(String json) throws Exception {
        var mapper = Play.CONTEXT.mapper();
        WeightsConfig config = Play.CONTEXT.plugins().config(new WeightsTask(), Play.spec(json));
        assertEquals(config, mapper.readValue(mapper.writeValueAsString(config), WeightsConfig.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"support oppose", "support oppose maybe", "support oppose oppose nothing nothing"})
    void refusesOtherResponses(String response) {
        Episodes episodes = Play.begin(Play.task("weights"), Split.TRAIN, 0, 1, "silent", 1);
        assertThrows(IllegalArgumentException.class, () -> episodes.step(List.of(Response.of(response))));
        assertThrows(IllegalArgumentException.class, () -> episodes.step(List.of()));
        Episodes single = Play.begin(Play.task(SINGLE), Split.TRAIN, 0, 1, "silent", 1);
        String weighing = response + (response.endsWith("nothing") ? " blue" : "");
        assertThrows(IllegalArgumentException.class, () -> single.step(List.of(Response.of(weighing))));
        assertFalse(single.done());
    }

    private static Episodes play(Task task, String partner, int count) {
        Episodes episodes = Play.begin(task, Split.TRAIN, 0, count, partner, 4);
        while (!episodes.done()) {
            episodes.step(any(task, episodes, 0));
        }
        return episodes;
    }

    private static String text(Prompt prompt, SegmentKind kind, int round) {
        return prompt.segments().stream().filter(s -> s.kind() == kind && s.round() == round).findFirst().orElseThrow().text();
    }
}
