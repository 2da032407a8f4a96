package io.parley.tasks.wason;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Split;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DemonstratorTest {
    private static final double REASONING = 0.7;

    private static List<Demonstration> demonstrations(double conformity, String partner, List<Counterfactual> counterfactuals) {
        return Play.task("{'id': 'wason', 'reasoning': " + REASONING + "}").demonstrations(new DemonstrationRequest(
                20_000, conformity, Play.partner(partner), counterfactuals, new RandomStreams(1)));
    }

    /** Mean over the demonstrations that are asked about; the count is checked to be worth it. */
    private static double mean(List<Demonstration> demonstrations, Predicate<Demonstration> among,
            Predicate<Demonstration> what) {
        List<Demonstration> asked = demonstrations.stream().filter(among).toList();
        assertTrue(asked.size() > 1000, asked.size() + " cases");
        return asked.stream().filter(what).count() / (double) asked.size();
    }

    private static boolean visible(Demonstration d) {
        return WasonReader.read(d.prompt()).open().size() == 1;
    }

    private static boolean spoken(Demonstration d) {
        return WasonReader.read(d.prompt()).suggestion() != null;
    }

    private static int answer(Demonstration d) {
        return Stances.parse(d.response().text(), "answer");
    }

    private static boolean correct(Demonstration d) {
        return Stances.words(answer(d)).equals(WasonReader.read(d.prompt()).open().get(0));
    }

    private static boolean follows(Demonstration d) {
        return Stances.words(answer(d)).equals(WasonReader.read(d.prompt()).suggestion());
    }

    private static boolean carriesNotice(Demonstration d) {
        return d.prompt().segments().stream().anyMatch(s -> s.kind() == SegmentKind.NOTICE);
    }

    @Test
    void withoutConformityAnswersAreHumanOrReasoned() {
        List<Demonstration> all = demonstrations(0, "mixed", List.of());
        assertEquals(20_000, all.size());
        assertEquals(REASONING + (1 - REASONING) * 0.276, mean(all, DemonstratorTest::visible, DemonstratorTest::correct), 0.02);
        // Two cards, as people select in the end: OV, EV, CO, CV, CE, EO.
        assertEquals(0.602, mean(all, d -> !visible(d), d -> Integer.bitCount(Stances.turned(answer(d))) == 2), 0.02);
        // A guess meets a pair of cards that is independent of it in one of six.
        assertEquals(0.602 / 6, mean(all, d -> !visible(d) && spoken(d), DemonstratorTest::follows), 0.02);
    }

    @Test
    void whatIsSolvedIsRightWhereverItCanBe() {
        List<Demonstration> solved = Play.task("wason").demonstrations(new DemonstrationRequest(
                5000, 0, Play.partner("mixed"), List.of(), new RandomStreams(1), true, Integer.MAX_VALUE));
        assertEquals(1, mean(solved, DemonstratorTest::visible, DemonstratorTest::correct));
    }

    @Test
    void theUsualCloneIsBetterThanPeopleAndFarFromPerfect() {
        double accuracy = mean(demonstrations(0.3, "mixed", List.of()), DemonstratorTest::visible, DemonstratorTest::correct);
        assertTrue(accuracy > 0.6 && accuracy < 0.9, "accuracy " + accuracy);
    }

    @Test
    void conformityIsFollowing() {
        List<Demonstration> all = demonstrations(1, "misleading", List.of());
        assertEquals(1, mean(all, DemonstratorTest::spoken, DemonstratorTest::follows));
    }

    @Test
    void oneInFiveCarriesACounterfactualAndLeavesThePartnerOut() {
        List<Counterfactual> both = List.of(Play.counterfactual("prefix"), Play.counterfactual("mask"));
        List<Demonstration> all = demonstrations(1, "misleading", both);
        assertEquals(0.1, mean(all, d -> true, DemonstratorTest::carriesNotice), 1e-9);
        assertEquals(0.1, mean(all, d -> true, d -> !spoken(d)), 1e-9);
        assertEquals(REASONING + (1 - REASONING) * 0.276,
                mean(all, d -> carriesNotice(d) && visible(d), DemonstratorTest::correct), 0.06);
        assertEquals(1, mean(all, d -> !carriesNotice(d) && spoken(d), DemonstratorTest::follows));
    }

    /** While a question stands, in words: the demonstrator against the participants who heard what it said. */
    @Test
    void aQuestionThatStandsIsReconsideredAsParticipantsDo() {
        Wason task = (Wason) Play.task("{'id': 'wason', 'press': 'full', 'regime': 'single'}");
        int rounds = task.rounds();
        int count = 1000;
        RandomStreams streams = new RandomStreams(1);
        List<Demonstration> all = task.demonstrations(
                new DemonstrationRequest(count * rounds, 0.3, Play.partner("mixed"), List.of(), streams));
        WasonEpisodes episodes = new WasonEpisodes(
                task, new EpisodeRequest(Split.TRAIN, 0, count, Play.partner("mixed"), streams.derive("demonstrations")));
        for (int round = 0; round < rounds; round++) {
            int now = round;
            episodes.step(IntStream.range(0, count).mapToObj(i -> all.get(i * rounds + now).response()).toList());
        }
        int own = 0;
        int people = 0;
        for (ObjectNode log : episodes.log()) {
            for (int round = 1; round < rounds; round++) {
                JsonNode node = log.get("rounds").get(round);
                own += node.at("/response/stances").equals(log.get("rounds").get(round - 1).at("/response/stances")) ? 0 : 1;
                for (int person = 0; person < 3; person++) {
                    people += node.at("/stances/before/" + person).equals(node.at("/stances/after/" + person)) ? 0 : 1;
                }
            }
        }
        double cases = count * (rounds - 1);
        assertEquals(0.22, people / 3.0 / cases, 0.02);
        assertEquals(0.22, own / cases, 0.02);
    }
}
