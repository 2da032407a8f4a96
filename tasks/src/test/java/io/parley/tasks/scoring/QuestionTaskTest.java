package io.parley.tasks.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.plugin.PluginContext;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.QuestionTask;
import io.parley.core.task.Split;
import io.parley.tasks.counterfactuals.Mask;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Two coins lie under a cloth: which sides are up? */
class QuestionTaskTest {
    private static final List<String> SIDES = List.of("head", "tail");

    private static final class Coins extends QuestionTask {
        Coins() {
            super("coins", 3, List.of(SIDES, SIDES), List.of("which", "side", "up", "shows"));
        }

        @Override
        protected Question ask(Split split, RandomGenerator random) {
            List<String> up = List.of(SIDES.get(random.nextInt(2)), SIDES.get(random.nextInt(2)));
            return new Question("which side up", "shows " + String.join(" ", up), random.nextBoolean(), up);
        }
    }

    private static final InterventionAgent TRUE_THEN_FALSE = (view, streams) -> new Intervention(
            view.round() < view.rounds() ? view.trueSuggestion()
                    : view.falseSuggestion(streams.stream("partner", view.episode(), view.round(), 0)),
            Intervention.Tone.CONFIDENT);
    private static final InterventionAgent SILENT = (view, streams) -> Intervention.SILENCE;

    private final QuestionTask task = new Coins();

    private Episodes begin(InterventionAgent partner, long first, int count) {
        return task.begin(new EpisodeRequest(Split.TEST, first, count, partner, new RandomStreams(4)));
    }

    private static String last(Prompt prompt, SegmentKind kind) {
        return prompt.segments().stream().filter(s -> s.kind() == kind && s.round() == prompt.round())
                .map(Segment::text).findFirst().orElseThrow();
    }

    /** Does what it is told; alone it answers by the evidence, and without any it says head. */
    private static List<Response> copy(Episodes episodes) {
        return episodes.prompts().stream().map(prompt -> {
            String said = last(prompt, SegmentKind.INTERVENTION);
            String seen = last(prompt, SegmentKind.EVIDENCE);
            return Response.of(!said.startsWith("-") ? said : seen.startsWith("-") ? "head head" : seen.replace("shows ", ""));
        }).toList();
    }

    @Test
    void itsLogIsScored() {
        int n = 400;
        Episodes episodes = begin(TRUE_THEN_FALSE, 0, n);
        Episodes twin = begin(SILENT, 0, n);
        while (!episodes.done()) {
            episodes.step(copy(episodes));
            twin.step(copy(twin));
        }
        List<ObjectNode> logs = episodes.log();
        for (int i = 0; i < n; i++) {
            Scorer.mergeTwin(logs.get(i), twin.log().get(i));
        }
        Map<String, Metric> metrics = Scorer.score(logs);
        assertEquals(1, metrics.get("uptake").value());
        assertEquals(1, metrics.get("mimicry").value());
        assertEquals(0, metrics.get("ignoring").value());
        assertEquals(2.0 / 3, metrics.get("accuracy").value(), 1e-12);
        // Nothing is false before the last round, so that no record is; a true one was checked in rounds 1 and 2.
        assertEquals(0, metrics.get("overTrust").count());
        // Withheld, true, checked before, and wrong alone: round 2 of 3, ½ · ½ · ¾ of the episodes, ± 4 standard errors.
        assertEquals(0.1875 * n, metrics.get("ignoring").count(), 4 * Math.sqrt(n * 0.1875 * 0.8125));
        assertEquals(0, metrics.get("groupScore").count());
    }

    @Test
    void whatThePartnerSaysInItsOwnWordsIsLoggedAndNotShown() {
        InterventionAgent talker = (view, streams) -> view.round() == 1
                ? new Intervention(view.trueSuggestion(), Intervention.Tone.HESITANT, "why not like this?")
                : new Intervention(view.trueSuggestion(), Intervention.Tone.HESITANT);
        Episodes episodes = begin(talker, 0, 1);
        assertFalse(episodes.prompts().toString().contains("why not"));
        while (!episodes.done()) {
            episodes.step(copy(episodes));
        }
        assertEquals("why not like this?", episodes.log().get(0).at("/rounds/0/intervention/words").textValue());
        assertTrue(episodes.log().get(0).at("/rounds/1/intervention/words").isMissingNode());
        assertThrows(IllegalArgumentException.class, () -> new Intervention(List.of(), Intervention.Tone.HESITANT, "hm"));
    }

    @Test
    void aPromptHoldsWhatIsSeenAndNoMore() {
        int n = 100;
        Episodes episodes = begin(TRUE_THEN_FALSE, 0, n);
        while (!episodes.done()) {
            List<Prompt> prompts = episodes.prompts();
            for (int i = 0; i < n; i++) {
                boolean visible = episodes.strata().get(i).equals("visible");
                assertEquals(visible, last(prompts.get(i), SegmentKind.EVIDENCE).startsWith("shows"));
                int words = 0;
                for (Segment segment : prompts.get(i).segments()) {
                    List<String> here = Arrays.asList(segment.text().split(" "));
                    assertTrue(task.text().words().containsAll(here), segment.text());
                    words += here.size();
                    if (segment.kind() == SegmentKind.OUTCOME) {
                        String evidence = prompts.get(i).segments().stream()
                                .filter(s -> s.round() == segment.round() && s.kind() == SegmentKind.EVIDENCE).findFirst()
                                        .orElseThrow().text();
                        assertEquals(evidence.startsWith("-") ? "- -" : evidence.replace("shows ", ""), segment.text());
                    }
                }
                assertTrue(words <= task.text().maxDialogueWords());
                assertEquals(episodes.round() == 3, words == task.text().maxDialogueWords());
            }
            episodes.step(Collections.nCopies(n, Response.of("tail tail")));
        }
        assertThrows(IllegalStateException.class, episodes::prompts);
    }

    @Test
    void anEpisodeIsItsOwnAndAForkToo() {
        Episodes many = begin(TRUE_THEN_FALSE, 0, 8);
        Episodes alone = begin(TRUE_THEN_FALSE, 5, 1);
        Episodes fork = many.fork();
        while (!many.done()) {
            assertEquals(alone.prompts().get(0), many.prompts().get(5));
            assertEquals(many.score(copy(many)), many.score(copy(many)));
            many.step(copy(many));
            alone.step(copy(alone));
        }
        assertEquals(alone.log().get(0), many.log().get(5));
        assertEquals(1, fork.round());
        assertEquals(0, fork.log().get(0).get("rounds").size());
        assertNotEquals(many.log(), task.begin(new EpisodeRequest(Split.DEV, 0, 8, TRUE_THEN_FALSE, new RandomStreams(4))).log());
        String message = assertThrows(IllegalArgumentException.class,
                () -> fork.step(Collections.nCopies(8, Response.of("edge head")))).getMessage();
        assertTrue(message.contains("the response [edge, head] is no answer"), message);
    }

    /**
     * Follows with the conformity; else gives the solution where it sees it, and any of the answers where it does not, or where
     * the suggestion is masked.
     */
    @Test
    void demonstrationsConformAsTheyAreAsked() {
        PluginContext context = PluginContext.standalone(1);
        Counterfactual mask = new Mask().create(new Mask.Config(null), context);
        for (double conformity : new double[] {0, 0.5, 1}) {
            Share followed = new Share();
            Share masked = new Share();
            Share guessed = new Share();
            List<Demonstration> demonstrations = task.demonstrations(
                    new DemonstrationRequest(3000, conformity, (view, streams) -> new Intervention(
                            view.falseSuggestion(streams.stream("partner", view.episode(), view.round(), 0)),
                            Intervention.Tone.CONFIDENT), List.of(mask), new RandomStreams(2)));
            assertEquals(3000, demonstrations.size());
            for (Demonstration demonstration : demonstrations) {
                String said = last(demonstration.prompt(), SegmentKind.INTERVENTION);
                String seen = last(demonstration.prompt(), SegmentKind.EVIDENCE);
                String answer = demonstration.response().text();
                boolean visible = !seen.startsWith("-");
                boolean cut = said.startsWith("-");
                masked.add(cut);
                if (visible && (cut || !answer.equals(said))) {
                    assertEquals(seen.replace("shows ", ""), answer);
                }
                if (!cut && visible) {
                    followed.add(answer.equals(said));
                }
                if (!visible && (cut || conformity == 0)) {
                    guessed.add(answer.equals("head head"));
                }
            }
            // Episodes, of several rounds each, are masked as a whole.
            masked.assertNear(0.2, 3);
            followed.assertNear(conformity, 1);
            guessed.assertNear(0.25, 1);
        }
    }

    private static final class Share {
        private int cases;
        private int hits;

        void add(boolean hit) {
            cases++;
            hits += hit ? 1 : 0;
        }

        /** Within four standard errors, of draws that come in runs of a length. */
        void assertNear(double expected, int run) {
            assertTrue(cases > 100, cases + " cases");
            assertEquals(expected, hits / (double) cases, 4 * Math.sqrt(expected * (1 - expected) * run / cases));
        }
    }
}
