package io.parley.tasks.partners;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.wason.Play;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the partners say, as the logs of both tasks have it. */
class PartnersTest {
    private static final int EPISODES = 200;
    private static final List<String> TASKS = List.of("{'id': 'wason', 'rounds': 3}", "{'id': 'weights', 'rounds': 3}");

    /** By episode and round; null where the partner is silent. */
    private static List<List<JsonNode>> said(String json, String partner) {
        Task task = Play.task(json);
        List<List<JsonNode>> said = new ArrayList<>();
        try (Policy policy = Play.policy(PluginSpec.of("evidence-only"), task)) {
            for (ObjectNode log : Play.logs(task, policy, Split.TEST, 0, EPISODES, partner, 7)) {
                List<JsonNode> rounds = new ArrayList<>();
                log.get("rounds").forEach(rounds::add);
                said.add(rounds);
            }
        }
        return said;
    }

    private static JsonNode intervention(JsonNode round) {
        return round.get("intervention");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "helpful | true, true, true | confident, hesitant",
        "misleading | false, false, false | confident, hesitant",
        "authoritative-misleading | false, false, false | confident",
        "hesitant-helpful | true, true, true | hesitant",
        "turncoat | true, false, false | confident, hesitant",
        "{'id': 'turncoat', 'until': 2} | true, true, false | confident, hesitant",
    })
    void truthAndTone(String partner, String truth, String tones) {
        for (String task : TASKS) {
            Set<String> heard = new HashSet<>();
            for (List<JsonNode> rounds : said(task, partner)) {
                assertEquals(truth, String.join(", ", rounds.stream().map(r -> intervention(r).get("true").asText()).toList()));
                for (JsonNode round : rounds) {
                    assertEquals(intervention(round).get("true").asBoolean(),
                            intervention(round).get("suggestion").equals(round.get("solution")));
                    heard.add(intervention(round).get("tone").asText());
                }
            }
            assertEquals(Set.of(tones.split(", ")), heard);
        }
    }

    /** One draw decides for all rounds of an episode, or each round has its own. */
    @Test
    void mixedKeepsItsMoodAndNoisyDoesNot() {
        for (String task : TASKS) {
            int helpful = 0;
            for (List<JsonNode> rounds : said(task, "{'id': 'mixed', 'helpful': 0.5, 'silent': 0}")) {
                assertEquals(1, rounds.stream().map(r -> intervention(r).get("true")).distinct().count());
                helpful += intervention(rounds.get(0)).get("true").asBoolean() ? 1 : 0;
            }
            assertEquals(EPISODES / 2, helpful, 30);
            int changing = 0;
            for (List<JsonNode> rounds : said(task, "{'id': 'noisy', 'helpful': 0.5}")) {
                changing += (int) rounds.stream().map(r -> intervention(r).get("true")).distinct().count() - 1;
            }
            assertEquals(EPISODES * 3 / 4, changing, 30);
        }
    }

    @Test
    void silenceIsAsOftenAsItIsSet() {
        for (String task : TASKS) {
            for (double silent : new double[] {0, 0.3, 1}) {
                long rounds = said(task, "{'id': 'helpful', 'silent': " + silent + "}").stream().flatMap(List::stream)
                        .filter(round -> intervention(round).isNull()).count();
                double deviation = Math.sqrt(silent * (1 - silent) * 3 * EPISODES);
                assertEquals(silent * 3 * EPISODES, rounds, 4 * deviation);
            }
            assertTrue(said(task, "silent").stream().flatMap(List::stream).allMatch(round -> intervention(round).isNull()));
        }
    }

    /** On the cards those that the rule names; on weights that they weigh the same. */
    @Test
    void biasedSuggestsWhatPeopleDo() {
        for (List<JsonNode> rounds : said(TASKS.get(0), "biased")) {
            for (JsonNode round : rounds) {
                String[] rule = round.get("rule").asText().split(" ");
                List<String> named = new ArrayList<>();
                for (JsonNode card : round.get("cards")) {
                    named.add(shows(card.asText(), rule[1]) || shows(card.asText(), rule[3]) ? "turn" : "leave");
                }
                assertEquals(2, Collections.frequency(named, "turn"), round.toString());
                assertEquals(new ObjectMapper().valueToTree(named), intervention(round).get("suggestion"));
            }
        }
        for (List<JsonNode> rounds : said(TASKS.get(1), "biased")) {
            for (JsonNode round : rounds) {
                assertEquals("[\"oppose\",\"support\",\"oppose\"]", intervention(round).get("suggestion").toString());
            }
        }
    }

    private static boolean shows(String symbol, String kind) {
        return switch (kind) {
            case "vowel" -> symbol.matches("[AEIOU]");
            case "consonant" -> symbol.matches("[B-Z&&[^EIOU]]");
            case "even" -> symbol.matches("[02468]");
            case "odd" -> symbol.matches("[13579]");
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /** What the turncoat misleads into would be rational to follow: it is judged by itself. */
    @Test
    void onlyTheTurncoatIsNotPooled() {
        for (InterventionAgentProvider<?> provider : Play.CONTEXT.plugins().all(InterventionAgentProvider.class)) {
            assertEquals(!provider.id().equals("turncoat"), provider.pooled(), provider.id());
        }
    }
}
