package io.parley.tasks.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.dialogue.SegmentKind;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.Task;
import io.parley.tasks.optimum.Reading;
import io.parley.tasks.wason.Play;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class DemonstratorTest {
    private static final Task TASK = Play.task("{'id': 'weights', 'reasoning': 0.7}");

    private static List<Demonstration> demonstrations(double conformity, String partner, List<Counterfactual> counterfactuals) {
        return TASK.demonstrations(new DemonstrationRequest(
                20_000, conformity, Play.partner(partner), counterfactuals, new RandomStreams(1)));
    }

    /** Mean over the demonstrations that are asked about; the count is checked to be worth it. */
    private static double mean(List<Demonstration> demonstrations, Predicate<Demonstration> among,
            Predicate<Demonstration> what) {
        List<Demonstration> asked = demonstrations.stream().filter(among).toList();
        assertTrue(asked.size() > 1000, asked.size() + " cases");
        return asked.stream().filter(what).count() / (double) asked.size();
    }

    private static Reading reading(Demonstration d) {
        return WeightsReader.read(d.prompt(), TASK.text());
    }

    private static boolean visible(Demonstration d) {
        return reading(d).open().size() == 1;
    }

    private static boolean spoken(Demonstration d) {
        return reading(d).suggestion() != null;
    }

    private static boolean follows(Demonstration d) {
        return List.of(d.response().text().split(" ")).equals(reading(d).suggestion());
    }

    private static boolean correct(Demonstration d) {
        return List.of(d.response().text().split(" ")).equals(reading(d).open().get(0));
    }

    private static boolean carriesNotice(Demonstration d) {
        return d.prompt().segments().stream().anyMatch(s -> s.kind() == SegmentKind.NOTICE);
    }

    @Test
    void withoutConformityAnswersAreReasonedOrGuessed() {
        List<Demonstration> all = demonstrations(0, "mixed", List.of());
        assertEquals(20_000, all.size());
        double accuracy = mean(all, DemonstratorTest::visible, DemonstratorTest::correct);
        // A guess is right less often than not, and more often than by chance: most answers are the likelier ones.
        assertTrue(accuracy > 0.7 + 0.3 / 3 && accuracy < 0.7 + 0.3 * 0.7, "accuracy " + accuracy);
        assertTrue(mean(all, d -> !visible(d) && spoken(d), DemonstratorTest::follows) < 0.5);
    }

    @Test
    void whatIsSolvedIsRightWhereverItCanBe() {
        List<Demonstration> solved = TASK.demonstrations(new DemonstrationRequest(
                5000, 0, Play.partner("mixed"), List.of(), new RandomStreams(1), true, Integer.MAX_VALUE));
        assertEquals(1, mean(solved, DemonstratorTest::visible, DemonstratorTest::correct));
    }

    @Test
    void conformityIsFollowing() {
        assertEquals(1, mean(demonstrations(1, "misleading", List.of()), DemonstratorTest::spoken, DemonstratorTest::follows));
    }

    @Test
    void oneInFiveCarriesACounterfactualAndLeavesThePartnerOut() {
        List<Counterfactual> both = List.of(Play.counterfactual("prefix"), Play.counterfactual("mask"));
        List<Demonstration> all = demonstrations(1, "misleading", both);
        assertEquals(0.1, mean(all, d -> true, DemonstratorTest::carriesNotice), 1e-9);
        assertEquals(0.1, mean(all, d -> true, d -> !spoken(d)), 1e-9);
        assertTrue(mean(all, d -> carriesNotice(d) && visible(d), DemonstratorTest::correct) > 0.75);
        assertEquals(1, mean(all, d -> !carriesNotice(d) && spoken(d), DemonstratorTest::follows));
    }
}
