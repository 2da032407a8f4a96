package io.parley.tasks.wason;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing gives a lie away but its content and the record. */
class LeakTest {
    private static final int EPISODES = 10_000;

    /**
     * The Bayes classifier over a finite set of features is its table of frequencies: with more cases than cells, no
     * other classifier of the same features does better. Half of the suggestions are true.
     */
    private static double accuracy(String partner, Function<JsonNode, String> features) {
        return accuracy("none", List.of(Split.TRAIN, Split.TEST), partner, features);
    }

    /** @param splits where the classifier learns, and where it is asked */
    private static double accuracy(String press, List<Split> splits, String partner, Function<JsonNode, String> features) {
        Map<String, int[]> table = new HashMap<>();
        Task task = Play.task("{'id': 'wason', 'rounds': 1, 'visible': 0.5, 'press': '" + press + "'}");
        int right = 0;
        int asked = 0;
        for (int half = 0; half < 2; half++) {
            Episodes episodes = Play.begin(task, splits.get(half), 0, EPISODES, partner, 3);
            episodes.step(Collections.nCopies(EPISODES,
                    Response.of(press.equals("none") ? "turn turn leave leave" : "i think we turn cards one and two.")));
            for (ObjectNode log : episodes.log()) {
                JsonNode round = log.at("/rounds/0");
                if (round.get("intervention").isNull()) {
                    continue;
                }
                int truth = round.at("/intervention/true").asBoolean() ? 1 : 0;
                int[] cell = table.computeIfAbsent(features.apply(round), f -> new int[2]);
                if (half == 0) {
                    cell[truth]++;
                } else {
                    asked++;
                    right += (cell[1] > cell[0] ? 1 : 0) == truth ? 1 : 0;
                }
            }
        }
        return (double) right / asked;
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'id': 'mixed', 'helpful': 0.5}", "{'id': 'noisy', 'helpful': 0.5}"})
    void ruleSuggestionAndToneTellNothing(String partner) {
        double accuracy = accuracy(partner, round -> round.get("rule").asText() + round.at("/intervention/suggestion")
                + round.at("/intervention/tone"));
        assertEquals(0.5, accuracy, 4 * 0.5 / Math.sqrt(0.8 * EPISODES));
    }

    /** Splits word their suggestions differently, so that what is learnt on one is asked on another of the same wordings. */
    @ParameterizedTest
    @ValueSource(strings = {"{'id': 'mixed', 'helpful': 0.5}", "{'id': 'noisy', 'helpful': 0.5}"})
    void questionWordingAndToneTellNothing(String partner) {
        double accuracy = accuracy("full", List.of(Split.DEV, Split.TEST), partner, round -> round.get("rule").asText()
                + round.at("/intervention/text").asText() + round.at("/intervention/tone"));
        assertEquals(0.5, accuracy, 4 * 0.5 / Math.sqrt(0.8 * EPISODES));
    }

    @Test
    void withheldParticipantsTellNothingOfTheSuggestion() {
        double accuracy = accuracy("{'id': 'mixed', 'helpful': 0.5}", round -> round.get("evidence").asText().equals("withheld")
                ? round.get("rule").asText() + round.at("/intervention/suggestion") + round.at("/stances/before/0")
                : "visible");
        assertEquals(0.5, accuracy, 4 * 0.5 / Math.sqrt(0.8 * EPISODES));
    }

    @Test
    void theSameClassifierFindsWhatTheEvidenceShows() {
        double accuracy = accuracy("{'id': 'mixed', 'helpful': 0.5}", round -> {
            StringBuilder kinds = new StringBuilder(round.get("rule").asText() + round.at("/intervention/suggestion"));
            round.get("cards").forEach(card -> kinds.append(Kind.ofSymbol(card.asText()).ordinal()));
            return kinds.toString();
        });
        assertTrue(accuracy > 0.99, "accuracy " + accuracy);
    }

    @ParameterizedTest
    @ValueSource(strings =
            {"{'id': 'wason', 'rounds': 2, 'visible': [0.5, 0.0]}",
                    "{'id': 'wason', 'regime': 'single', 'rounds': 4, 'visible': 0}"})
    void withheldParticipantsTurnAllPartsAlike(String json) {
        Task task = Play.task(json);
        Episodes episodes = Play.begin(task, Split.TRAIN, 0, EPISODES, "silent", 8);
        List<Response> responses = Collections.nCopies(EPISODES, Response.of("turn turn leave leave"));
        while (episodes.round() < task.rounds()) {
            episodes.step(responses);
        }
        // What the collaborator is shown in the last round, which is withheld, against what it is not shown.
        List<Prompt> prompts = episodes.prompts();
        assertEquals(List.of("withheld"), episodes.strata().stream().distinct().toList());
        episodes.step(responses);
        double[] turned = new double[Part.values().length];
        int n = 0;
        List<ObjectNode> logs = episodes.log();
        for (int i = 0; i < EPISODES; i++) {
            JsonNode round = logs.get(i).at("/rounds/" + (task.rounds() - 1));
            Rule rule = Rule.ofText(round.get("rule").asText());
            String[] counts = prompts.get(i).segments().stream()
                    .filter(s -> s.kind() == SegmentKind.PARTICIPANTS && s.round() == task.rounds())
                    .findFirst().orElseThrow().text().split(" ");
            for (int card = 0; card < 4; card++) {
                Part part = rule.part(Kind.ofSymbol(round.at("/cards/" + card).asText()));
                turned[part.ordinal()] += Integer.parseInt(counts[card].substring(1));
            }
            n++;
        }
        double mean = (turned[0] + turned[1] + turned[2] + turned[3]) / 4 / n;
        for (Part part : Part.values()) {
            // A count of three is at most 1.5 from its mean.
            assertEquals(mean, turned[part.ordinal()] / n, 4 * 1.5 / Math.sqrt(n), part.name());
        }
    }
}
