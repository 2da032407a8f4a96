package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is typed is scripted; what the scripted policies make of it is known. */
class PlayTest {
    private static final int EPISODES = 40;

    @TempDir
    private Path folder;

    static Cli.Result play(String typed, String... args) {
        InputStream console = System.in;
        System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
        try {
            return Cli.run(args);
        } finally {
            System.setIn(console);
        }
    }

    private static List<JsonNode> read(Path log) throws IOException {
        List<JsonNode> episodes = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            episodes.add(new ObjectMapper().readTree(line));
        }
        return episodes;
    }

    /** The truth in the first round of two episodes in four, and in the second of two others. */
    private String script() throws IOException {
        Path silent = folder.resolve("silent.jsonl");
        Cli.Result result = play("\n".repeat(2 * EPISODES), "play", "--policy", "copy-always", "--episodes", "" + EPISODES,
                "--log", silent.toString());
        assertEquals(0, result.code(), result.err());
        StringBuilder typed = new StringBuilder();
        for (JsonNode episode : read(silent)) {
            int number = episode.get("episode").asInt();
            for (JsonNode round : episode.get("rounds")) {
                assertEquals(round.get("response"), round.get("twin"));
                boolean truth = (round.get("round").asInt() == 1 ? number : number / 2) % 2 == 0;
                List<String> words = new ArrayList<>();
                round.get("solution").forEach(word -> words.add(truth == word.asText().equals("turn") ? "turn" : "leave"));
                // In full, in first letters, and as one word; the last hesitant.
                typed.append(switch (number % 3) {
                    case 0 -> String.join(" ", words);
                    case 1 -> String.join(" ", words).replace("urn", "").replace("eave", "").toUpperCase();
                    default -> String.join("", words).replace("urn", "").replace("eave", "") + " ?";
                }).append('\n');
            }
        }
        return typed.toString();
    }

    @Test
    void copyAlwaysListensAlwaysAndEvidenceOnlyNever() throws IOException {
        String typed = script();
        Path copied = folder.resolve("copied.jsonl");
        Path refused = folder.resolve("refused.jsonl");
        String[] copying = {"play", "--policy", "copy-always", "--episodes", "" + EPISODES, "--log", copied.toString()};
        Cli.Result copy = play(typed, copying);
        assertEquals(0, copy.code(), copy.err());
        Cli.Result deaf = play(typed, "play", "--policy", "evidence-only", "--episodes", "" + EPISODES,
                "--log", refused.toString());
        assertEquals(0, deaf.code(), deaf.err());
        JsonNode copying1 = score(copied);
        JsonNode deaf1 = score(refused);
        for (String metric : List.of("mimicry", "ignoring", "overTrust")) {
            assertTrue(copying1.at("/" + metric + "/count").asInt() > 0, metric);
            boolean listens = !metric.equals("ignoring");
            assertEquals(listens ? 1 : 0, copying1.at("/" + metric + "/value").asDouble(), metric);
            assertEquals(listens ? 0 : 1, deaf1.at("/" + metric + "/value").asDouble(), metric);
            // What the person reads says the same: ignoring is told by how often it listened.
            int n = copying1.at("/" + metric + "/count").asInt();
            String name = metric.equals("overTrust") ? "over-trust" : metric;
            assertTrue(copy.out().matches("(?s).* " + n + " of " + n + " +" + name + " [01]\\.00\n.*"),
                    metric + "\n" + copy.out());
            assertTrue(deaf.out().matches("(?s).* 0 of \\d+ +" + name + " [01]\\.00\n.*"), metric + "\n" + deaf.out());
        }
        assertEquals(1, copying1.at("/uptake/value").asDouble());
        assertEquals("hesitant", read(copied).get(2).at("/rounds/1/intervention/tone").asText());
        assertEquals("person", read(copied).get(0).get("partner").asText());
        for (String line : copy.out().split("\n")) {
            assertTrue(line.length() <= 80, line);
        }

        // The same again is the same again, typed or said by the record.
        Files.delete(copied);
        assertEquals(copy.out(), play(typed, copying).out());
        Cli.Result replayed = Cli.run("play", "--policy", "evidence-only", "--replay", copied.toString(),
                "--log", folder.resolve("again.jsonl").toString());
        assertEquals(0, replayed.code(), replayed.err());
        assertEquals(read(refused), read(folder.resolve("again.jsonl")));
        Path log = copied.resolveSibling("other.jsonl");
        Cli.Result other = Cli.run("play", "--policy", "evidence-only", "--replay", copied.toString(), "--seed", "2",
                "--log", log.toString());
        assertFalse(Files.exists(log), "what was refused leaves no log in the way of the next try");
        assertEquals(2, other.code());
        assertTrue(other.err().contains("give the same task and --seed"), other.err());
    }

    private static JsonNode score(Path log) throws IOException {
        Cli.Result result = Cli.run("score", "--json", log.toString());
        assertEquals(0, result.code(), result.err());
        return new ObjectMapper().readTree(result.out());
    }

    @Test
    void whatIsNoSuggestionIsAskedAgainAndLeavingKeepsWhatWasPlayed() throws IOException {
        Path log = folder.resolve("log.jsonl");
        Cli.Result result = play("turn leave\nx l l t\nt l l t\nq\n", "play", "--policy", "copy-always", "--log", log.toString());
        assertEquals(0, result.code(), result.err());
        assertTrue(result.out().contains("A suggestion has 4 words; this has 2."), result.out());
        assertTrue(result.out().contains("'x' is none of turn, leave, unsure."), result.out());
        List<JsonNode> episodes = read(log);
        assertEquals(1, episodes.size());
        assertEquals(1, episodes.get(0).get("rounds").size());
        assertEquals("turn leave leave turn", episodes.get(0).at("/rounds/0/response/raw").asText());
        Cli.Result taken = play("", "play", "--policy", "copy-always", "--log", log.toString());
        assertEquals(2, taken.code());
        assertTrue(taken.err().contains("is there already; name a new file"), taken.err());

        Cli.Result nobody = play("", "play", "--policy", "copy-always", "--log", folder.resolve("none.jsonl").toString());
        assertEquals(0, nobody.code());
        assertTrue(nobody.out().endsWith("No round was played.\n"), nobody.out());
        assertFalse(Files.exists(folder.resolve("none.jsonl")));
    }

    /** Whoever is interrupted at a question keeps the rounds before it. */
    @Test
    void everyRoundIsInTheLogBeforeTheNextQuestion() throws IOException {
        Path log = folder.resolve("log.jsonl");
        List<Integer> kept = new ArrayList<>();
        InputStream console = System.in;
        System.setIn(new InputStream() {
            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                kept.add(!Files.exists(log) ? 0
                        : PlayTest.read(log).stream().mapToInt(episode -> episode.get("rounds").size()).sum());
                buffer[from] = (byte) (kept.size() < 5 ? '\n' : 'q');
                return kept.size() > 5 ? -1 : 1;
            }

            @Override
            public int read() {
                throw new AssertionError("a reader takes what there is");
            }
        });
        try {
            assertEquals(0, Cli.run("play", "--policy", "copy-always", "--log", log.toString()).code());
        } finally {
            System.setIn(console);
        }
        assertEquals(List.of(0, 1, 2, 3, 4, 4), kept);
    }

    @Test
    void aRecordWithAnUnknownToneIsRefusedWithItsRound() throws IOException {
        Path log = folder.resolve("log.jsonl");
        play("tllt\ntllt\n", "play", "--policy", "copy-always", "--episodes", "1", "--log", log.toString());
        Files.writeString(log, Files.readString(log).replaceFirst("\"tone\":\"confident\"", "\"tone\":\"loud\""));
        Cli.refused("--replay: in round 1 of episode 0 the tone of the intervention is 'loud'; confident or hesitant",
                "play", "--policy", "copy-always", "--replay", log.toString());
        Cli.refused("--episodes 3: --replay has those that were recorded",
                "play", "--policy", "copy-always", "--replay", log.toString(), "--episodes", "3");
        Cli.refused("is no folder", "play", "--policy", "copy-always", "--log", folder.resolve("none/log.jsonl").toString());
    }

    @Test
    void aCellPlaysWhatItTrainedOrJudged() throws IOException {
        Path run = folder.resolve("run");
        Cli.Result made = Cli.run("run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString(), "--set", "seeds=[1]");
        assertEquals(0, made.code(), made.err());
        List<String> outputs = new ArrayList<>();
        for (String label : List.of("near", "far", "test-walk", "copy-always")) {
            Path cell = Runs.manifests(run).stream().map(Path::getParent)
                    .filter(path -> path.startsWith(run.resolve("cells").resolve(label))).findFirst().orElseThrow();
            Cli.Result result = play("tllt\n".repeat(10), "play", cell.toString());
            assertEquals(0, result.code(), result.err());
            outputs.add(result.out());
        }
        // Each trained policy leans elsewhere.
        assertNotEquals(outputs.get(0), outputs.get(1));
        assertNotEquals(outputs.get(0), outputs.get(2));
        assertTrue(outputs.get(3).contains("It took over 10 of 10 suggestions, and was right in "), outputs.get(3));

        refused("holds no manifest.json, so it is no finished cell; cells in it are:\n  " + run, "play", run.toString());
        refused("there is no such folder", "play", folder.resolve("none").toString());
        refused("play needs a collaborator", "play");
        refused("--policy.id: no policy is called 'copy-alway'; did you mean 'copy-always'?", "play", "--policy", "copy-alway");
        refused("--task.rounds: expected a whole number", "play", "--policy", "copy-always",
                "--task", "{id: wason, rounds: many}");
        refused("--episodes is 0", "play", "--policy", "copy-always", "--episodes", "0");
    }

    private static void refused(String message, String... args) {
        play("", args).assertRefused(message);
    }
}
