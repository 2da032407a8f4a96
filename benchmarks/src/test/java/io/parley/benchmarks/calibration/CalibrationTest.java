package io.parley.benchmarks.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;
import io.parley.tasks.people.People;
import io.parley.tasks.scoring.DeliData;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import io.parley.tasks.wason.LoneGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CalibrationTest {
    private static final ObjectMapper JSON = Plugins.strictMapper();
    private static final List<DeliData.Group> GROUPS = DeliData.reference();

    private static Calibration.Fit committed() throws JsonProcessingException {
        return JSON.treeToValue(People.load().parameters().fit(), Calibration.Fit.class);
    }

    /** The file that comes with Parley says of itself what its numbers do, on groups that they were not fitted to. */
    @Test
    void theCommittedFileIsWhatItSaysItIs() throws JsonProcessingException {
        Calibration.Fit fit = committed();
        Calibration.Result judged = new Calibration(GROUPS, 1).judge(fit.fitted(), fit.withoutFold());
        assertEquals(fit.figures(), judged.figures());
        assertEquals(JSON.valueToTree(People.load().parameters()), JSON.valueToTree(judged.people()));
    }

    @Test
    void heldOutGroupsComeWithinTwoStandardErrorsOfPeople() throws JsonProcessingException {
        List<Calibration.Figure> figures = committed().figures();
        assertEquals(14, figures.size());
        for (Calibration.Figure figure : figures) {
            assertTrue(Math.abs(figure.heldOut() - figure.human()) <= 2 * figure.standardError(), figure.toString());
            assertTrue(Math.abs(figure.unchanged() - figure.human()) > 2 * figure.standardError(), figure.toString());
        }
        Map<String, Metric> scored = Scorer.scoreGroups(GROUPS);
        figures.forEach(figure -> assertEquals(scored.get(figure.name()).value(), figure.human(), 0.00005, figure.name()));
        // A binomial share of 1,974 has the standard error 0.0101; members of a group are alike, so a group's is larger.
        assertTrue(figures.get(0).standardError() > 0.0101, figures.get(0).toString());
        // Consensus is a share of groups, which are independent: the bootstrap's standard error is the binomial one.
        assertEquals(Math.sqrt(0.24 * 0.76 / 500), figures.get(3).standardError(), 0.0015);
    }

    @Test
    void foldsPartitionTheGroups() {
        for (int group = 0; group < GROUPS.size(); group++) {
            int g = group;
            assertEquals(1, IntStream.range(0, 5).filter(fold -> Calibration.inside(fold).test(g)).count());
            assertEquals(4, IntStream.range(0, 5).filter(fold -> Calibration.outside(fold).test(g)).count());
        }
        for (int fold = 0; fold < 5; fold++) {
            assertEquals(100, IntStream.range(0, 500).filter(Calibration.inside(fold)).count());
        }
    }

    /** People of known habits, who begin and speak as those of the corpus do. */
    @Test
    void recoversWhatGroupsWereSimulatedWith() {
        Dynamics known = new Dynamics(0.5, 0.6, 0.5, 0.15, 0.6);
        LoneGroup people = new LoneGroup(new People(known.people(Counts.of(GROUPS), List.of(), null)));
        List<DeliData.Group> simulated = new ArrayList<>();
        for (int g = 0; g < GROUPS.size(); g++) {
            int[] initial = Outcome.of(g, GROUPS.get(g)).initial();
            int[] last = people.discuss(initial, new RandomStreams(8), g);
            List<List<Integer>> solutions = new ArrayList<>();
            for (int person = 0; person < initial.length; person++) {
                List<Integer> own = new ArrayList<>(GROUPS.get(g).solutions().get(person));
                own.add(last[person]);
                solutions.add(own);
            }
            simulated.add(new DeliData.Group(GROUPS.get(g).id(), 0, 0, solutions));
        }
        Dynamics found = new Calibration(simulated, 1).fit(group -> true);
        assertEquals(known.stubborn(), found.stubborn(), 0.06, found.toString());
        assertEquals(known.social(), found.social(), 0.12, found.toString());
        assertEquals(known.insight(), found.insight(), 0.06, found.toString());
        assertEquals(known.conviction(), found.conviction(), 0.25, found.toString());
    }

    @Test
    void fewGroupsAreRefused() {
        String message = assertThrows(InputException.class, () -> Calibration.run(GROUPS.subList(0, 19), 1)).getMessage();
        assertEquals("there are 19 groups to fit to; at least 20", message);
    }
}
