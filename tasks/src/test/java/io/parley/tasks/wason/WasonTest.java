package io.parley.tasks.wason;

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
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WasonTest {
    private static final String SINGLE = "{'id': 'wason', 'regime': 'single', 'rounds': 4}";
    private static final String LONG = "{'id': 'wason', 'rounds': 5, 'visible': 0.5, 'participants': 7}";

    @Test
    void firstSelectionsAreThePublishedOnesUnderEveryRule() {
        Map<String, int[]> byRule = new HashMap<>();
        Map<String, Integer> letters = new HashMap<>();
        int people = 0;
        Episodes episodes = play("{'id': 'wason', 'rounds': 1, 'visible': 1}", "silent", 8_000, 11);
        for (ObjectNode log : episodes.log()) {
            JsonNode round = log.at("/rounds/0");
            int[] count = byRule.computeIfAbsent(round.get("rule").asText(), r -> new int[2]);
            for (JsonNode stances : round.at("/stances/before")) {
                count[0]++;
                count[1] += stances.equals(round.get("solution")) ? 1 : 0;
                letters.merge(Part.letters(parts(round, stances)), 1, Integer::sum);
                people++;
            }
        }
        assertEquals(4, byRule.size());
        byRule.forEach((rule, count) -> assertEquals(0.090, (double) count[1] / count[0],
                4 * Math.sqrt(0.09 * 0.91 / count[0]), rule));
        assertEquals(0.311, letters.get("EV") / (double) people, 0.01);
        assertEquals(0.208, letters.get("V") / (double) people, 0.01);
        assertEquals(0.053, letters.get("CEOV") / (double) people, 0.005);
    }

    @Test
    void splitsShareNoInstance() {
        Map<Split, Set<String>> seen = new HashMap<>();
        for (Split split : Split.values()) {
            seen.put(split, new HashSet<>());
            Episodes episodes = Play.begin(Play.task("{'id': 'wason', 'rounds': 1}"), split, 0, 20_000, "silent", 3);
            episodes.step(same(episodes, "turn turn leave leave"));
            for (ObjectNode log : episodes.log()) {
                List<String> cards = new ArrayList<>();
                log.at("/rounds/0/cards").forEach(card -> cards.add(card.asText()));
                seen.get(split).add(log.at("/rounds/0/rule").asText() + cards.stream().sorted().toList());
            }
        }
        assertEquals(0.8 * 3200, seen.get(Split.TRAIN).size(), 64);
        assertEquals(0.1 * 3200, seen.get(Split.DEV).size(), 50);
        assertEquals(0.1 * 3200, seen.get(Split.TEST).size(), 50);
        int all = seen.values().stream().mapToInt(Set::size).sum();
        Set<String> union = new HashSet<>();
        seen.values().forEach(union::addAll);
        assertEquals(all, union.size(), "instances that two splits share");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wason", SINGLE, LONG})
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
            int round = episodes.round();
            List<Response> responses = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                responses.add(Response.of(Stances.text((int) ((first + i) * 7 + round) % Stances.COUNT)));
            }
            List<Map<String, Double>> rewards = episodes.step(responses);
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

    @ParameterizedTest
    @ValueSource(strings = {"wason", SINGLE})
    void forksAreIndependentAndScoringDoesNotAdvance(String json) {
        Task task = Play.task(json);
        Episodes episodes = Play.begin(task, Split.TRAIN, 0, 50, "mixed", 9);
        Episodes untouched = Play.begin(task, Split.TRAIN, 0, 50, "mixed", 9);
        while (!episodes.done()) {
            List<Prompt> before = episodes.prompts();
            Episodes fork = episodes.fork();
            List<Map<String, Double>> forkEarned = fork.step(same(fork, "leave turn turn unsure"));
            List<Map<String, Double>> scored = episodes.score(same(episodes, "turn turn leave leave"));
            assertEquals(before, episodes.prompts());
            assertEquals(untouched.round(), episodes.round());
            assertEquals(untouched.prompts(), episodes.prompts());
            // What is only known in the end is scored as if it were the end.
            List<Map<String, Double>> forkScored = episodes.score(same(episodes, "leave turn turn unsure"));
            boolean last = episodes.round() == task.rounds();
            List<Map<String, Double>> earned = episodes.step(same(episodes, "turn turn leave leave"));
            untouched.step(same(untouched, "turn turn leave leave"));
            for (int i = 0; i < earned.size(); i++) {
                for (String part : List.of("own", "commonGround")) {
                    assertEquals(earned.get(i).get(part), scored.get(i).get(part));
                    assertEquals(forkEarned.get(i).get(part), forkScored.get(i).get(part));
                }
                assertEquals(last ? scored.get(i).get("group") : 0, earned.get(i).get("group"));
            }
            if (!fork.done()) {
                assertNotEquals(fork.prompts(), episodes.prompts());
            }
        }
        assertEquals(untouched.log(), episodes.log());
        assertThrows(IllegalStateException.class, episodes::prompts);
        assertThrows(IllegalStateException.class, () -> episodes.step(List.of()));
    }

    @Test
    void rewardsAreWhatTheLogSaysHappened() {
        Episodes episodes = play(SINGLE, "mixed", 500, 2);
        boolean groupWon = false;
        for (ObjectNode log : episodes.log()) {
            for (JsonNode round : log.get("rounds")) {
                JsonNode reward = round.at("/response/reward");
                assertEquals(round.at("/response/stances").equals(round.get("solution")) ? 1 : 0, reward.get("own").asDouble());
                int before = agreed(round.at("/stances/before"));
                assertEquals(agreed(round.at("/stances/after")) - before, reward.get("commonGround").asDouble());
                boolean last = round.get("round").asInt() == 4;
                boolean won = last && round.get("submission").equals(round.get("solution"));
                assertEquals(won ? 1 : 0, reward.get("group").asDouble());
                groupWon |= won;
            }
        }
        assertTrue(groupWon);
    }

    @Test
    void theRecordIsWhatCouldBeChecked() {
        Episodes episodes = play(LONG, "{'id': 'noisy', 'helpful': 0.7, 'silent': 0.3}", 300, 4);
        Set<String> met = new HashSet<>();
        for (ObjectNode log : episodes.log()) {
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
    @ValueSource(strings = {"wason", SINGLE, LONG})
    void everyRoundHasTheSameWordsInTheSamePlaces(String json) {
        Task task = Play.task(json);
        List<Counterfactual> counterfactuals = List.of(
                Play.counterfactual("prefix"), Play.counterfactual("swap"),
                Play.counterfactual("{'id': 'mask', 'turns': 'all'}"));
        TextSpec text = task.text().withNotices(counterfactuals.stream().map(Counterfactual::notice).toList());
        Set<String> known = new HashSet<>(text.words());
        Episodes episodes = Play.begin(task, Split.TRAIN, 0, 200, "mixed", 1);
        int longest = 0;
        while (!episodes.done()) {
            int round = episodes.round();
            List<Prompt> all = new ArrayList<>(episodes.prompts());
            for (Counterfactual counterfactual : counterfactuals) {
                all.addAll(counterfactual.cut(episodes.prompts(), Play.streams(episodes, 0, 2).get(0)));
            }
            int[] expected = {4, 4, 4, 5, 4, 4};
            for (Prompt prompt : all) {
                List<Segment> dialogue = prompt.segments().stream().filter(s -> s.role() != Role.SYSTEM).toList();
                int words = 0;
                for (int s = 0; s < dialogue.size(); s++) {
                    String[] here = dialogue.get(s).text().split(" ");
                    assertEquals(expected[s % 6], here.length, dialogue.get(s).toString());
                    assertEquals(1 + s / 6, dialogue.get(s).round());
                    assertTrue(known.containsAll(Arrays.asList(here)), dialogue.get(s).text());
                    words += here.length;
                }
                assertEquals(17 * round + 8 * (round - 1), words);
                assertEquals(round, prompt.round());
                longest = Math.max(longest, words);
                String system = prompt.segments().stream().filter(s -> s.role() == Role.SYSTEM)
                        .map(Segment::text).collect(Collectors.joining(" "));
                assertTrue(known.containsAll(List.of(system.split(" "))));
                assertTrue(system.split(" ").length <= text.maxSystemWords());
            }
            episodes.step(same(episodes, "turn leave unsure turn"));
        }
        assertEquals(text.maxDialogueWords(), longest);
    }

    @Test
    void anOpenQuestionIsNotSettled() {
        Task task = Play.task("{'id': 'wason', 'regime': 'single', 'rounds': 3, 'visible': 1}");
        Episodes episodes = Play.begin(task, Split.TRAIN, 0, 50, "misleading", 1);
        episodes.step(same(episodes, "turn turn leave leave"));
        episodes.step(same(episodes, "turn turn leave leave"));
        for (Prompt prompt : episodes.prompts()) {
            Set<String> outcomes = texts(prompt, SegmentKind.OUTCOME);
            assertEquals(Set.of("- - - -"), outcomes);
            assertEquals(1, texts(prompt, SegmentKind.EVIDENCE).size());
            // A liar who changes what it claims about one question would give itself away.
            assertEquals(1, prompt.segments().stream().filter(s -> s.kind() == SegmentKind.INTERVENTION)
                    .map(s -> s.text().substring(s.text().indexOf(' '))).distinct().count());
        }
    }

    @Test
    void theTwinMeetsTheSameEpisode() {
        Task task = Play.task(LONG);
        for (int i = 0; i < 20; i++) {
            Episodes with = Play.begin(task, Split.TEST, i, 1, "misleading", 6);
            Episodes twin = Play.begin(task, Split.TEST, i, 1, "silent", 6);
            while (!with.done()) {
                with.step(same(with, "turn turn leave leave"));
                twin.step(same(twin, "turn turn leave leave"));
            }
            for (int round = 0; round < 5; round++) {
                JsonNode one = with.log().get(0).at("/rounds/" + round);
                JsonNode other = twin.log().get(0).at("/rounds/" + round);
                for (String field : List.of("rule", "cards", "evidence")) {
                    assertEquals(one.get(field), other.get(field));
                }
                assertEquals(one.at("/stances/before"), other.at("/stances/before"));
                assertTrue(other.get("intervention").isNull());
                assertFalse(one.get("intervention").isNull());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'id': 'wason', 'press': 'half'} | one of none, full",
        "{'id': 'wason', 'press': 'full', 'formatPenalty': -1} | formatPenalty is -1.0; a number, at least 0",
        "{'id': 'wason', 'participants': 8} | participants is 8; from 2 to 7",
        "{'id': 'wason', 'rounds': 3, 'visible': [0.5, 0.5]} | visible has 2 probabilities; one for all rounds, "
                + "or one for each of the 3",
        "{'id': 'wason', 'regime': 'single', 'visible': [0.5, 0.5]} | the single regime draws once a dialogue",
        "{'id': 'wason', 'visible': 1.5} | visible holds 1.5; probabilities, from 0 to 1",
        "{'id': 'wason', 'regime': 'singel'} | one of record, single",
    })
    void refusesWhatItCannotDo(String json, String reason) {
        String message = assertThrows(ConfigurationException.class, () -> Play.task(json)).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wason", SINGLE, LONG})
    void aResolvedConfigurationReadsBackAsItself(String json) throws Exception {
        var mapper = Play.CONTEXT.mapper();
        WasonConfig config = Play.CONTEXT.plugins().config(new WasonTask(), Play.spec(json));
        assertEquals(config, mapper.readValue(mapper.writeValueAsString(config), WasonConfig.class));
    }

    @Test
    void refusesOtherResponses() {
        Episodes episodes = Play.begin(Play.task("wason"), Split.TRAIN, 0, 1, "silent", 1);
        assertThrows(IllegalArgumentException.class, () -> episodes.step(same(episodes, "turn turn leave")));
        assertThrows(IllegalArgumentException.class, () -> episodes.step(same(episodes, "turn turn leave stay")));
        assertThrows(IllegalArgumentException.class, () -> episodes.step(List.of()));
    }

    private static Set<String> texts(Prompt prompt, SegmentKind kind) {
        return prompt.segments().stream().filter(s -> s.kind() == kind).map(Segment::text).collect(Collectors.toSet());
    }

    private static Episodes play(String task, String partner, int count, long seed) {
        Episodes episodes = Play.begin(Play.task(task), Split.TRAIN, 0, count, partner, seed);
        while (!episodes.done()) {
            episodes.step(Play.respond(episodes, (i, random) -> random.nextInt(Stances.COUNT)));
        }
        return episodes;
    }

    private static List<Response> same(Episodes episodes, String text) {
        return Collections.nCopies(episodes.size(), Response.of(text));
    }

    private static int parts(JsonNode round, JsonNode stances) {
        Rule rule = Rule.ofText(round.get("rule").asText());
        int parts = 0;
        for (int card = 0; card < 4; card++) {
            boolean turned = stances.get(card).asText().equals("turn");
            parts |= turned ? rule.part(Kind.ofSymbol(round.at("/cards/" + card).asText())).bit() : 0;
        }
        return parts;
    }

    private static int agreed(JsonNode stances) {
        int agreed = 0;
        for (int card = 0; card < 4; card++) {
            Set<String> distinct = new HashSet<>();
            for (JsonNode person : stances) {
                distinct.add(person.get(card).asText());
            }
            agreed += distinct.size() == 1 ? 1 : 0;
        }
        return agreed;
    }
}
