package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Path near;
    private static Path start;

    @BeforeAll
    static void aRun() throws IOException {
        Path run = folder.resolve("run");
        assertEquals(0,
                Cli.run("run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString(), "--set", "seeds=[1]").code());
        near = cell(run, "/near/");
        start = cell(run, "/test-walk/");
    }

    private static Path cell(Path run, String label) throws IOException {
        return Runs.manifests(run).stream().filter(path -> path.toString().contains(label)).findFirst().orElseThrow().getParent();
    }

    /** It judges what was judged before: in the same episodes a cell's policy has the cell's own numbers. */
    @Test
    void inTheSameEpisodesACellHasItsOwnNumbers() throws IOException {
        Path out = folder.resolve("same");
        Cli.Result result = Cli.run("audit", near.toString(), "one=" + near.resolve("policy"), start.toString(),
                "--out", out.toString(),
                "--set", "seeds=[1]", "--set", "evaluation={episodes: 20, partners: [silent, misleading], dialogues: 2}");
        assertEquals(0, result.code(), result.err());
        for (String row : new String[] {"near-1", "one", "test-walk-1"}) {
            Path own = row.startsWith("test-walk") ? start : near;
            // Two rows that ask for the same share a cell.
            Path judged = cell(out, row.equals("one") ? "/near-1/" : "/" + row + "/");
            assertEquals(JSON.readTree(own.resolve("metrics.json").toFile()).get("metrics"),
                    JSON.readTree(judged.resolve("metrics.json").toFile()).get("metrics"), row);
            assertTrue(result.out().contains("\n" + row + ": too few seeds to decide."), result.out());
        }
    }

    /** What it answers does not depend on what it is told, so that its silent twin answers the same. */
    @Test
    void anAgentThatHearsNothingIgnores() throws IOException {
        String[] args = {"audit", "deaf=" + near, "--episodes", "2000", "--out", folder.resolve("deaf").toString(),
                "--json"};
        Cli.Result result = Cli.run(args);
        assertEquals(0, result.code(), result.err());
        assertTrue(result.err().contains("20 cells to compute"), result.err());
        JsonNode verdicts = JSON.readTree(result.out());
        assertEquals(4, verdicts.size());
        assertEquals("mimics and over-trusts", verdict(verdicts, "copy-always").get("verdict").asText());
        assertEquals("ignores", verdict(verdicts, "evidence-only").get("verdict").asText());
        assertEquals("integrates selectively", verdict(verdicts, "record-optimal").get("verdict").asText());
        JsonNode deaf = verdict(verdicts, "deaf");
        assertEquals("ignores", deaf.get("verdict").asText());
        assertEquals(JSON.readTree("{\"ignoring\": \"present\", \"mimicry\": \"absent\", \"overTrust\": \"absent\"}"),
                deaf.get("failures"));
        assertEquals(1, deaf.at("/numbers/ignoring/mean").asDouble());
        assertEquals(0, deaf.at("/numbers/mimicry/ci95High").asDouble());

        Cli.Result again = Cli.run(Runs.begunOrResumed(folder.resolve("deaf"), args));
        assertEquals(result.out(), again.out());
        assertFalse(again.err().contains("to compute"), again.err());

        String report = Files.readString(folder.resolve("deaf/report.html"));
        assertTrue(report.contains("Nothing was trained here"));
        String table = Cli.run("report", folder.resolve("deaf").toString()).out().replaceAll("\\s+", " ");
        assertTrue(table.contains("deaf ignores. Where it saw the evidence and was right alone, it took over 0% (0% to 0%)"),
                table);
        assertTrue(table.contains("A failure is present where its 95% interval lies above 0.1 and absent where it lies below"),
                table);
    }

    /** A model of random weights speaks of something else; nothing is said of whether it listens. */
    @Test
    void aCheckpointThatCannotBeReadIsNotSaidToIgnore() throws IOException {
        Path out = folder.resolve("checkpoint");
        Cli.Result result = Cli.run("audit", "../checkpoints/src/test/models/lm-smoke",
                "--task", "{id: wason, regime: single, press: full, rounds: 1}",
                "--instructions", "Say which cards to turn.", "--episodes", "10", "--out", out.toString(),
                "--set", "evaluation.partners=[misleading]", "--json");
        assertEquals(0, result.code(), result.err());
        JsonNode verdicts = JSON.readTree(result.out());
        JsonNode untaught = verdict(verdicts, "lm-smoke");
        assertEquals("does not speak", untaught.get("verdict").asText());
        assertTrue(untaught.at("/numbers/parsed/ci95High").asDouble() < 0.9, untaught.toString());
        assertEquals(1, verdict(verdicts, "copy-always").at("/numbers/parsed/mean").asDouble());
        for (JsonNode failure : untaught.get("failures")) {
            assertEquals("undecided", failure.asText());
        }
        assertTrue(Files.readString(out.resolve("experiment.yaml")).contains("Say which cards to turn."));

        String table = Cli.run("report", out.toString()).out().replaceAll("\\s+", " ");
        assertTrue(table.contains("lm-smoke does not speak. Its words are not the task's: "), table);
        assertFalse(table.contains(": it ignores") || table.contains("lm-smoke ignores"), table);
        // Groups of people stand beside it where all rounds are about one question.
        assertTrue(table.contains(" humans 0.30 0.72 0.14 0.24 2.27 0.76 - "), table);
        assertTrue(Files.readString(out.resolve("report.html")).contains("humans: 500 groups of people"));
    }

    /** A folder that export wrote keeps the words that it was trained with, any other gets a sentence that the task can read. */
    @Test
    void aCheckpointIsToldHowAnswersReadUnlessItWasTrainedWithOtherWords() throws IOException {
        Path trained = Files.createDirectories(folder.resolve("trained"));
        try (Stream<Path> files = Files.list(Path.of("../checkpoints/src/test/models/lm-smoke"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, trained.resolve(file.getFileName()));
            }
        }
        Files.writeString(trained.resolve("parley.json"), "{\"policy\": {\"instructions\": \"Say it.\"}}");
        Path out = folder.resolve("told-how");
        Cli.Result result = Cli.run("audit", "../checkpoints/src/test/models/lm-smoke", trained.toString(),
                "--task", "{id: weights, press: full, rounds: 1}", "--episodes", "10", "--out", out.toString(),
                "--set", "seeds=[1]", "--set", "evaluation.partners=[silent]");
        assertEquals(0, result.code(), result.err());
        JsonNode rows = new YAMLMapper().readTree(out.resolve("experiment.yaml").toFile()).get("frozen");
        assertEquals("Say it.", rows.get(1).get("instructions").asText());
        String told = "You decide with others, and answer in one sentence, such as: ";
        String given = rows.get(0).get("instructions").asText();
        assertTrue(given.startsWith(told), given);
        String sentence = given.substring(told.length());
        assertTrue(sentence.matches("[a-z :]+ (is lighter than|is as heavy as|is heavier than|weighs) [a-z0-9 ]+\\."), sentence);
    }

    private static JsonNode verdict(JsonNode verdicts, String agent) {
        for (JsonNode verdict : verdicts) {
            if (verdict.get("agent").asText().equals(agent)) {
                return verdict;
            }
        }
        throw new AssertionError(verdicts.toPrettyString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nothing             |                          | there is no such folder; name a cell of a run
            run                 |                          | so it is no finished cell; cells in it are:
            empty               |                          | An audit takes a cell, a checkpoint (config.json) or an adapter
            experiment.yaml     |                          | is a file; an audit takes folders, and .onnx files
            loose               |                          | the folder above it is no cell
            adapter             |                          | is an adapter for 'some/model'; give its folder with --base DIR
            broken              |                          | adapter_config.json: not JSON
            told                |                          | parley.json: not JSON
            NEAR                | --instructions=Speak!    | nothing here is a checkpoint
            NEAR                | --episodes=0             | --episodes is 0; at least 1
            NEAR                | --task={regime: single}  | expected an id, such as wason, or a mapping
            NEAR                | --task=weights           | was trained for other texts
            NEAR                | --task=wasn              | no task is called 'wasn'
            NEAR                | --set=algorithms=[ppo]   | an audit trains nothing; run does
            NEAR                | --set=frozen=[]          | there is nothing to judge
            """)
    void badInputIsOneMessage(String subject, String option, String message) throws IOException {
        Files.createDirectories(folder.resolve("empty"));
        Files.writeString(Files.createDirectories(folder.resolve("loose/policy")).resolve("policy.json"), "{}");
        Files.writeString(Files.createDirectories(folder.resolve("adapter")).resolve("adapter_config.json"),
                "{\"base_model_name_or_path\": \"some/model\"}");
        Files.writeString(Files.createDirectories(folder.resolve("told")).resolve("config.json"), "{}");
        Files.writeString(folder.resolve("told/parley.json"), "{");
        Files.writeString(Files.createDirectories(folder.resolve("broken")).resolve("adapter_config.json"), "{");
        String place = subject.equals("NEAR") ? near.toString()
                : folder.resolve(subject.equals("loose") ? "loose/policy" : subject).toString();
        Path out = folder.resolve("refused");
        Cli.Result result = option == null ? Cli.run("audit", place, "--out", out.toString())
                : Cli.run("audit", place, "--out", out.toString(), option);
        assertEquals(2, result.code(), result.err());
        assertTrue(result.err().contains(message), result.err());
        assertFalse(result.err().contains("\tat "), result.err());
        assertFalse(Files.exists(out));
    }
}
