package io.parley.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.results.FakeResults;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.Results.Failure;
import io.parley.benchmarks.results.Results.Provenance;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    @TempDir
    private Path folder;

    @Test
    void isHtmlThatLoadsNothing() throws IOException {
        for (Results results : List.of(FakeResults.quickstart(5), FakeResults.attribution(5), FakeResults.phase(1),
                FakeResults.dialogue(5))) {
            String html = write(results);
            Parser parser = Parser.htmlParser().setTrackErrors(20);
            Document page = Jsoup.parse(html, "", parser);
            assertEquals(List.of(), parser.getErrors());
            for (Element element : page.getAllElements()) {
                for (String attribute : List.of("src", "href", "srcset", "action", "data", "poster", "background")) {
                    assertTrue(!element.hasAttr(attribute) || element.attr(attribute).startsWith("#"), element::outerHtml);
                }
            }
            assertEquals(0, page.select("link, img, iframe, object, base").size());
            String styles = page.select("style").html() + page.select("[style]").eachAttr("style");
            assertFalse(styles.contains("url(") || styles.contains("@import"));
            String policy = page.select("meta[http-equiv=Content-Security-Policy]").attr("content");
            assertTrue(policy.startsWith("default-src 'none';") && !policy.contains("http")
                    && !policy.contains("connect-src"), policy);
            assertTrue(page.select("h1, h2, h3").stream().allMatch(Element::hasText));
        }
    }

    @Test
    void showsTheNumbersOfTheResults() throws IOException {
        Results results = FakeResults.quickstart(5);
        Document page = Jsoup.parse(write(results));
        double mimicry = results.summary().stream()
                .filter(s -> s.algorithm().equals("ppo") && s.metric().equals("mimicry")).findFirst().orElseThrow().mean();
        Element row = page.select(".point table").first().select("tbody tr").stream()
                .filter(tr -> tr.child(0).text().equals("ppo")).findFirst().orElseThrow();
        assertTrue(row.child(1).text().startsWith(Numbers.fixed(mimicry, 2)), row.text());
        assertEquals("integrates selectively", page.select("article:contains(icr-smoothed) .verdict").text());
        assertEquals(10, page.select("figure").size(), "a matrix for every row");
        assertTrue(page.select("h2:contains(Regret) + p").text().contains("the best policy for the training partner"));
        assertTrue(page.select("details pre").first().text().contains("conformity: 0.3"));
    }

    /** The figures of people are those of the corpus: consensus 0.24, 54 % changed, of 1,974 in 500 groups. */
    @Test
    void showsTheDialogueAsAWholeBesidePeople() throws IOException {
        Document page = Jsoup.parse(write(FakeResults.dialogue(5)));
        Element outcome = page.select("table:contains(Consensus)").first();
        assertEquals(List.of("0.30", "0.24"), outcome.select("tr:contains(humans) td").eachText());
        assertEquals("0.33±0.02", outcome.select("tr:contains(ppo) td").first().text());
        assertEquals("–", page.select("table:contains(Growth a round) tr:contains(humans) td").last().text());
        assertTrue(page.select(".note").text().startsWith("humans: 500 groups of people, 1,974 participants, "
                + "of the DeliData corpus"));
        List<String> ground = page.select("h3:contains(common ground) + ul li").eachText();
        assertEquals("ppo, without a reward for common ground: it grows, by 0.093 (0.091 to 0.095) a round; "
                + "of what its groups hold in"
                + " common at the end, 81% (80% to 82%) is correct, 10 points (10 to 10) more than with the start.",
                ground.get(1));
        assertTrue(ground.get(2).startsWith("ppo-cg, rewarded for common ground: it grows"), ground.get(2));
        assertTrue(page.select("h2:contains(Regret) + p").text().contains("the best scripted policy would"));
        assertTrue(ground.get(3).startsWith("dpo: it grows") && ground.get(3).endsWith("not shown to differ from the start."),
                ground.get(3));
        assertFalse(page.select("h2").eachText().contains("Mimicry against ignoring"), "nothing could be drawn");
        assertEquals(0, Jsoup.parse(write(FakeResults.quickstart(5)))
                .select("h2:contains(dialogue as a whole), h2:contains(Grounding)").size());
    }

    @Test
    void saysWhetherGroundingActsErode() throws IOException {
        Document page = Jsoup.parse(write(FakeResults.withFrozen(FakeResults.dialogue(5), "served", "ppo")));
        assertEquals(List.of("Parsed ↑", "Grounding acts", "assert", "challenge"),
                page.select("h2:contains(Grounding) ~ .scroll").first().select("thead th + th").eachText());
        List<String> sentences = page.select("h2:contains(Grounding) ~ ul").first().select("li").eachText();
        assertEquals("bc: 6.11 (5.99 to 6.23) grounding acts a dialogue.", sentences.get(0));
        assertEquals("ppo: 4.11 (3.99 to 4.23) grounding acts a dialogue; training eroded them, by 2.00 (2.00 to 2.00).",
                sentences.get(1));
        assertTrue(sentences.get(5).endsWith("training added 0.50 (0.50 to 0.50)."), sentences.get(5));
        assertEquals("served: 4.11 (3.99 to 4.23) grounding acts a dialogue.", sentences.get(7));
        List<String> ground = page.select("h3:contains(common ground) + ul li").eachText();
        assertTrue(ground.get(7).startsWith("served: it grows") && ground.get(7).endsWith(" is correct."), ground.get(7));
    }

    @Test
    void saysOfHowManySeedsAMeanIsWhereNotAllHadACase() throws IOException {
        for (int seeds : new int[] {4, 10}) {
            Document page = Jsoup.parse(write(FakeResults.withoutCases(FakeResults.quickstart(seeds), "ppo", "mimicry", 2)));
            String small = page.select(".point table").first().select("tbody tr").stream()
                    .filter(tr -> tr.child(0).text().equals("ppo")).findFirst().orElseThrow().child(1).select("small").text();
            assertTrue(seeds == 4 ? small.equals("n = 2") : small.matches("±0\\.\\d\\d, n = 8"), small);
            assertEquals(1, page.select(".point table").first().select("small:contains(n =)").size());
        }
    }

    @Test
    void saysOnceThatThereAreTooFewSeeds() throws IOException {
        for (int seeds : new int[] {2, 5}) {
            Document page = Jsoup.parse(write(FakeResults.quickstart(seeds)));
            String text = page.select("main").text();
            assertEquals(seeds < 5 ? 1 : 0, text.split("too few seeds", -1).length - 1);
            assertEquals(seeds == 5, page.select("article").text().contains("Cause of its mimicry"));
            assertEquals(seeds == 5, page.select("h2").eachText().contains("Whose fault is each failure?"));
        }
    }

    /** A line through one place shows nothing. */
    @Test
    void drawsNoCurveOfASinglePlace() throws IOException {
        Path file = folder.resolve("curve.jsonl");
        Files.writeString(file, "{\"responses\": 10, \"metrics\": {\"reward\": 0.5, \"loss\": 1}}\n"
                + "{\"responses\": 20, \"metrics\": {\"reward\": 0.6, \"margin\": 1}}\n"
                + "{\"responses\": 20, \"metrics\": {\"margin\": 2}}\n");
        Path page = folder.resolve("report.html");
        HtmlReport.write(page, FakeResults.quickstart(1), cell -> folder);
        JsonNode data = new ObjectMapper().readTree(Jsoup.parse(page.toFile()).select("#data").first().data());
        assertEquals("[\"reward\"]", data.at("/points/0/curves/metrics").toString());
    }

    /** Of two partners who spoke in turn; of the longer dialogue the collaborator last saw the end only. */
    @Test
    void showsWholeDialoguesWithTheTwinBesideEach() throws IOException {
        String round = "{'round': 1, 'solution': ['turn'], 'evidence': 'visible', 'intervention': %s, 'response': {'raw': '%s', "
                + "'stances': ['leave'], 'parsed': true}, 'twin': {'raw': '%s', 'stances': ['turn'], 'parsed': true}}";
        String spoke = "{'suggestion': ['leave'], 'true': false}";
        String chat = "'messages': [{'role': 'system', 'content': 'decide'}, {'role': 'user', 'content': 'the <b>card</b>'}, "
                + "{'role': 'assistant', 'content': 'b'}]}";
        List<String> logs = new ArrayList<>();
        for (String partner : List.of("helpful", "misleading")) {
            for (int episode = 0; episode < 7; episode++) {
                logs.add("{'episode': " + episode + ", 'partner': '" + partner + "', 'rounds': ["
                        + String.format(round, spoke, "yes", "no")
                        + (episode == 0 ? ", " + String.format(round, "null", "b", "c") : "")
                        + "], " + chat);
            }
        }
        logs.add(0, "{'episode': 0, 'partner': 'silent', 'rounds': [" + String.format(round, "null", "a", "a") + "], " + chat);
        try (Writer out = new OutputStreamWriter(new GZIPOutputStream(
                Files.newOutputStream(folder.resolve("episodes.jsonl.gz"))), StandardCharsets.UTF_8)) {
            out.write(String.join("\n", logs).replace('\'', '"'));
        }
        Path page = folder.resolve("report.html");
        HtmlReport.write(page, FakeResults.quickstart(1), cell -> folder);
        Element read = Jsoup.parse(page.toFile()).select("details:has(table.told)").first();
        assertEquals(List.of("helpful partner, episode 0", "misleading partner, episode 0", "helpful partner, episode 1"),
                read.select("h3").eachText().subList(0, 3));
        assertEquals(10, read.select("table.told").size());
        assertEquals("Told before: decide", read.select(".note").text());
        assertEquals(List.of("… evidence visible, false suggestion", "yes wrong", "no right",
                        "the <b>card</b> evidence visible, partner silent", "b wrong", "c right"),
                read.select("table.told").first().select("td").eachText());
    }

    @Test
    void drawsTheGridWithTheOptimumBesideEachCell() throws IOException {
        Document page = Jsoup.parse(write(FakeResults.phase(5)));
        assertEquals(4 * 3 * 35, page.select(".phase td.heat").size());
        assertEquals(4 * 35, page.select(".phase td small").stream().filter(small -> small.text().equals("1.43")).count());
        assertEquals(35, page.select("#pick option").size());
        Element selected = page.select("#pick option[selected]").first();
        assertEquals("trainPartner.helpful = 0.8, tasks.0.trainVisible = 0.6", selected.text(), "the experiment's own values");
        assertEquals(1, page.select(".point:not([hidden])").size());
        assertTrue(page.select("#failed").text().contains("out of memory"));
    }

    @Test
    void staysSmallWithManyCellsAndTheirCurves() throws IOException {
        Results results = FakeResults.phase(5);
        Path file = folder.resolve("phase.html");
        HtmlReport.write(file, results, Look.folders(results, folder.resolve("cells")));
        assertTrue(Files.size(file) < 4_000_000, Files.size(file) + " bytes");
        JsonNode data = new ObjectMapper().readTree(Jsoup.parse(file.toFile()).select("#data").first().data());
        JsonNode curves = data.at("/points/0/curves");
        assertEquals("reward", curves.at("/metrics/0").asText());
        assertTrue(curves.at("/metrics").toString().contains("counterfactualEntropy.withheld"));
        assertEquals(4 * 5, curves.at("/runs").size());
    }

    @Test
    void keepsWhatUsersWriteFromBecomingMarkup() throws IOException {
        Results fake = FakeResults.quickstart(1);
        String evil = "</script><img src=x onerror=alert(1)>";
        Provenance p = fake.provenance();
        Provenance named = new Provenance(evil, p.experiment(), p.references(), p.start(), evil, Map.of(evil, evil),
                Map.of(), Map.of(), null, null, null, List.of(new Failure("wason", evil, Map.of(), 1, evil)));
        Results.Cell c = fake.cells().get(0);
        Results results = Results.of(named, List.of(
                new Results.Cell(evil, evil, Map.of(), 1, c.metrics(), c.counts(), 1, 1, 1)));
        assertEquals(0, Jsoup.parse(write(results)).select("img").size());
    }

    @Test
    void survivesEmptyResultsAndACurveCutShort() throws IOException {
        assertTrue(write(Results.of(FakeResults.provenance("empty", 0, List.of()), List.of())).contains("<h1>empty</h1>"));
        Results results = FakeResults.quickstart(1);
        Path cut = folder.resolve("curve.jsonl");
        Files.writeString(cut, "{\"responses\": 10, \"reward\": 0.5}\n{\"responses\": 20, \"rew");
        HtmlReport.write(folder.resolve("cut.html"), results, cell -> folder);
        Files.writeString(cut, "{\"responses\": 10, \"rew\n{\"responses\": 20, \"reward\": 0.5}\n");
        var e = assertThrows(IOException.class, () -> HtmlReport.write(folder.resolve("cut.html"), results, cell -> folder));
        assertTrue(e.getMessage().contains("curve.jsonl, line 1"), e.getMessage());
    }

    private String write(Results results) throws IOException {
        Path file = folder.resolve("report.html");
        HtmlReport.write(file, results, cell -> null);
        return Files.readString(file);
    }
}
