package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class ScoreTest {
    private static final String HEADER = "group_id\tmessage_type\torigin\toriginal_text\tannotation_type\tsol_tracker_all\n";

    @TempDir
    private Path folder;

    @Test
    @EnabledIfSystemProperty(named = "parley.delidata", matches = ".+")
    void corpusAsPublished() {
        Path corpus = Path.of(System.getProperty("parley.delidata"));
        Cli.Result result = Cli.run("score", corpus.toString());
        assertEquals(0, result.code(), result.err());
        for (String line : new String[] {
            "participants.initialAccuracy 0.0897 n 1974", "participants.finalAccuracy 0.2756 n 1974",
            "participants.initialFineGrained 0.5788 n 1974", "participants.finalFineGrained 0.6848 n 1974",
            "participants.changed 0.5405 n 1974", "consensus 0.2400 n 500"}) {
            assertTrue(result.out().replaceAll(" +", " ").contains(line + "\n"), line + "\n" + result.out());
        }
        String transitions = "participants.transition.<selection>: EV.EV 0.159, V.V 0.097, OV.OV 0.073, EV.OV 0.069";
        assertTrue(result.out().contains(transitions), result.out());
    }

    @Test
    void fileThatIsNoGroupIsNamedAndTheRestIsScored() throws IOException {
        Path good = group("good", "a", "[\"A\", \"7\"]");
        group("bad", "b", "A7");
        Files.writeString(folder.resolve("README"), "The corpus of groups\n");
        Files.write(folder.resolve("latin"), (HEADER + "c\tINITIAL\tSYSTEM\tcaf\u00e9\t\t{}\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        Files.writeString(folder.resolve(".hidden"), "not looked at");
        Cli.Result result = Cli.run("score", folder.toString(), good.toString(), folder.resolve("none").toString());
        assertEquals(2, result.code());
        assertTrue(result.out().replaceAll(" +", " ").contains("participants.finalAccuracy 1.0000 n 1\n"), result.out());
        for (String problem : new String[] {
            folder.resolve("bad") + ", line 3: sol_tracker_all is '{\"Kiwi\": A7}'; a JSON object",
            folder.resolve("README") + ", line 1: found 'The corpus of groups'; a dialogue log begins with '{', "
                    + "a DeliData file with its",
            folder.resolve("latin") + ", line 2: is not a text in UTF-8",
            good + ", line 2: group_id is a, as in " + good + "; a group counts once",
            folder.resolve("none") + " cannot be read",
            "the metrics are those of the other files"}) {
            assertTrue(result.err().contains("parley: " + problem), () -> problem + "\n" + result.err());
        }
        assertFalse(result.err().contains("hidden"), result.err());
        assertEquals(6, result.err().lines().count(), result.err());
    }

    @Test
    void nothingIsScoredWhereNothingIsRead() throws IOException {
        Cli.Result result = Cli.run("score", "--json", folder.toString());
        assertEquals(2, result.code());
        assertEquals("", result.out());
        assertTrue(result.err().contains("is a folder without files"), result.err());
        Path empty = Files.writeString(folder.resolve("empty"), "");
        assertTrue(Cli.run("score", empty.toString()).err().contains("empty, line 1: found nothing; a dialogue log begins with"));
    }

    /** People and collaborators are not averaged together. */
    @Test
    void logsAndGroupsAreScoredApart() throws IOException {
        Path log = folder.resolve("log.jsonl");
        Cli.Result played = Cli.run("play", "--policy", "evidence-only", "--replay", group("group", "a", "[\"A\"]").toString());
        assertEquals(2, played.code(), "people's dialogues are no record to replay");
        Files.writeString(log, """
                {"schema": 1, "task": "triage", "episode": 1, "rounds": [{"round": 1, "solution": ["ward"], "evidence": \
                "visible", \
                "settled": true, "record": "none", "intervention": null, "response": {"raw": "ward", "stances": ["ward"], \
                "reward": {"own": 1}}}]}
                """);
        Path packed = folder.resolve("group.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(Files.readAllBytes(folder.resolve("group")));
        }
        Cli.Result result = Cli.run("score", "--json", log.toString(), packed.toString());
        assertEquals(0, result.code(), result.err());
        JsonNode scored = new ObjectMapper().readTree(result.out());
        assertEquals(1, scored.at("/triage/accuracy/value").asDouble());
        assertEquals(0, scored.at("/triage/consensus/count").asInt(-1));
        assertEquals(1, scored.at("/deliData/consensus/count").asInt());
        assertFalse(scored.at("/deliData").has("accuracy"));
        assertEquals(1, new ObjectMapper().readTree(Cli.run("score", "--json", packed.toString()).out())
                .at("/consensus/count").asInt());
    }

    /** Consensus of people: 0.24 of 500 groups. */
    @Test
    void peopleStandBesideDialoguesAboutOneQuestion() throws IOException {
        String log = """
                {"schema": 1, "task": "wason", "regime": "%s", "episode": 1, "participants": ["typical"], "rounds": [{"round": \
                1, "solution": ["turn", "leave", "turn", "leave"], "evidence": "visible", "settled": true, "record": "none", \
                "intervention": null, "response": {"raw": "turn leave turn leave", "stances": ["turn", "leave", "turn", \
                "leave"], "reward": {"own": 1}}, "rule": "if vowel then even", "cards": ["A", "4", "7", "K"], \
                "stances": {"before": [["turn", "turn", "leave", "leave"]], "after": [["turn", "leave", "turn", "leave"]]}, \
                "submission": ["turn", "leave", "turn", "leave"]}]}
                """;
        Path file = Files.writeString(folder.resolve("log.jsonl"), log.formatted("single"));
        String out = Cli.run("score", file.toString()).out().replaceAll(" +", " ");
        assertTrue(out.contains("consensus 1.0000 n 1 humans 0.2400\n"), out);
        assertTrue(out.contains("accuracy 1.0000 n 1\n") && out.contains("humans: 500 groups"), out);
        Path rounds = Files.writeString(folder.resolve("rounds.jsonl"), log.formatted("record"));
        assertFalse(Cli.run("score", rounds.toString()).out().contains("humans"));
        // A text that Windows wrote begins with a mark.
        Path marked = Files.writeString(folder.resolve("marked.jsonl"), "\uFEFF" + log.formatted("single"));
        assertEquals(Cli.run("score", file.toString()).out(), Cli.run("score", marked.toString()).out());
        // Where a line break was lost, no dialogue is.
        Path joined = Files.writeString(folder.resolve("joined.jsonl"),
                (log + log).formatted("single", "single").replace("\n", ""));
        Cli.refused(joined + ", line 1: not JSON: Trailing token", "score", joined.toString());
        // Metrics of one name are not averaged over regimes.
        out = Cli.run("score", file.toString(), rounds.toString(), rounds.toString()).out().replaceAll(" +", " ");
        String[] parts = out.split("wason single\n|wason record\n");
        assertEquals(3, parts.length, out);
        assertTrue(parts[1].contains("consensus 1.0000 n 1 humans 0.2400\n"), out);
        assertTrue(parts[2].contains("consensus 1.0000 n 2\n"), out);
    }

    @Test
    void aMalformedLogIsNamedWithItsLineAndTheRestIsScored() throws IOException {
        String log = """
                {"schema": 1, "task": "weights", "regime": "single", "episode": 7, "beliefs": [%s], "rounds": [{"question": \
                "blue red", "weights": {"red": 10, "blue": 10, "green": 20, "purple": 30, "yellow": 50}, "weighings": [], \
                "solution": ["oppose", "support", "oppose"], "evidence": "withheld", "settled": false, "record": "none", \
                "intervention": null, "response": {"raw": "", "stances": ["oppose", "support", "oppose"], "reward": {"own": 1}}, \
                "stances": {"before": [["unsure", "unsure", "unsure"]], "after": [["oppose", "support", "oppose"]]}, \
                "submission": [10, 20, 30, 50]}]}
                """;
        Path good = Files.writeString(folder.resolve("good.jsonl"), log.formatted("{}"));
        Path bad = Files.writeString(folder.resolve("bad.jsonl"), log.formatted("{}") + log.formatted(""));
        Cli.Result result = Cli.run("score", bad.toString(), good.toString());
        assertEquals(2, result.code());
        assertTrue(result.out().replaceAll(" +", " ").contains("finalAccuracy 1.0000 n 1\n"), result.out());
        assertTrue(result.err().contains("parley: " + bad + ", line 2: dialogue log of episode 7, beliefs is []; an object for "
                + "each participant, at least one"), result.err());
    }

    /** A group of one, which starts at V, says nothing and submits. */
    private Path group(String name, String id, String cards) throws IOException {
        return Files.writeString(folder.resolve(name), HEADER
                + id + "\tINITIAL\tSYSTEM\tKiwi&&7,A,4,K\t\t{\"Kiwi\": [\"A\"]}\n"
                + id + "\tSUBMIT\tKiwi\tA\t\t{\"Kiwi\": " + cards + "}\n");
    }
}
