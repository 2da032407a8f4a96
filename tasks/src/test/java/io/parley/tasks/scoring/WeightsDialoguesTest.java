package io.parley.tasks.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Response;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.tasks.wason.Play;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class WeightsDialoguesTest {
    private static final Map<String, Integer> CANONICAL = Map.of("red", 10, "blue", 10, "green", 20, "purple", 30, "yellow", 50);
    private static final List<String> ANSWERS = List.of("SOO", "OSO", "OOS", "UUU");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** By hand: two participants. */
    @Test
    void commonGroundIsWhatAllHaveHeld() {
        ObjectNode log = dialogue("[{'blue red': '=', 'green 30': '='}, {'blue red': '=', 'green 30': '>'}]", List.of(
                // Both come to hold that green is heavier than blue (right): two propositions; at the start, blue = red and blue
                // = 10.
                round("blue green", "SOO", List.of("SOO", "SOO"), "0, 0, 0, 0"),
                // They disagree, but neither holds that green weighs 30 g: one, and right.
                round("green 30", "SOO", List.of("SOO", "OOS"), "0, 0, 0, 0"),
                // Both hold that yellow weighs 40 g, which it does not: one, and wrong.
                round("yellow 40", "OOS", List.of("OSO", "OSO"), "0, 0, 0, 40"),
                // They change their minds: what they held stays, and it is not 40 g: one more.
                round("yellow 40", "OOS", List.of("OOS", "OOS"), "10, 0, 0, 50")));
        SortedMap<String, Metric> metrics = Scorer.score(List.of(log));
        assertMetric(metrics, "commonGround.size", 7.0, 1);
        assertMetric(metrics, "commonGround.correctShare", 6.0 / 7, 7);
        assertMetric(metrics, "commonGround.growth", 3.0 / 3, 3);
        assertMetric(metrics, "commonGround.normalised", 7.0 / 37, 1);
        assertMetric(metrics, "accuracyAdjusted", 7 * (1 - 1.0 / 7), 1);
        assertMetric(metrics, "finalAccuracy", 0.0, 1);
        assertMetric(metrics, "fineGrained", 0.5, 1);
        assertMetric(metrics, "consensus", 0.0, 1);
    }

    /**
     * 4 + 1 equalities, 9 + 16 inequalities, 9 orders: what there is to agree on about the canonical blocks, red's weight apart.
     */
    @Test
    void theMostThatCanBeCommonGround() {
        List<String> colours = List.of("red", "blue", "green", "purple", "yellow");
        Map<String, String> all = new HashMap<>();
        for (int x = 1; x < colours.size(); x++) {
            for (int y = x + 1; y < colours.size(); y++) {
                all.put(colours.get(x) + " " + colours.get(y),
                        sign(CANONICAL.get(colours.get(x)), CANONICAL.get(colours.get(y))));
            }
            all.put(colours.get(x) + " red", sign(CANONICAL.get(colours.get(x)), 10));
            for (int grams = 20; grams <= 50; grams += 10) {
                all.put(colours.get(x) + " " + grams, sign(CANONICAL.get(colours.get(x)), grams));
            }
        }
        StringBuilder beliefs = new StringBuilder();
        all.forEach((question, sign) -> beliefs.append(beliefs.isEmpty() ? "" : ", ").append("'").append(question).append("': '")
                .append(sign)
                .append("'"));
        ObjectNode log = dialogue("[{" + beliefs + "}, {" + beliefs + "}]",
                List.of(round("blue red", "OSO", List.of("OSO", "OSO"), "10, 20, 30, 50")));
        SortedMap<String, Metric> metrics = Scorer.score(List.of(log));
        assertMetric(metrics, "commonGround.size", 39.0, 1);
        assertMetric(metrics, "commonGround.correctShare", 1.0, 39);
        assertMetric(metrics, "finalAccuracy", 1.0, 1);
        assertMetric(metrics, "consensus", 1.0, 1);
        assertMetric(metrics, "commonGround.growth", null, 0);
    }

    private static String sign(int left, int right) {
        return left < right ? "<" : left > right ? ">" : "=";
    }

    @Test
    void loadsCountThatShowSomethingAndRoundsWhoseAnswerTheyEntail() {
        ObjectNode log = dialogue("[{}]", Collections.nCopies(4, round("blue red", "OSO", List.of("UUU"), "0, 0, 0, 0")));
        ((ObjectNode) log.at("/rounds/1")).putArray("weighings").add("blue equal red");
        ((ObjectNode) log.at("/rounds/1")).put("evidence", "visible");
        ((ObjectNode) log.at("/rounds/3")).putArray("weighings").add("green heavier red");
        SortedMap<String, Metric> metrics = Scorer.score(List.of(log, dialogue("[{}]", List.of(
                round("blue red", "OSO", List.of("UUU"), "0, 0, 0, 0")))));
        assertMetric(metrics, "weighings", (2 + 0) / 2.0, 2);
        assertMetric(metrics, "visibleShare", 1.0 / 5, 5);
    }

    /** What the task rewards as common ground adds up to what the scorer finds in its log, by another way of counting. */
    @Test
    void theScorerFindsInTheLogWhatTheTaskRewards() {
        for (ObjectNode log : play("{'id': 'weights', 'regime': 'single', 'rounds': 26}", "oppose oppose support blue green")) {
            double start = 0;
            for (String question : questions(log)) {
                Set<String> signs = new HashSet<>();
                log.get("beliefs").forEach(own -> signs.add(own.path(question).asText("")));
                start += propositions(question, signs);
            }
            assertEquals(start + rewarded(log), Scorer.score(List.of(log)).get("commonGround.size").value(), 1e-9);
        }
    }

    /** Each round has a question of its own, about which the participants hold something already. */
    @Test
    void theScorerFindsInTheRoundsWhatTheTaskRewards() {
        int started = 0;
        for (ObjectNode log : play("{'id': 'weights', 'rounds': 6, 'visible': 0.5}", "oppose oppose support")) {
            double start = 0;
            for (JsonNode round : log.get("rounds")) {
                Set<String> signs = new HashSet<>();
                round.at("/stances/before").forEach(own -> {
                    int supported = letters(own).indexOf('S');
                    signs.add(supported < 0 ? "" : "<=>".substring(supported, supported + 1));
                });
                start += propositions(round.get("question").asText(), signs);
                assertTrue(round.at("/response/reward/commonGround").asDouble() >= 0, "what was common ground stays so");
            }
            Metric size = Scorer.score(List.of(log)).get("commonGround.size");
            assertEquals(6, size.count());
            assertEquals(start + rewarded(log), 6 * size.value(), 1e-9);
            started += start > 0 ? 1 : 0;
        }
        assertTrue(started > 10, started + " episodes begin a round with something in common");
    }

    private static List<ObjectNode> play(String task, String response) {
        Episodes episodes = Play.begin(Play.task(task), Split.DEV, 0, 60, "mixed", 3);
        while (!episodes.done()) {
            episodes.step(Collections.nCopies(60, Response.of(response)));
        }
        return episodes.log();
    }

    private static double rewarded(JsonNode log) {
        double rewarded = 0;
        for (JsonNode round : log.get("rounds")) {
            rewarded += round.at("/response/reward/commonGround").asDouble();
        }
        return rewarded;
    }

    /** What all hold about two different things is counted once each; "" stands for no answer. */
    private static int propositions(String question, Set<String> signs) {
        int propositions = 0;
        if (signs.equals(Set.of("="))) {
            propositions = 1;
        } else if (!signs.contains("=") && !signs.contains("")) {
            propositions = !Character.isDigit(question.split(" ")[1].charAt(0)) && signs.size() == 1 ? 2 : 1;
        }
        return propositions + (question.endsWith("red") && propositions > 0 ? 1 : 0);
    }

    private static Set<String> questions(JsonNode log) {
        Set<String> questions = new HashSet<>();
        log.get("beliefs").forEach(own -> own.fieldNames().forEachRemaining(questions::add));
        return questions;
    }

    @Test
    void aRoundOfTheRecordRegimeIsADialogueOfItsOwn() {
        ObjectNode log = dialogue("[]", List.of(
                round("blue green", "SOO", List.of("UUU", "SOO", "OOS"), List.of("SOO", "SOO", "SOO"),
                        "'support', 'oppose', 'oppose'"),
                // Before and after it they hold that green does not weigh 30 g.
                round("green 30", "SOO", List.of("SOO", "OOS", "OOS"), List.of("OOS", "SOO", "SOO"),
                        "'support', 'oppose', 'oppose'"),
                // Before it they hold that it does: what once was common ground stays so.
                round("green 30", "SOO", List.of("OSO", "OSO", "OSO"), List.of("UUU", "UUU", "UUU"),
                        "'unsure', 'unsure', 'unsure'")));
        log.put("regime", "record");
        SortedMap<String, Metric> metrics = Scorer.score(List.of(log));
        assertMetric(metrics, "commonGround.size", (2.0 + 1 + 1) / 3, 3);
        assertMetric(metrics, "commonGround.correctShare", 3.0 / 4, 4);
        assertMetric(metrics, "finalAccuracy", 2.0 / 3, 3);
        assertMetric(metrics, "consensus", 1.0 / 3, 3);
        assertMetric(metrics, "accuracyAdjusted", null, 0);
    }

    @Test
    void aTwinMaySeeOtherEvidenceOnceItHasWeighed() {
        ObjectNode log = dialogue("[{}]", List.of(round("blue red", "OSO", List.of("UUU"), "0, 0, 0, 0"),
                round("blue 20", "SOO", List.of("UUU"), "0, 0, 0, 0")));
        ObjectNode twin = log.deepCopy();
        ((ObjectNode) twin.at("/rounds/1")).put("evidence", "visible");
        Scorer.mergeTwin(log, twin);
        assertEquals("OSO", letters(log.at("/rounds/1/twin/stances")));
        ((ObjectNode) twin.at("/rounds/0")).put("evidence", "visible");
        assertThrows(IllegalArgumentException.class, () -> Scorer.mergeTwin(log, twin));
    }

    private static String letters(JsonNode words) {
        StringBuilder letters = new StringBuilder();
        words.forEach(word -> letters.append(Character.toUpperCase(word.asText().charAt(0))));
        return letters.toString();
    }

    private static ObjectNode dialogue(String beliefs, List<String> rounds) {
        return json("{'schema': 1, 'task': 'weights', 'split': 'test', 'episode': 4, 'regime': 'single', 'beliefs': " + beliefs
                + ", 'rounds': " + rounds + "}");
    }

    /** S, O and U stand for support, oppose and unsure. */
    private static String round(String question, String solution, List<String> after, String submission) {
        return round(question, solution, Collections.nCopies(after.size(), "UUU"), after, submission);
    }

    private static String round(
            String question, String solution, List<String> before, List<String> after, String submission) {
        List<String> weights = new ArrayList<>();
        CANONICAL.forEach((block, grams) -> weights.add("'" + block + "': " + grams));
        return "{'question': '" + question + "', 'solution': " + words(solution) + ", 'weights': {" + String.join(", ", weights)
                + "}, 'weighings': [], 'evidence': 'withheld', 'settled': false, 'record': 'none', 'intervention': null, 'response': {'stances': "
                + words("OSO") + ", 'reward': {'own': 0}}, 'stances': {'before': "
                + before.stream().map(WeightsDialoguesTest::words).toList() + ", 'after': "
                + after.stream().map(WeightsDialoguesTest::words).toList() + "}, 'submission': [" + submission + "]}";
    }

    private static List<String> words(String letters) {
        assertEquals(true, ANSWERS.contains(letters));
        return letters.chars().mapToObj(c -> c == 'S' ? "'support'" : c == 'O' ? "'oppose'" : "'unsure'").toList();
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) MAPPER.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertMetric(Map<String, Metric> metrics, String name, Double value, long count) {
        if (value == null) {
            assertNull(metrics.get(name).value(), name);
        } else {
            assertEquals(value, metrics.get(name).value(), 1e-12, name);
        }
        assertEquals(count, metrics.get(name).count(), name);
    }
}
