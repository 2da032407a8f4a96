package io.parley.tasks.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Response;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.wason.Play;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the weighings do not entail the answer, nothing gives a lie away but the record. */
class LeakTest {
    private static final int EPISODES = 40_000;

    /**
     * The Bayes classifier over a finite set of features is its table of frequencies: with more cases than cells, no
     * other classifier of the same features does better. Half of the suggestions are true.
     */
    private static double accuracy(String partner, double visible, Function<JsonNode, String> features) {
        Map<String, int[]> table = new HashMap<>();
        Task task = Play.task("{'id': 'weights', 'rounds': 1, 'visible': " + visible + "}");
        int right = 0;
        int asked = 0;
        for (Split half : List.of(Split.TRAIN, Split.TEST)) {
            Episodes episodes = Play.begin(task, half, 0, EPISODES, partner, 3);
            episodes.step(Collections.nCopies(EPISODES, Response.of("support oppose oppose")));
            for (ObjectNode log : episodes.log()) {
                JsonNode round = log.at("/rounds/0");
                if (round.get("intervention").isNull()) {
                    continue;
                }
                int truth = round.at("/intervention/true").asBoolean() ? 1 : 0;
                int[] cell = table.computeIfAbsent(features.apply(round), f -> new int[2]);
                if (half == Split.TRAIN) {
                    cell[truth]++;
                } else {
                    asked++;
                    right += (cell[1] > cell[0] ? 1 : 0) == truth ? 1 : 0;
                }
            }
        }
        return (double) right / asked;
    }

    /** Everything that is shown but the weighings themselves: what they leave open stands for them. */
    private static String shown(JsonNode round) {
        Worlds possible = Worlds.ALL;
        for (JsonNode weighing : round.get("weighings")) {
            possible = possible.and(Weighing.ofText(weighing.asText()).worlds());
        }
        int open = Question.ofText(round.get("question").asText()).open(possible);
        return round.get("question").asText() + open + round.at("/intervention/suggestion") + round.at("/intervention/tone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'id': 'mixed', 'helpful': 0.5}", "{'id': 'noisy', 'helpful': 0.5}"})
    void questionWeighingsSuggestionAndToneTellNothing(String partner) {
        double accuracy = accuracy(partner, 0, LeakTest::shown);
        assertEquals(0.5, accuracy, 4 * 0.5 / Math.sqrt(0.8 * EPISODES));
    }

    @Test
    void weighingsThemselvesTellNothing() {
        double accuracy = accuracy("{'id': 'mixed', 'helpful': 0.5}", 0,
                round -> round.at("/weighings/0").asText() + round.at("/intervention/suggestion"));
        assertEquals(0.5, accuracy, 4 * 0.5 / Math.sqrt(0.8 * EPISODES));
    }

    @Test
    void participantsTellNothing() {
        double accuracy = accuracy("{'id': 'mixed', 'helpful': 0.5}", 0,
                round -> round.at("/intervention/suggestion").toString() + round.at("/stances/before"));
        assertEquals(0.5, accuracy, 4 * 0.5 / Math.sqrt(0.8 * EPISODES));
    }

    @Test
    void theSameClassifierFindsWhatTheEvidenceShows() {
        double accuracy = accuracy("{'id': 'mixed', 'helpful': 0.5}", 1, LeakTest::shown);
        assertTrue(accuracy > 0.99, "accuracy " + accuracy);
    }
}
