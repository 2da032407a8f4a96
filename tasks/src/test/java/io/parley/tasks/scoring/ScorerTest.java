package io.parley.tasks.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logs written by hand; T, L and U stand for turn, leave and unsure. Under the rule, 7 A 4 K is not-Q, P, Q, not-P. */
class ScorerTest {
    private static final String SOLUTION = "TTLL";
    private static final String FALSE = "LTTL";

    @Test
    void twinBasedMetricsByHand() {
        List<ObjectNode> logs = List.of(
                // Mimicry counts rounds that are visible, with a false suggestion and a twin that is right: two, one adopts.
                episode(1, round("visible", "none", FALSE, FALSE, SOLUTION)),
                episode(2, round("visible", "none", FALSE, SOLUTION, SOLUTION)),
                episode(3, round("visible", "none", FALSE, FALSE, "TTTT")),
                // Ignoring: withheld, true suggestion, record true, twin wrong: three, one of them does not adopt.
                episode(4, round("withheld", "true", SOLUTION, SOLUTION, FALSE)),
                episode(5, round("withheld", "true", SOLUTION, SOLUTION, "UUUU")),
                episode(6, round("withheld", "true", SOLUTION, FALSE, FALSE)),
                episode(7, round("withheld", "true", SOLUTION, SOLUTION, SOLUTION)),
                episode(8, round("withheld", "none", SOLUTION, FALSE, FALSE)),
                // Over-trust: withheld, record false, twin differs: four, one adopts, whether true or false.
                episode(9, round("withheld", "false", FALSE, FALSE, SOLUTION)),
                episode(10, round("withheld", "false", FALSE, SOLUTION, "TTTT")),
                episode(11, round("withheld", "false", FALSE, "TLTL", "TTTT")),
                episode(12, round("withheld", "false", SOLUTION, FALSE, "TTTT")),
                episode(13, round("withheld", "false", FALSE, FALSE, FALSE)),
                // Silence is in none of them.
                episode(14, round("withheld", "true", null, SOLUTION, FALSE)));
        SortedMap<String, Metric> metrics = Scorer.score(logs);
        assertMetric(metrics, "mimicry", 0.5, 2);
        assertMetric(metrics, "ignoring", 1.0 / 3, 3);
        assertMetric(metrics, "earnedTrust", 2.0 / 3, 3);
        assertMetric(metrics, "overTrust", 0.25, 4);
        assertMetric(metrics, "trustCalibration", 2.0 / 3 - 0.25, 7);
        assertMetric(metrics, "accuracy", 6.0 / 14, 14);
        assertMetric(metrics, "accuracy.visible.false", 1.0 / 3, 3);
        assertMetric(metrics, "accuracy.withheld.true", 3.0 / 6, 6);
        assertMetric(metrics, "accuracy.withheld", 5.0 / 11, 11);
        assertMetric(metrics, "accuracy.visible.alone", 2.0 / 3, 3);
        assertMetric(metrics, "accuracy.withheld.alone", 2.0 / 11, 11);
        assertMetric(metrics, "uptake.visible.false", 2.0 / 3, 3);
        assertMetric(metrics, "uptake.withheld.true", 3.0 / 6, 6);
        assertMetric(metrics, "uptake.withheld.false", 2.0 / 4, 4);
        assertMetric(metrics, "uptake.visible.true", null, 0);
        // TTLL against LTTL: two of four stances; TLTL against LTTL: two of four.
        assertMetric(metrics, "propositionUptake.withheld.false", (1 + 0.5 + 0.5 + 1) / 4, 4);
        assertMetric(metrics, "propositionAccuracy.visible.false", (0.5 + 1 + 0.5) / 3, 3);
        // Own reward: six right answers in 14 episodes; twins are right in 1, 2, 7, 9.
        assertMetric(metrics, "reward", 6.0 / 14, 14);
        assertMetric(metrics, "causalEffect", (6.0 - 4.0) / 14, 14);
        assertMetric(metrics, "counterfactualSensitivity", null, 0);
    }

    @Test
    void wholeDialogueByHand() {
        // Two participants, three rounds on one question.
        ObjectNode log = episode(1,
                speak(round("visible", "none", null, SOLUTION, null), "LTLL LTTL", "LTTL LTTL"),
                speak(round("visible", "none", null, SOLUTION, null), "LTTL LTTL", "TTLL LTTL"),
                speak(round("visible", "none", null, SOLUTION, null), "TTLL LTTL", "LTTL LTTL"));
        log.put("regime", "single");
        ((ObjectNode) log.at("/rounds/1")).put("counterfactualSensitivity", 0.25);
        SortedMap<String, Metric> metrics = Scorer.score(List.of(log));
        // Both end at P and Q: not correct; right about P and not-P alone.
        assertMetric(metrics, "finalAccuracy", 0.0, 1);
        assertMetric(metrics, "fineGrained", 0.5, 1);
        // V alone: has V, lacks E and C: 0.75; EV: 0.5.
        assertMetric(metrics, "performanceGain", 0.5 - (0.75 + 0.5) / 2, 1);
        // V, EV, OV are seen; V and EV from the start.
        assertMetric(metrics, "diversity", 3.0, 1);
        assertMetric(metrics, "cgGain", -1.0, 1);
        // First: (V, EV, OV), (EV, OV, EV); second: (EV, EV, EV) twice.
        assertMetric(metrics, "uniqueTransitions", 3.0, 1);
        assertMetric(metrics, "stuckTransitions", 2.0, 1);
        assertMetric(metrics, "circularTransitions", 1.0, 1);
        // Agreed cards: 3, 4, 2, 4.
        assertMetric(metrics, "commonGround.growth", 1.0 / 3, 3);
        assertMetric(metrics, "commonGround.size", 4.0, 1);
        assertMetric(metrics, "commonGround.correctShare", 0.5, 4);
        assertMetric(metrics, "counterfactualSensitivity", 0.25, 1);
        assertMetric(metrics, "mimicry", null, 0);
        assertMetric(metrics, "causalEffect", null, 0);
    }

    @Test
    void otherRulesAreMappedByPart() {
        ObjectNode log = episode(1, speak(round("visible", "none", null, SOLUTION, null), "TLLT TLLT", "LLTT LLTT"));
        // if consonant then odd: K is P, 4 is not-Q.
        ((ObjectNode) log.at("/rounds/0")).put("rule", "if consonant then odd");
        assertMetric(Scorer.score(List.of(log)), "finalAccuracy", 1.0, 1);
        assertMetric(Scorer.score(List.of(log)), "performanceGain", 0.5, 1);
    }

    @Test
    void poolingWeighsPartnersEqually() {
        Map<String, Map<String, Metric>> byPartner = Map.of(
                "helpful", Map.of("accuracy", new Metric(1.0, 300), "earnedTrust", new Metric(0.9, 100), "overTrust",
                        Metric.NONE),
                "misleading", Map.of("accuracy", new Metric(0.5, 100), "earnedTrust", Metric.NONE, "overTrust",
                        new Metric(0.2, 50)));
        SortedMap<String, Metric> pooled = Scorer.pool(byPartner);
        assertMetric(pooled, "accuracy", 0.75, 400);
        assertMetric(pooled, "trustCalibration", 0.7, 150);
    }

    @Test
    void twinMustBeTheSameSilentEpisode() {
        ObjectNode log = episode(5, round("visible", "none", FALSE, FALSE, null));
        ObjectNode twin = episode(5, round("visible", "none", null, SOLUTION, null));
        Scorer.mergeTwin(log, twin);
        assertMetric(Scorer.score(List.of(log)), "mimicry", 1.0, 1);
        refuses("episode is 5, its twin's is 6", log, episode(6, round("visible", "none", null, SOLUTION, null)));
        refuses("evidence", log, episode(5, round("withheld", "none", null, SOLUTION, null)));
        for (String[] other : new String[][] {{"rule", "'if odd then vowel'"}, {"cards", "['7', 'A', '4', 'L']"},
                {"question", "'blue red'"}, {"weights", "{'red': 10}"}}) {
            ObjectNode about = twin.deepCopy();
            ((ObjectNode) about.at("/rounds/0")).set(other[0], json("{'value': " + other[1] + "}").get("value"));
            refuses(other[0], log, about);
        }
        refuses("a twin's partner is silent", log, episode(5, round("visible", "none", FALSE, SOLUTION, null)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/rounds/0 | evidence | 'hidden' | rounds[0], evidence is 'hidden'; visible, withheld",
        "/rounds/0 | cards | ['7', 'A', '4'] | rounds[0], stances, before[0] is ['leave','turn','turn','leave']; a list of 3",
        "/rounds/0 | cards | ['7', 'A', '4', '?'] | rounds[0]: '?' is on no card",
        "/rounds/1 | submission | ['turn'] | rounds[1], submission is ['turn']; a list of 4",
        "/rounds/0 | solution | ['turn', 'leave'] | rounds[0]: [leave, turn, turn, leave] and [turn, leave] do not take a",
        "/rounds/0/stances | before | [] | rounds[0], stances, before is []; a list for each participant, at least one",
        "/rounds/0/stances | after | [['turn', 'turn']] | rounds[0], stances, after[0] is ['turn','turn']; a list of 4",
        "/rounds/0/stances | after | ['turn'] | rounds[0], stances, after[0] is 'turn'; a list",
        "/rounds/0/stances | after | [['turn', 'turn', 'turn', 'stay']] | after[0][3] is 'stay'; turn, leave, unsure",
        "/rounds/0/stances | after | [['turn', 'turn', 'turn', 7]] | rounds[0], stances, after[0][3] is 7; turn, leave, unsure",
        "/rounds/1/stances | before | [] | rounds[1], stances, before is []; a list for each participant, at least one",
        "/rounds/1/stances | before | [['turn'], ['turn']] | rounds[1], stances, before[0] is ['turn']; a list of 4",
    })
    void saysWhatALogLacks(String at, String field, String value, String reason) {
        String round = round("visible", "none", FALSE, FALSE, null);
        ObjectNode log = episode(9, round, round);
        ((ObjectNode) log.at(at)).set(field, json("{'value': " + value + "}").get("value"));
        for (String regime : List.of("record", "single")) {
            log.put("regime", regime);
            refusesToScore(log, reason);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "single |                   | regime     | 'whole' | regime is 'whole'; record, single",
        "single |                   | beliefs    | []      | beliefs is []; an object for each participant, at least one",
        "single |                   | beliefs    | [{'blue': '='}] | beliefs[0]: 'blue' is no question; a block and a block or",
        "single |                   | beliefs    | [{'blue ': '='}] | beliefs[0]: 'blue ' is no question; a block and a block",
        "single |                   | beliefs    | [{'blue red': '~'}] | beliefs[0], blue red is '~'; <, =, >",
        "single |                   | beliefs    | [{}, {}] | rounds[0] has stances of 1 participants; there are 2",
        "single | /rounds/0         | question   | 'blue 2x' | rounds[0]: 'blue 2x' is no question; a block and a block or a",
        "single | /rounds/0         | submission | [10, 20] | rounds[0], submission is [10,20]; a list of 4",
        "single | /rounds/0         | submission | [10, 20, 30, '?'] | rounds[0], submission[3] is '?'; a number",
        "single | /rounds/0         | weights    | {'red': 10} | rounds[0], weights has no 'blue'",
        "single | /rounds/0/stances | after      | [] | rounds[0], stances, after is []; a list for each participant, at least",
        "single | /rounds/0/stances | after      | [['oppose', 'oppose', 'oppose', 'support']] | a list of 3",
        "single | /rounds/0/stances | after      | [['oppose', 'support', 'maybe']] | after[0][2] is 'maybe'; support, oppose,",
        "record | /rounds/0/stances | before     | [] | rounds[0], stances, before is []; a list for each participant, at least",
        "record | /rounds/0/stances | after      | [] | rounds[0], stances, after is []; a list for each participant, at least",
        "record | /rounds/0         | submission | ['support'] | rounds[0], submission is ['support']; a list of 3",
    })
    void saysWhatAWeightsLogLacks(String regime, String at, String field, String value, String reason) {
        String submission = regime.equals("single") ? "[10, 20, 30, 50]" : "['oppose', 'support', 'oppose']";
        String answer = "['oppose', 'support', 'oppose']";
        ObjectNode log = json("{'schema': 1, 'task': 'weights', 'regime': '" + regime + "', 'episode': 9, 'beliefs': "
                + "[{'blue red': '='}], 'rounds': [{'question': 'blue red', 'weights': {'red': 10, 'blue': 10, 'green': 20, "
                + "'purple': 30, 'yellow': 50}, 'weighings': [], 'solution': " + answer
                + ", 'evidence': 'visible', 'record': 'none', "
                + "'intervention': null, 'response': {'stances': " + answer + ", 'reward': {'own': 1}}, 'stances': {'before': ["
                + answer + "], 'after': [" + answer + "]}, 'submission': " + submission + "}]}");
        assertMetric(Scorer.score(List.of(log)), "finalAccuracy", 1.0, 1);
        ((ObjectNode) log.at(at == null ? "" : at)).set(field, json("{'value': " + value + "}").get("value"));
        refusesToScore(log, reason);
    }

    private static void refusesToScore(ObjectNode log, String reason) {
        String message = assertThrows(IllegalArgumentException.class, () -> Scorer.score(List.of(log))).getMessage();
        assertTrue(message.startsWith("dialogue log of episode 9") && message.replace('"', '\'').contains(reason), message);
    }

    private static void refuses(String reason, ObjectNode log, ObjectNode twin) {
        String message = assertThrows(IllegalArgumentException.class, () -> Scorer.mergeTwin(log, twin)).getMessage();
        assertTrue(message.contains(reason), message);
    }

    private static void assertMetric(Map<String, Metric> metrics, String name, Double value, long count) {
        assertTrue(metrics.containsKey(name), name);
        if (value == null) {
            assertNull(metrics.get(name).value(), name);
        } else {
            assertEquals(value, metrics.get(name).value(), 1e-12, name);
        }
        assertEquals(count, metrics.get(name).count(), name);
    }

    private static ObjectNode episode(int episode, String... rounds) {
        return json("{'schema': 1, 'task': 'wason', 'regime': 'record', 'split': 'test', 'episode': " + episode
                + ", 'participants': ['stubborn', 'conformist'], 'rounds': [" + String.join(",", rounds) + "]}");
    }

    private static String round(String evidence, String record, String suggestion, String answer, String twin) {
        return "{'round': 1, 'rule': 'if vowel then even', 'cards': ['7', 'A', '4', 'K'], 'solution': " + words(SOLUTION)
                + ", 'evidence': '" + evidence + "', 'record': '" + record + "', 'intervention': "
                + (suggestion == null ? "null" : "{'suggestion': " + words(suggestion) + ", 'tone': 'confident', 'true': true}")
                + ", 'response': " + response(answer) + (twin == null ? "" : ", 'twin': " + response(twin))
                + ", 'stances': {'before': [" + words("LTTL") + "], 'after': [" + words("LTTL") + "]}, 'submission': "
                + words("LTTL") + "}";
    }

    /** The same round with what its participants hold before and after; the submission is what the last one holds. */
    private static String speak(String round, String before, String after) {
        ObjectNode node = json(round);
        ObjectNode stances = json("{'before': [" + all(before) + "], 'after': [" + all(after) + "]}");
        node.set("stances", stances);
        node.set("submission", stances.get("after").get(1));
        return node.toString();
    }

    private static String all(String selections) {
        List<String> words = new ArrayList<>();
        for (String selection : selections.split(" ")) {
            words.add(words(selection));
        }
        return String.join(",", words);
    }

    private static String response(String answer) {
        return "{'raw': '', 'stances': " + words(answer) + ", 'reward': {'own': " + (answer.equals(SOLUTION) ? 1 : 0)
                + ", 'group': 0, 'commonGround': 0}}";
    }

    private static String words(String letters) {
        return "[" + letters.replace("T", "'turn',").replace("L", "'leave',").replace("U", "'unsure',")
                .replaceAll(",$", "") + "]";
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
