package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.tasks.people.People;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class CalibrateTest {
    private static final String HEADER = "group_id\tmessage_type\torigin\toriginal_text\tannotation_type\tsol_tracker_all\n";

    @TempDir
    private Path folder;

    /** Pairs who begin at V and EV; half of them agree on OV, the others on V. */
    private void groups(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            String last = i % 2 == 0 ? "[\"A\", \"7\"]" : "[\"A\"]";
            Files.writeString(folder.resolve("group" + i), HEADER
                    + "g" + i + "\tINITIAL\tSYSTEM\t\t\t{\"Kiwi\": [\"A\"], \"Cat\": [\"A\", \"4\"]}\n"
                    + "g" + i + "\tSUBMIT\tKiwi\t\t\t{\"Kiwi\": " + last + ", \"Cat\": [\"A\", \"4\"]}\n"
                    + "g" + i + "\tSUBMIT\tCat\t\t\t{\"Kiwi\": " + last + ", \"Cat\": " + last + "}\n");
        }
    }

    @Test
    void whatIsFittedIsWrittenAndABadFileIsNamed() throws IOException {
        groups(20);
        Path bad = Files.writeString(folder.resolve("bad"), HEADER + "b\tINITIAL\tSYSTEM\t\t\tnothing\n");
        Path target = folder.resolve("../" + folder.getFileName() + ".json").normalize();
        Cli.Result result = Cli.run("calibrate", folder.toString(), "--out", target.toString());
        try {
            assertEquals(2, result.code(), result.err());
            assertTrue(result.err().contains("parley: " + bad + ", line 2: sol_tracker_all is 'nothing'; a JSON object"),
                    result.err());
            assertTrue(result.err().contains("parley: the fit is to the other files"), result.err());
            String table = result.out().replaceAll(" +", " ");
            assertTrue(table.contains("participants.finalAccuracy 0.5000 "), result.out());
            assertTrue(table.contains("consensus 1.0000 "), result.out());
            assertTrue(table.endsWith("wrote " + target + "\n"), result.out());
            JsonNode written = new ObjectMapper().readTree(Files.readString(target));
            assertEquals(20, written.at("/fit/groups").asInt());
            assertEquals(40, written.at("/fit/participants").asInt());
            assertEquals("participants.finalAccuracy", written.at("/fit/figures/0/name").asText());

            assertEquals(written, new ObjectMapper().valueToTree(People.read(target).parameters()));
            Files.delete(bad);
            Cli.Result json = Cli.run("calibrate", "--json", folder.toString());
            assertEquals(0, json.code(), json.err());
            assertEquals(written, new ObjectMapper().readTree(json.out()));
            Cli.Result other = Cli.run("calibrate", "--json", "--seed", "2", folder.toString());
            assertNotEquals(written.get("personalities"), new ObjectMapper().readTree(other.out()).get("personalities"));
            Cli.Result nowhere = Cli.run("calibrate", folder.toString(), "--out", folder.resolve("no/people.json").toString());
            assertEquals(2, nowhere.code());
            assertTrue(nowhere.err().contains("there is no folder " + folder.resolve("no").toAbsolutePath()), nowhere.err());
            Cli.Result again = Cli.run("calibrate", folder.toString(), "--out", target.toString());
            assertEquals(2, again.code());
            assertEquals("parley: " + target + ": it exists already; choose another name or remove it\n", again.err());
        } finally {
            Files.deleteIfExists(target);
        }
    }

    /** A minute of one core: {@code -Dparley.documented=true -Dparley.delidata=DIR}. */
    @Test
    @EnabledIfSystemProperty(named = "parley.documented", matches = "true")
    @EnabledIfSystemProperty(named = "parley.delidata", matches = ".+")
    void theCommittedFileIsWhatTheCorpusGives() throws IOException {
        Path corpus = Path.of(System.getProperty("parley.delidata"));
        Path target = folder.resolve("people.json");
        Cli.Result result = Cli.run("calibrate", corpus.toString(), "--out", target.toString());
        assertEquals(0, result.code(), result.err());
        try (InputStream committed = People.class.getResourceAsStream("people.json")) {
            assertEquals(new String(committed.readAllBytes(), StandardCharsets.UTF_8), Files.readString(target));
        }
    }

    @Test
    void nothingIsFittedToNothing() throws IOException {
        Cli.Result empty = Cli.run("calibrate", folder.toString());
        assertEquals(2, empty.code());
        assertTrue(empty.err().contains("is a folder without files"), empty.err());
        groups(3);
        Cli.Result few = Cli.run("calibrate", "--json", folder.toString());
        assertEquals(2, few.code());
        assertEquals("parley: there are 3 groups to fit to; at least 20\n", few.err());
        assertEquals("", few.out());
        Cli.refused(folder.resolve("none") + " cannot be read", "calibrate", folder.resolve("none").toString());
    }
}
