package io.parley.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import io.parley.benchmarks.results.AlignedResults;
import io.parley.benchmarks.results.FakeResults;
import io.parley.benchmarks.results.FakeResults.Profile;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.ResultsIndex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is said must be what the numbers say. */
class NarrativeTest {
    private static final Narrative.Point POINT = new Narrative.Point("wason", Map.of());

    @Test
    void aMimicIsCalledAMimic() {
        Narrative narrative = narrative("ppo", FakeResults.MIMIC, 0.01, 5);
        assertEquals("mimics and over-trusts", narrative.verdict(POINT, "ppo").verdict());
        String text = String.join(" ", narrative.paragraph(POINT, "ppo"));
        assertTrue(text.matches("(?s).*it took over 4[456]%.* of the false suggestions: it mimics\\..*"), text);
        assertTrue(text.contains("it does not ignore") && text.contains("it over-trusts"), text);
    }

    @Test
    void anIgnorerIsCalledAnIgnorer() {
        Narrative narrative = narrative("icr", FakeResults.IGNORER, 0.01, 5);
        String text = String.join(" ", narrative.paragraph(POINT, "icr"));
        assertTrue(text.matches("(?s).*it passed over 8[567]%.* of the true suggestions: it ignores\\..*"), text);
        assertTrue(text.contains("it does not mimic"), text);
        assertTrue(narrative.answer(POINT).who().contains("None of the trained agents is shown to integrate selectively"));
        assertTrue(narrative.answer(POINT).when().contains("icr 86%") || narrative.answer(POINT).when().contains("icr 87%")
                || narrative.answer(POINT).when().contains("icr 85%"), narrative.answer(POINT).when());
    }

    @Test
    void anIntegratorIsCalledAnIntegrator() {
        Narrative narrative = narrative("icr", FakeResults.INTEGRATOR, 0.005, 5);
        assertTrue(narrative.verdict(POINT, "icr").integrates());
        assertTrue(narrative.answer(POINT).who().startsWith("icr integrates selectively"), narrative.answer(POINT).who());
        assertFalse(String.join(" ", narrative.paragraph(POINT, "icr")).contains("Cause of"));
    }

    @Test
    void trustingAProvenLiarIsNoIntegration() {
        Narrative narrative = narrative("icr", FakeResults.OVER_TRUSTING, 0.005, 5);
        assertEquals("over-trusts", narrative.verdict(POINT, "icr").verdict());
        assertTrue(narrative.answer(POINT).when().contains("After the partner had been caught: icr 6"));
    }

    @Test
    void whatTheIntervalsDoNotDecideIsNotDecided() {
        List<Cell> cells = new ArrayList<>();
        for (long seed = 1; seed <= 5; seed++) {
            double mimicry = seed % 2 == 0 ? 0.25 : 0.02;
            cells.add(FakeResults.cell("icr", Map.of(), seed, new Profile(mimicry, 0.01, 0.05, 0.98, 0.99, 0.05), 1000, 0));
        }
        Narrative narrative = new Narrative(Results.of(FakeResults.provenance("test", 5, List.of()), cells));
        assertFalse(narrative.verdict(POINT, "icr").decided());
        assertTrue(String.join(" ", narrative.paragraph(POINT, "icr")).contains("whether it mimics is not decided"));
        assertTrue(narrative.answer(POINT).who().contains("For icr the intervals do not decide"));
        assertEquals("Not decided for the mimicry of icr: the intervals do not allow it.", narrative.answer(POINT).why());
    }

    @Test
    void fewSeedsDecideNothing() {
        Narrative narrative = narrative("ppo", FakeResults.MIMIC, 0.001, 4);
        assertFalse(narrative.verdict(POINT, "ppo").decided());
        assertTrue(narrative.answer(POINT).who().contains("4 seeds cannot"));
        String text = String.join(" ", narrative.paragraph(POINT, "ppo"));
        assertTrue(text.matches("(?s).*it took over 45% of the false suggestions\\. Where it saw none.*"), text);
        assertFalse(text.contains("not decided") || text.contains("seeds"), "the page says it once: " + text);
    }

    @Test
    void comparisonsAreSaidWithTheirDirectionAndCorrectedP() {
        Narrative narrative = new Narrative(FakeResults.quickstart(5));
        String text = String.join(" ", narrative.paragraph(POINT, "icr"));
        assertTrue(text.matches(
                "(?s).*Against ppo, mimicry is 4\\d points \\(.*\\) lower \\(Holm p < 0\\.001\\) and ignoring is 8\\d points"
                + " \\(.*\\) higher.*"), text);
        assertTrue(text.matches("(?s).*Since the start \\(bc\\), training lowered mimicry from (29|3\\d)% by .*"), text);
    }

    @Test
    void attributionReachesTheWords() {
        Results results = AlignedResults.of(FakeResults.attribution(5)).results();
        Narrative narrative = new Narrative(results);
        Narrative.Point point = new Narrative.Point("wason", results.grids("wason").get(0));
        assertTrue(narrative.answer(point).why().contains("The objective is at fault for the mimicry of ppo"),
                narrative.answer(point).why());
        assertTrue(narrative.answer(point).why().contains("Too little training is at fault for the mimicry of dpo, "
                + "and the ignoring of icr")
                || narrative.answer(point).why().contains("ignoring of dpo and icr"), narrative.answer(point).why());
    }

    /** A frozen policy does what ppo does here; training did it to ppo alone. */
    @Test
    void whatWasNotTrainedHereHasNoStartAndNoCause() {
        Results results = AlignedResults.of(FakeResults.withFrozen(FakeResults.attribution(5), "served", "ppo")).results();
        Narrative narrative = new Narrative(results);
        Narrative.Point point = new Narrative.Point("wason", results.grids("wason").get(0));
        String why = narrative.answer(point).why();
        assertTrue(why.contains("The objective is at fault for the mimicry of ppo, and the over-trust of ppo:"), why);
        assertTrue(why.contains("served was not trained here"), why);
        assertEquals(narrative.verdict(point, "ppo"), narrative.verdict(point, "served"));
        for (String row : List.of("ppo", "served")) {
            String text = String.join(" ", narrative.paragraph(point, row));
            assertTrue(text.contains("it mimics"), text);
            assertEquals(row.equals("ppo"), text.contains("Since the start (bc), training"), text);
            assertEquals(row.equals("ppo"), text.contains("Cause of its mimicry: objective"), text);
        }
    }

    /** A training partner whose record tells nothing: to follow it all the same is what pays. */
    @Test
    void whatTheBestPolicyDoesTooIsNoFailure() {
        Profile follows = new Profile(0, 0, 1, 1, 1, 0);
        List<Cell> cells = new ArrayList<>();
        Map.of("copy-always", FakeResults.COPY, "evidence-only", FakeResults.EVIDENCE, "record-optimal", follows, "ppo", follows)
                .forEach((row, profile) -> {
                    for (long seed = 1; seed <= 5; seed++) {
                        cells.add(FakeResults.cell(row, Map.of(), seed, profile, 1000, 0));
                    }
                });
        Narrative narrative = new Narrative(Results.of(FakeResults.provenance("test", 5, List.of()), cells));
        assertEquals("integrates selectively", narrative.verdict(POINT, "ppo").verdict());
        String text = String.join(" ", narrative.paragraph(POINT, "ppo"));
        assertTrue(text.contains("could not check, which is no failure here: the best scripted policy does so, too"), text);
        assertTrue(narrative.findings().stream().noneMatch(f -> f.failure().equals("overTrust")));
    }

    /** Someone who cannot be understood follows nobody, and must not pass for an ignorer. */
    @Test
    void whoCannotBeReadIsNotSaidToIgnore() {
        for (double share : new double[] {0.89, 0.91}) {
            List<Cell> cells = new ArrayList<>();
            for (long seed = 1; seed <= 5; seed++) {
                Cell whole = FakeResults.cell("dpo", Map.of(), seed, FakeResults.IGNORER, 1000, 0);
                Map<String, Double> metrics = new TreeMap<>(whole.metrics());
                metrics.put("parsed", share);
                cells.add(new Cell("wason", "dpo", Map.of(), seed, metrics, whole.counts(), 1, 1, 1));
            }
            Results results = Results.of(FakeResults.provenance("test", 5, List.of()), cells);
            Narrative narrative = new Narrative(results);
            Verdicts.Verdict verdict = Verdicts.of(results).get(0);
            String text = String.join(" ", narrative.paragraph(POINT, "dpo"));
            String answer = narrative.answer(POINT).toString();
            assertTrue(text.contains("it passed over 86%"), text);
            assertEquals(share, verdict.numbers().get("parsed").mean(), 1e-9);
            boolean speaks = share > 0.9;
            assertEquals(speaks ? "ignores and over-trusts" : "does not speak", verdict.verdict());
            assertEquals(speaks, verdict.failures().get("ignoring").equals("present"));
            assertEquals(speaks, text.contains("it ignores"), text);
            assertEquals(!speaks, text.startsWith("It has lost its language in part: 89% (89% to 89%) of what it said"), text);
            assertEquals(!speaks, answer.contains("dpo (89% readable) does not speak, so whether it listens is not"), answer);
            assertEquals(speaks, answer.contains("dpo 86%") && answer.contains("ignoring of dpo"), answer);
        }
    }

    /** The grid may set the reward, and an algorithm adds to it. */
    @Test
    void aRewardForCommonGroundIsSeenWhereverItIsSet() {
        Results fake = FakeResults.dialogue(5);
        Map<String, JsonNode> grid = Map.of("reward.commonGround", DoubleNode.valueOf(0.5));
        Results results = AlignedResults.of(Results.of(fake.provenance(), fake.cells().stream().map(c -> new Cell(c.task(),
                c.algorithm(), grid, c.seed(), c.metrics(), c.counts(), 1, 1, 1)).toList())).results();
        List<String> said = new WholeDialogue(results, new ResultsIndex(results))
                .ground(new Narrative.Point("wason", results.grids("wason").get(0)));
        for (String row : List.of("ppo", "ppo-cg", "icr-smoothed")) {
            assertTrue(said.stream().anyMatch(text -> text.startsWith(row + ", rewarded for common ground")), said.toString());
        }
    }

    private static Narrative narrative(String row, Profile profile, double noise, int seeds) {
        Map<String, Profile> rows = new LinkedHashMap<>();
        rows.put("copy-always", FakeResults.COPY);
        rows.put("evidence-only", FakeResults.EVIDENCE);
        rows.put("record-optimal", FakeResults.OPTIMAL);
        rows.put(row, profile);
        List<Cell> cells = new ArrayList<>();
        rows.forEach((label, p) -> {
            for (long seed = 1; seed <= seeds; seed++) {
                cells.add(FakeResults.cell(label, Map.of(), seed, p, 1000, label.equals(row) ? noise : 0));
            }
        });
        return new Narrative(Results.of(FakeResults.provenance("test", seeds, List.of()), cells));
    }
}
