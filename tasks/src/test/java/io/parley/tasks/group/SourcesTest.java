package io.parley.tasks.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.wason.Play;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** People who reconsider in every round and have one source each, beside a collaborator and a partner. */
class SourcesTest {
    @TempDir
    private Path folder;

    /** Rounds of 200 episodes of the record regime, with the evidence visible in half of them. */
    private List<JsonNode> rounds(String task, String source, double conviction, int people, String partner) throws IOException {
        Path file = Files.writeString(folder.resolve("people.json"), """
                {"pace": {"record": 1, "single": 1},
                 "personalities": [{"name": "all", "share": 1, "conviction": %s, "sources": {"%s": 1}}]}
                """.formatted(conviction, source));
        Task group = Play.task("{'id': '" + task + "', 'visible': 0.5, 'participants': " + people + ", 'people': '" + file + "'}");
        List<JsonNode> rounds = new ArrayList<>();
        try (Policy policy = Play.policy(PluginSpec.of("evidence-only"), group)) {
            for (ObjectNode log : Play.logs(group, policy, Split.DEV, 0, 200, partner, 3)) {
                log.get("rounds").forEach(rounds::add);
            }
        }
        return rounds;
    }

    private static List<JsonNode> before(JsonNode round) {
        return list(round.at("/stances/before"));
    }

    private static List<JsonNode> after(JsonNode round) {
        return list(round.at("/stances/after"));
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> list = new ArrayList<>();
        array.forEach(list::add);
        return list;
    }

    private static boolean visible(JsonNode round) {
        return round.get("evidence").asText().equals("visible");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wason", "weights"})
    void thePartnerIsTakenOverWhereItSpeaks(String task) throws IOException {
        for (JsonNode round : rounds(task, "partner", 0, 3, "misleading")) {
            assertEquals(Collections.nCopies(3, round.at("/intervention/suggestion")), after(round));
        }
        for (JsonNode round : rounds(task, "partner", 0, 3, "silent")) {
            assertEquals(before(round), after(round));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wason", "weights"})
    void theCollaboratorIsTakenOver(String task) throws IOException {
        for (JsonNode round : rounds(task, "collaborator", 0, 3, "misleading")) {
            assertEquals(Collections.nCopies(3, round.at("/response/stances")), after(round));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wason", "weights"})
    void evidenceIsSeenWhereItIsVisible(String task) throws IOException {
        int seen = 0;
        for (JsonNode round : rounds(task, "evidence", 0, 3, "misleading")) {
            if (visible(round)) {
                seen++;
                assertEquals(Collections.nCopies(3, round.get("solution")), after(round));
            }
        }
        assertTrue(seen > 100, seen + " rounds were visible");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wason", "weights"})
    void twoPeersExchangeWhatTheyHold(String task) throws IOException {
        int different = 0;
        for (JsonNode round : rounds(task, "peer", 0, 2, "misleading")) {
            List<JsonNode> before = before(round);
            // Who has no answer yet has none to give.
            if (before.stream().noneMatch(own -> own.toString().contains("unsure"))) {
                different += before.get(0).equals(before.get(1)) ? 0 : 1;
                assertEquals(List.of(before.get(1), before.get(0)), after(round));
            }
        }
        assertTrue(different > 50, different + " pairs differed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wason", "weights"})
    void secondThoughtsDifferFromTheFirst(String task) throws IOException {
        for (JsonNode round : rounds(task, "secondThoughts", 0, 3, "misleading")) {
            for (int person = 0; person < 3; person++) {
                assertNotEquals(before(round).get(person), after(round).get(person));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wason", "weights"})
    void theMajorityIsThatBeforeTheRound(String task) throws IOException {
        int decided = 0;
        for (JsonNode round : rounds(task, "majority", 0, 3, "misleading")) {
            List<JsonNode> before = before(round);
            for (JsonNode held : before) {
                // Two of three who hold the same are the majority on every card and every answer.
                if (Collections.frequency(before, held) == 2 && !held.toString().contains("unsure")) {
                    decided++;
                    assertEquals(Collections.nCopies(3, held), after(round));
                }
            }
        }
        assertTrue(decided > 50, decided + " rounds had a majority of two");
    }

    /** Conviction keeps who is right where that can be seen, and nobody else. */
    @ParameterizedTest
    @ValueSource(strings = {"wason", "weights"})
    void whoIsConvincedAndRightStays(String task) throws IOException {
        int stayed = 0;
        for (JsonNode round : rounds(task, "partner", 1, 3, "misleading")) {
            for (int person = 0; person < 3; person++) {
                boolean right = before(round).get(person).equals(round.get("solution"));
                stayed += visible(round) && right ? 1 : 0;
                assertEquals(visible(round) && right ? round.get("solution") : round.at("/intervention/suggestion"),
                        after(round).get(person));
            }
        }
        assertTrue(stayed > 20, stayed + " participants were convinced");
    }
}
