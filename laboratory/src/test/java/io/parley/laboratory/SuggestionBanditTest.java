package io.parley.laboratory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class SuggestionBanditTest {

    private static Episodes begin(SuggestionBandit task, Split split, long first, int count) {
        return task.begin(new EpisodeRequest(split, first, count, SuggestionBandit.partner(0.8, 0.25), new RandomStreams(9)));
    }

    /** Frequencies of 40,000 played rounds against Bayes' rule. */
    @Test
    void theExpectedRewardsAreThoseOfPlay() {
        SuggestionBandit task = new SuggestionBandit(0.3, 1, 1);
        int n = 40_000;
        Episodes episodes = begin(task, Split.TRAIN, 0, n);
        List<Prompt> prompts = episodes.prompts();
        List<Map<String, Double>> left = episodes.score(Collections.nCopies(n, Response.of("left")));
        Map<String, int[]> counts = new HashMap<>();
        for (int i = 0; i < n; i++) {
            int[] count = counts.computeIfAbsent(prompts.get(i).segments().get(1).text(), k -> new int[2]);
            count[0] += left.get(i).get("own").intValue();
            count[1]++;
        }
        assertEquals(0.25, counts.get("none")[1] / (double) n, 0.01);
        counts.forEach((said, count) -> assertEquals(task.expectedRewards(said, 0.8)[0], count[0] / (double) count[1],
                0.015, said));
        // By hand: told left, 0.3·0.8 / (0.3·0.8 + 0.7·0.2) = 12/19.
        assertEquals(12.0 / 19, task.expectedRewards("left", 0.8)[0], 1e-12);
        assertEquals(0.25 * 0.7 + 0.75 * 0.8, task.optimum(0.8, 0.25), 1e-12);
    }

    /** No policy of a fine grid earns more than the closed form says. */
    @Property(tries = 50)
    void theRegularisedOptimumIsBestOnAGrid(
            @ForAll @DoubleRange(min = 0.05, max = 0.95) double reward, @ForAll @DoubleRange(min = 0.05, max = 0.95) double first,
            @ForAll @DoubleRange(min = 0.05, max = 0.95) double second, @ForAll @DoubleRange(min = 0.05, max = 2) double lambda) {
        double[] rewards = {reward, 1 - reward};
        double[][] anchors = {{first, 1 - first}, {second, 1 - second}};
        double[] coefficients = {lambda, 0.3};
        double[] best = SuggestionBandit.regularisedOptimum(rewards, coefficients, anchors);
        assertEquals(1, best[0] + best[1], 1e-12);
        double objective = objective(best[0], rewards, coefficients, anchors);
        for (double p = 0.001; p < 1; p += 0.001) {
            assertTrue(objective(p, rewards, coefficients, anchors) <= objective + 1e-9);
        }
    }

    private static double objective(double p, double[] rewards, double[] coefficients, double[][] anchors) {
        double value = p * rewards[0] + (1 - p) * rewards[1];
        for (int i = 0; i < 2; i++) {
            value -= coefficients[i] * (p * Math.log(p / anchors[i][0]) + (1 - p) * Math.log((1 - p) / anchors[i][1]));
        }
        return value;
    }

    @Test
    void anEpisodeDoesNotDependOnItsBatchMatesAndAForkGoesItsOwnWay() {
        SuggestionBandit task = new SuggestionBandit(0.5, 3, 2);
        Episodes many = begin(task, Split.TRAIN, 0, 20);
        Episodes alone = begin(task, Split.TRAIN, 13, 1);
        Episodes fork = many.fork();
        while (!many.done()) {
            assertEquals(alone.prompts().get(0), many.prompts().get(13));
            assertEquals(alone.step(List.of(Response.of("left right"))).get(0),
                    many.step(Collections.nCopies(20, Response.of("left right"))).get(13));
        }
        assertEquals(1, fork.round());
        assertEquals(alone.log().get(0), many.log().get(13));
        fork.step(Collections.nCopies(20, Response.of("right right")));
        assertEquals("right right", fork.prompts().get(0).segments().get(2).text());
        assertEquals("left right", many.log().get(0).at("/rounds/0/response/raw").asText());
        assertTrue(!begin(task, Split.TEST, 0, 20).log().equals(many.log()));
    }

    @Test
    void theCounterfactualLeavesNoSuggestion() {
        SuggestionBandit task = new SuggestionBandit(0.5, 2, 2);
        Episodes episodes = begin(task, Split.TRAIN, 0, 30);
        episodes.step(Collections.nCopies(30, Response.of("left right")));
        for (Prompt prompt : SuggestionBandit.withoutSuggestions().cut(episodes.prompts(), null)) {
            assertEquals("none none", prompt.segments().get(1).text());
            assertEquals("left right", prompt.segments().get(2).text());
            assertEquals("none none", prompt.segments().get(3).text());
        }
    }

    @Test
    void refusesWhatIsNoAnswerAndGivesCopiesOfItsLog() {
        Episodes episodes = begin(new SuggestionBandit(0.5, 1, 2), Split.TRAIN, 0, 1);
        for (List<Response> responses : List.of(List.<Response>of(), List.of(Response.of("left")),
                List.of(Response.of("left up")), List.of(Response.of("left left left")),
                Collections.nCopies(2, Response.of("left left")))) {
            assertThrows(IllegalArgumentException.class, () -> episodes.step(responses));
        }
        assertEquals(1, episodes.round());
        episodes.step(List.of(Response.of("left left")));
        assertThrows(IllegalStateException.class, () -> episodes.score(List.of(Response.of("left left"))));
        assertThrows(IllegalStateException.class, episodes::prompts);
        episodes.log().get(0).removeAll();
        assertEquals(1, episodes.log().get(0).get("rounds").size());
    }
}
