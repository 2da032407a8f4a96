package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinesTest {
    private static final String WORDS = """
            name: lines
            seeds: [3]
            workers: 1
            tasks: [{id: wason, press: full, rounds: 2, participants: 2}]
            policy: {id: transformer, hidden: 16, layers: 1}
            start: {id: bc, demonstrations: 256, epochs: 1, learningRate: 0.01}
            budget: {responses: 400}
            algorithms: [{id: dpo, epochs: 1, learningRate: 0.01}]
            evaluation: {episodes: 20, partners: [misleading], dialogues: 3}
            """;

    private final ObjectMapper mapper = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void pairsThatWereExportedTrainAsThoseThatWereSampled() throws IOException {
        // Choices, for an answer in words must be learned before one is better than another.
        String choices = WORDS.replace("press: full, ", "");
        Path run = run("run", choices);
        Path cell = cell(run, "dpo");
        Path file = folder.resolve("pairs.jsonl");
        Cli.Result export = Cli.run("export", cell.toString(), "--to", "preferences", file.toString());
        assertEquals(0, export.code(), export.err());
        List<String> lines = Files.readAllLines(file);
        JsonNode sampled = mapper.readTree(cell.resolve("metrics.json").toFile());
        assertEquals(sampled.at("/counts/pairs").asInt(), lines.size());
        assertTrue(export.out().contains(": " + lines.size() + " pairs"), export.out());
        JsonNode pair = mapper.readTree(lines.get(0));
        assertEquals(List.of("system", "user"), roles(pair.get("prompt")));
        assertEquals(List.of("assistant"), roles(pair.get("chosen")));

        Path read = cell(run("again", choices.replace("{id: dpo, epochs: 1,",
                "{id: dpo, preferences: {id: jsonl, file: '" + file + "'}, epochs: 1,")), "dpo");
        assertEquals(sampled.get("metrics"), mapper.readTree(read.resolve("metrics.json").toFile()).get("metrics"));

        refused("pairs.jsonl: it exists already", "export", cell.toString(), "--to", "preferences", file.toString());
        refused("nothing was trained there; name a cell of dpo or ipo",
                "export", cell(run, "bc").toString(), "--to", "preferences", folder.resolve("x").toString());
        refused("there are: hf, onnx, peft, messages, preferences", "export", cell.toString(), "--to", "csv", folder.resolve("x").toString());
        refused("its dialogues are not in words; messages are kept of tasks with press: full",
                "export", cell.toString(), "--to", "messages", folder.resolve("x").toString());
    }

    @Test
    void dialoguesInWordsAreExportedAsChats() throws IOException {
        Path cell = cell(run("run", WORDS), "dpo");
        Path chats = folder.resolve("chats.jsonl");
        Cli.Result exported = Cli.run("export", cell.toString(), "--to", "messages", chats.toString(), "--json");
        assertEquals(0, exported.code(), exported.err());
        assertEquals(6, mapper.readTree(exported.out()).get("lines").asInt());
        JsonNode chat = mapper.readTree(Files.readAllLines(chats).get(0));
        assertEquals(List.of("system", "user", "assistant", "user", "assistant"), roles(chat.get("messages")));
        assertEquals("misleading", chat.get("partner").asText());
        assertTrue(chat.at("/messages/1/content").asText().startsWith("rule: "), chat.toString());
    }

    @Test
    void algorithmsWithoutPairsAreNamed() throws IOException {
        Path cell = cell(run("walk", Cli.WALK), "near");
        refused("'test-walk' learns from no pairs; name a cell of dpo or ipo",
                "export", cell.toString(), "--to", "preferences", folder.resolve("x").toString());
    }

    private Path run(String name, String experiment) throws IOException {
        Path run = folder.resolve(name);
        Cli.Result result = Cli.run("run", Cli.write(folder, experiment).toString(), "--out", run.toString());
        assertEquals(0, result.code(), result.err());
        return run;
    }

    private static List<String> roles(JsonNode messages) {
        return messages.findValuesAsText("role");
    }

    private static Path cell(Path run, String label) throws IOException {
        try (Stream<Path> walk = Files.walk(run.resolve("cells").resolve(label), 3)) {
            return walk.filter(path -> path.endsWith("manifest.json")).findFirst().orElseThrow().getParent();
        }
    }

    private static void refused(String message, String... args) {
        Cli.Result result = Cli.run(args);
        assertEquals(2, result.code(), result.err());
        assertTrue(result.err().contains(message), () -> "expected: " + message + "\nfound: " + result.err());
        assertFalse(result.err().contains("\tat "), result.err());
    }
}
