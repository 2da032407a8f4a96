package io.parley.tasks.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.optimum.Reading;
import io.parley.tasks.wason.Play;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FullPressTest {
    private static final String RECORD = "{'id': 'weights', 'press': 'full', 'rounds': 3, 'visible': 0.5}";
    private static final String SINGLE = "{'id': 'weights', 'press': 'full', 'regime': 'single', 'rounds': 5}";

    @Test
    void everyClauseIsReadAsWhatItSays() {
        ClaimContent content = new ClaimContent();
        Set<String> clauses = new HashSet<>();
        for (Question question : Question.ALL) {
            for (Relation answer : Relation.values()) {
                Claim claim = new Claim(question, answer);
                assertEquals(claim, content.read(content.write(claim)).orElseThrow());
                assertTrue(clauses.add(content.write(claim)));
            }
        }
        assertEquals(78, clauses.size());
        assertEquals(new Claim(Question.ofText("blue green"), Relation.LIGHTER),
                content.read("green is heavier than blue").orElseThrow());
        assertEquals(new Claim(Question.ofText("blue red"), Relation.EQUAL), content.read("blue weighs 10 g").orElseThrow());
        assertTrue(content.read("red weighs 20 g").isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "i think blue is heavier than green. | blue green | oppose oppose support | ",
        "i think green is lighter than blue. | blue green | oppose oppose support | ",
        "i think blue weighs 30 g. | blue green | unsure unsure unsure | ",
        "i doubt that blue is heavier than green. | blue green | unsure unsure unsure | ",
        "i think blue weighs 30 g. i was wrong, blue weighs less than 30 g. | blue 30 | support oppose oppose | ",
        "i think blue weighs 30 g. weigh red and blue against purple. | blue 30 | oppose support oppose | red+blue purple",
        "weigh green and blue against red. | blue 30 | unsure unsure unsure | blue+green red",
    })
    void stancesAreWhatIsSaidLastAboutTheQuestion(String said, String question, String stances, String weighed) {
        Script.Answer answer = new Talk(3, 3, true).read(said, Question.ofText(question));
        assertTrue(answer.parsed());
        assertEquals(stances, Stances.text(answer.action().stances()));
        String loads = weighed == null ? "nothing nothing" : weighed;
        assertEquals(stances + " " + loads, answer.action().text(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "blue", "i think blue is heavy.", "weigh orange against red.",
            "i think blue weighs 30 g. weigh blue"})
    void whatCannotBeReadCosts(String said) {
        Episodes episodes = Play.begin(Play.task(SINGLE), Split.TRAIN, 0, 4, "mixed", 1);
        episodes.step(Collections.nCopies(4, Response.of(said))).forEach(earned -> assertEquals(-0.1, earned.get("own")));
        JsonNode response = episodes.log().get(0).at("/rounds/0/response");
        assertEquals(said, response.get("raw").asText());
        assertEquals(false, response.get("parsed").asBoolean());
        assertEquals("[\"unsure\",\"unsure\",\"unsure\"]", response.get("stances").toString());
    }

    @Test
    void nobodyWeighsWhereNothingWouldComeOfIt() {
        assertEquals(false, new Talk(3, 3, false).read("weigh blue against red.", Question.ALL.get(0)).parsed());
    }

    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE})
    void theSameEpisodeInWordsAndWithoutThem(String json) {
        Task spoken = Play.task(json);
        Task silent = Play.task(json.replace("'press': 'full', ", ""));
        for (Split split : Split.values()) {
            Episodes words = Play.begin(spoken, split, 0, 200, "mixed", 3);
            Episodes stances = Play.begin(silent, split, 0, 200, "mixed", 3);
            while (!words.done()) {
                for (int i = 0; i < 200; i++) {
                    Reading one = WeightsReader.read(words.prompts().get(i), spoken.text());
                    Reading other = WeightsReader.read(stances.prompts().get(i), silent.text());
                    assertEquals(other.record(), one.record());
                    assertEquals(other.open().size(), one.open().size());
                    String place = other.suggestion() == null ? "none" : String.valueOf(other.open().indexOf(other.suggestion()));
                    assertEquals(place, one.suggestion() == null ? "none" : String.valueOf(one.open().indexOf(one.suggestion())));
                }
                boolean weighs = ((Weights) spoken).weighs();
                words.step(Collections.nCopies(200, Response.of(weighs ? "weigh blue and red against green." : "i see.")));
                stances.step(Collections.nCopies(200, Response.of("unsure unsure unsure" + (weighs ? " red+blue green" : ""))));
            }
            List<ObjectNode> spokenLogs = words.log();
            List<ObjectNode> silentLogs = stances.log();
            for (int i = 0; i < 200; i++) {
                for (int round = 0; round < spoken.rounds(); round++) {
                    for (String field : List.of("question", "weights", "weighings", "evidence", "stances", "submission")) {
                        String place = "/rounds/" + round + "/" + field;
                        assertEquals(silentLogs.get(i).at(place), spokenLogs.get(i).at(place));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE})
    void demonstrationsAreReadAsMeantAndFit(String json) {
        Task task = Play.task(json);
        TextSpec text = task.text();
        Set<String> known = new HashSet<>(text.words());
        int weighed = 0;
        int parsed = 0;
        List<Demonstration> all = task.demonstrations(
                new DemonstrationRequest(2000, 0.3, Play.partner("mixed"), List.of(), new RandomStreams(2)));
        for (Demonstration demonstration : all) {
            Prompt prompt = demonstration.prompt();
            String question = prompt.segments().stream()
                    .filter(s -> s.kind() == SegmentKind.QUESTION && s.round() == prompt.round()).findFirst()
                            .orElseThrow().text();
            Script.Answer answer = ((Weights) task).script.read(demonstration.response().text(), Talk.ofQuestion(question));
            parsed += answer.parsed() && Stances.answer(answer.action().stances()) != null ? 1 : 0;
            weighed += answer.action().left() != 0 ? 1 : 0;
            int words = 0;
            int system = 0;
            for (Segment segment : prompt.segments()) {
                List<String> here = text.split(segment.text());
                assertTrue(known.containsAll(here), segment.text());
                words += segment.role() == Role.SYSTEM ? 0 : here.size();
                system += segment.role() == Role.SYSTEM ? here.size() : 0;
            }
            assertTrue(words <= text.maxDialogueWords() && system <= text.maxSystemWords());
            assertTrue(known.containsAll(text.split(demonstration.response().text())), demonstration.response().text());
        }
        assertEquals(all.size(), parsed);
        assertEquals(((Weights) task).weighs() ? 0.5 : 0, (double) weighed / all.size(), 0.05);
    }

    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE})
    void scriptedPoliciesSpeak(String json) {
        Task task = Play.task(json);
        for (String id : List.of("evidence-only", "record-optimal", "copy-always")) {
            try (Policy policy = Play.policy(PluginSpec.of(id), task)) {
                for (ObjectNode log : Play.logs(task, policy, Split.TEST, 0, 100, "misleading", 3)) {
                    for (JsonNode round : log.get("rounds")) {
                        assertTrue(round.at("/response/parsed").asBoolean(), round.toString());
                        boolean right = round.at("/response/stances").equals(round.get("solution"));
                        boolean visible = round.get("evidence").asText().equals("visible");
                        boolean spoken = !round.get("intervention").isNull();
                        if (id.equals("copy-always")) {
                            assertTrue(!spoken || round.at("/response/stances").equals(round.at("/intervention/suggestion")));
                        } else {
                            assertTrue(!visible || right, round.toString());
                        }
                    }
                }
            }
        }
    }
}
