package io.parley.benchmarks.cli;

import static io.parley.benchmarks.cli.Cli.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.checkpoints.ChatTokens;
import io.parley.core.dialogue.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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

        Path moved = Files.move(file, folder.resolve("moved.jsonl"));
        String[] resume = {"run", "--resume", "--out", folder.resolve("again").toString(),
            "--set", "algorithms.dpo.preferences.file=" + moved};
        Cli.Result resumed = Cli.run(resume);
        assertEquals(0, resumed.code(), resumed.err());
        Files.write(moved, lines.subList(1, lines.size()));
        Cli.run(resume).assertRefused("holds another experiment: algorithms[0].preferences.sha256 is ",
                "name the place with --set algorithms.0.preferences.file=FILE");

        refused("moved.jsonl: it exists already", "export", cell.toString(), "--to", "preferences", moved.toString());
        refused("nothing was trained there; name a cell of dpo or ipo",
                "export", cell(run, "bc").toString(), "--to", "preferences", folder.resolve("x").toString());
        refused("there are: hf, onnx, peft, messages, preferences", "export", cell.toString(), "--to", "csv",
                folder.resolve("x").toString());
        refused("its dialogues are not in words; messages are kept of tasks with press: full",
                "export", cell.toString(), "--to", "messages", folder.resolve("x").toString());
    }

    /** A model that has learned to speak a little gives pairs; they leave with its instructions, and come back with no more. */
    @Test
    void pairsOfAPretrainedModelAreWhatItWasShown() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> files = Files.list(Path.of("../checkpoints/src/test/models/lm-smoke"))) {
            for (Path part : files.toList()) {
                Files.copy(part, model.resolve(part.getFileName()));
            }
        }
        String speaks = WORDS.replace("rounds: 2", "rounds: 1").replace("responses: 400", "responses: 128")
                .replace("{id: transformer, hidden: 16, layers: 1}",
                "{id: causal-lm, path: '" + model + "', train: full, instructions: Answer in one sentence., maxResponse: 40}");
        Path run = run("run", speaks.replace("demonstrations: 256, epochs: 1, learningRate: 0.01",
                "demonstrations: 384, epochs: 4, batchSize: 32, learningRate: 0.005"));
        Path cell = cell(run, "dpo");
        Path now = Files.move(model, folder.resolve("elsewhere"));
        Path file = folder.resolve("pairs.jsonl");
        refused("there is no folder " + model + "; base names the folder where the model of this cell lies now",
                "export", cell.toString(), "--to", "preferences", file.toString());
        refused("--set dtype=float32: --to preferences has one setting, base=DIR",
                "export", cell.toString(), "--to", "preferences", "--set", "dtype=float32", file.toString());
        export(cell, file, "--set", "base=" + now);
        List<String> lines = Files.readAllLines(file);
        assertEquals(mapper.readTree(cell.resolve("metrics.json").toFile()).at("/counts/pairs").asInt(), lines.size());
        assertTrue(lines.size() > 1, lines.toString());
        for (String line : lines) {
            JsonNode pair = mapper.readTree(line);
            assertEquals(List.of("system", "user"), roles(pair.get("prompt")));
            assertTrue(pair.at("/prompt/0/content").asText().startsWith("Answer in one sentence. each card "), line);
            assertNotEquals(pair.get("chosen"), pair.get("rejected"));
        }

        Path read = cell(run("again", speaks.replace(model.toString(), now.toString()).replace("{id: dpo, epochs: 1,",
                "{id: dpo, preferences: {id: jsonl, file: '" + file + "'}, epochs: 1,")), "dpo");
        Path again = folder.resolve("again.jsonl");
        export(read, again);
        assertEquals(lines, Files.readAllLines(again));
    }

    private static void export(Path cell, Path file, String... settings) {
        Stream<String> command = Stream.of("export", cell.toString(), "--to", "preferences", file.toString());
        Cli.Result export = Cli.run(Stream.concat(command, Stream.of(settings)).toArray(String[]::new));
        assertEquals(0, export.code(), export.err());
    }

    @Test
    void dialoguesInWordsAreExportedAsChats() throws IOException {
        Path cell = cell(run("run", WORDS), "dpo");
        Path chats = folder.resolve("made/chats.jsonl");
        Cli.Result exported = Cli.run("export", cell.toString(), "--to", "messages", chats.toString(), "--json");
        assertEquals(0, exported.code(), exported.err());
        assertEquals(6, mapper.readTree(exported.out()).get("lines").asInt());
        JsonNode chat = mapper.readTree(Files.readAllLines(chats).get(0));
        assertEquals(List.of("system", "user", "assistant", "user", "assistant"), roles(chat.get("messages")));
        assertEquals("misleading", chat.get("partner").asText());
        assertTrue(chat.at("/messages/1/content").asText().startsWith("rule: "), chat.toString());
        refused(chats + ": there is a file where this folder should be",
                "export", cell.toString(), "--to", "messages", chats.resolve("more.jsonl").toString());
        refused(chats + ": there is a file where this folder should be",
                "export", cell.toString(), "--to", "preferences", chats.resolve("pairs.jsonl").toString());
    }

    /** A limit on the size of files stands in for a full disk: what cannot be written whole is not there. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskLeavesNoPartOfAFile() throws IOException, InterruptedException {
        Path cell = cell(run("run", WORDS), "dpo");
        Path made = folder.resolve("made");
        Process export = Cli.start(folder.resolve("output"), List.of("bash", "-c", "ulimit -f 1; exec \"$@\"", "bash"),
                "export", cell.toString(), "--to", "messages", made.resolve("chats.jsonl").toString());
        assertEquals(2, Cli.await(export));
        String output = Files.readString(folder.resolve("output"));
        assertTrue(output.contains("the disk is full (cannot write " + made.resolve("chats.jsonl") + ": File too large)"),
                output);
        assertFalse(output.contains("--resume"), output);
        try (Stream<Path> files = Files.list(made)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void aDialogueThatGrewTooLongLeavesWithoutItsOldestRoundsAsTheModelReadIt() throws IOException {
        Path model = Path.of("../checkpoints/src/test/models/lm-smoke");
        Path cell = cell(run("run", """
                name: short
                seeds: [3]
                workers: 1
                tasks: [{id: wason, press: full, rounds: 6, participants: 2}]
                policy: {id: causal-lm, path: '%s', rank: 2, maxResponse: 24, context: 500}
                start: {id: bc, demonstrations: 8, epochs: 1}
                budget: {responses: 12}
                algorithms: [{id: ppo, rolloutEpisodes: 2}]
                evaluation: {episodes: 2, partners: [misleading], dialogues: 2}
                """.formatted(model)), "ppo");
        Path chats = folder.resolve("chats.jsonl");
        told(cell, chats);
        ChatTokens tokens = ChatTokens.open(model, 24);
        for (String line : Files.readAllLines(chats)) {
            List<ChatMessage> shown = new ArrayList<>();
            mapper.readTree(line).get("messages").forEach(message ->
                    shown.add(new ChatMessage(message.get("role").asText(), message.get("content").asText())));
            assertEquals("assistant", shown.remove(shown.size() - 1).role());
            int length = tokens.encode(shown, true).length;
            assertTrue(length <= 500 - 24, length + " tokens were shown");
            long answers = shown.stream().filter(message -> message.role().equals("assistant")).count();
            assertTrue(0 < answers && answers < 5, answers + " earlier answers");
            assertEquals("system", shown.get(0).role());
        }
    }

    /** Episodes of a seed are the same ones, so that a policy that has learned the dialogues by heart says them again. */
    @Test
    void dialoguesThatWereExportedAreClonedByAnotherPolicy() throws IOException {
        String spoken = WORDS.replace("rounds: 2", "rounds: 1").replace("responses: 400", "responses: 2")
                .replace("episodes: 20", "episodes: 4").replace("{id: dpo, epochs: 1, ", "{id: ppo, rolloutEpisodes: 1, ");
        Path chats = folder.resolve("chats.jsonl");
        told(cell(run("run", spoken), "bc"), chats);
        String clone = spoken.replace("hidden: 16, layers: 1", "hidden: 32, layers: 2")
                .replace("demonstrations: 256, epochs: 1", "file: '" + chats + "', epochs: 300");
        Path run = run("again", clone);
        Path again = folder.resolve("again.jsonl");
        told(cell(run, "bc"), again);
        assertEquals(6, Files.readAllLines(again).size());
        assertEquals(Files.readString(chats), Files.readString(again));

        // The file may lie elsewhere, and not be another one.
        String hash = cell(run, "bc").getParent().getFileName().toString();
        Path moved = Files.move(chats, folder.resolve("moved.jsonl"));
        String[] resume = {"run", "--resume", "--out", run.toString()};
        refused("start.file: there is no file " + chats + "; what the run began with may lie elsewhere now: name the place with "
                + "--set start.file=FILE", resume);
        String[] there = {"run", "--resume", "--out", run.toString(), "--set", "start.file=" + moved};
        assertEquals(0, Cli.run(there).code());
        assertEquals(hash, cell(run, "bc").getParent().getFileName().toString());
        Files.writeString(moved, Files.readAllLines(moved).get(0));
        refused("holds another experiment: start.sha256 is ", there);
    }

    private static void told(Path cell, Path chats) {
        Cli.Result exported = Cli.run("export", cell.toString(), "--to", "messages", chats.toString());
        assertEquals(0, exported.code(), exported.err());
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
}
