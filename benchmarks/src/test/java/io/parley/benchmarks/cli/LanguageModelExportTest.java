package io.parley.benchmarks.cli;

import static io.parley.benchmarks.cli.Cli.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModelExportTest {
    private static final Path MODEL = Path.of("../checkpoints/src/test/models/lm-smoke");
    private static final String EXPERIMENT = """
            name: export-lm
            seeds: [1]
            workers: 1
            tasks: [{id: wason, press: full, rounds: 2, participants: 2}]
            policy: {id: causal-lm, path: MODEL, rank: 2, maxResponse: 40,
              instructions: Answer in one sentence., template: {brief: true}}
            start: {id: bc, demonstrations: 8, epochs: 1}
            budget: {responses: 4}
            algorithms: [{id: ppo, rolloutEpisodes: 2}]
            evaluation: {episodes: 2, partners: [silent], dialogues: 1}
            """;

    @TempDir
    private Path folder;

    /** A copy whose template asks for a variable. */
    private Path model;

    @BeforeEach
    void copyTheModel() throws IOException {
        model = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> files = Files.list(MODEL)) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        Files.writeString(model.resolve("chat_template.jinja"), "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' "
                + "+ m.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
                + "{% if brief is true %}{{ 'in brief: ' }}{% endif %}{% endif %}");
    }

    @Test
    void aLanguageModelLeavesAsAnAdapterAndAsAWholeModel() throws IOException {
        Path cell = trained("run");
        Path peft = folder.resolve("made/adapter");
        JsonNode written = export(cell, "peft", peft);
        assertEquals(3, written.get("files").size());
        assertTrue(written.at("/notes/0").asText().contains("value head is left out"), written.toString());
        JsonNode config = new ObjectMapper().readTree(peft.resolve("adapter_config.json").toFile());
        assertEquals(model.toAbsolutePath().normalize().toString(), config.get("base_model_name_or_path").asText());
        assertEquals(2, config.get("r").asInt());
        JsonNode about = new ObjectMapper().readTree(peft.resolve("parley.json").toFile());
        assertEquals("ppo", about.at("/provenance/specification/algorithm/id").asText());

        Path merged = folder.resolve("made/merged");
        Cli.Result said = Cli.run("export", cell.toString(), "--to", "hf", merged.toString());
        assertEquals(0, said.code(), said.err());
        assertTrue(said.out().contains("rounded to bfloat16; dtype=float32 keeps it."), said.out());
        assertEquals(-1, Files.mismatch(MODEL.resolve("tokenizer.json"), merged.resolve("tokenizer.json")));
        assertEquals(-1, Files.mismatch(MODEL.resolve("tokenizer_config.json"), merged.resolve("tokenizer_config.json")));
        export(cell, "hf", folder.resolve("made/float32"), "--set", "dtype=float32");
        assertTrue(Files.readString(folder.resolve("made/float32/config.json")).contains("\"float32\""));

        // Both begin a run of their own, the merged one to train every weight.
        trained("again", "--set", "policy.path=" + merged, "--set", "policy.train=full", "--set", "policy.rank=null");
        trained("further", "--set", "policy.adapter=" + peft, "--set", "policy.rank=null");

        // Dialogues leave as the model was shown them.
        assertTold(cell, folder.resolve("made/chats.jsonl"));

        // One file answers as the cell did, without the base.
        Path file = folder.resolve("made/lm.onnx");
        export(cell, "onnx", file);
        Cli.Result played = PlayTest.play("tllt\n".repeat(4), "play", cell.toString(), "--episodes", "1");
        assertEquals(0, played.code(), played.err());
        assertTrue(played.out().contains("It took over "), played.out());
        Cli.Result thawed = PlayTest.play("tllt\n".repeat(4), "play", file.toString(), "--episodes", "1");
        assertEquals(0, thawed.code(), thawed.err());
        assertEquals(played.out(), thawed.out());

        // All three are judged on their task, with what they were told in training and within the same bounds.
        Path audit = folder.resolve("audit");
        Cli.Result judged = Cli.run("audit", merged.toString(), "adapter=" + peft, file.toString(), cell.toString(),
                "--base", model.toString(), "--out", audit.toString(),
                "--set", "seeds=[1]", "--set", "evaluation={episodes: 1, partners: [silent], dialogues: 1}",
                "--set", "workers=1");
        assertEquals(0, judged.code(), judged.err());
        JsonNode experiment = new YAMLMapper().readTree(audit.resolve("experiment.yaml").toFile());
        assertEquals(1, experiment.get("tasks").size());
        assertEquals("full", experiment.at("/tasks/0/press").asText());
        assertEquals(2, experiment.at("/tasks/0/participants").asInt());
        for (int row = 0; row < 2; row++) {
            assertEquals("Answer in one sentence.", experiment.at("/frozen/" + row + "/instructions").asText());
            assertTrue(experiment.at("/frozen/" + row + "/template/brief").asBoolean());
            assertEquals(40, experiment.at("/frozen/" + row + "/maxResponse").asInt());
        }
        for (String row : List.of("merged", "adapter", "lm")) {
            assertTold(cell(audit, row), folder.resolve("made/" + row + ".jsonl"));
        }

        // A task that is only named is one in words, for a policy that speaks.
        Path elsewhere = folder.resolve("elsewhere");
        Cli.Result weights = Cli.run("audit", merged.toString(), "--task", "weights", "--out", elsewhere.toString(),
                "--set", "seeds=[1]", "--set", "evaluation={episodes: 1, partners: [silent], dialogues: 0}",
                "--set", "tasks.weights.rounds=1");
        assertEquals(0, weights.code(), weights.err());
        assertEquals("[\"full\",\"full\"]", new ObjectMapper().valueToTree(new YAMLMapper()
                .readTree(elsewhere.resolve("experiment.yaml").toFile()).get("tasks").findValuesAsText("press")).toString());

        refused("dtype is 'int8'; there are: float32, float16, bfloat16",
                "export", cell.toString(), "--to", "hf", "--set", "dtype=int8", folder.resolve("x").toString());
        refused("unknown key 'dtype'",
                "export", cell.toString(), "--to", "peft", "--set", "dtype=float32", folder.resolve("x").toString());
        refused("there is no folder /nowhere; name the folder where it lies now with base",
                "export", cell.toString(), "--to", "hf", "--set", "base=/nowhere", folder.resolve("x").toString());
        refused("llama-tied is not the base that was trained",
                "export", cell.toString(), "--to", "peft", "--set", "base=" + MODEL.resolveSibling("llama-tied"),
                folder.resolve("x").toString());
        refused("there is no adapter; --to hf writes the weights",
                "export", cell(folder.resolve("again"), "ppo").toString(), "--to", "peft", folder.resolve("x").toString());
        assertFalse(Files.exists(folder.resolve("x")));
    }

    private Path trained(String name, String... settings) throws IOException {
        Path run = folder.resolve(name);
        Path experiment = Cli.write(folder, EXPERIMENT.replace("MODEL", model.toString()));
        Stream<String> command = Stream.of("run", experiment.toString(), "--out", run.toString());
        Cli.Result result = Cli.run(Stream.concat(command, Stream.of(settings)).toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
        return cell(run, "ppo");
    }

    private static void assertTold(Path cell, Path chats) throws IOException {
        export(cell, "messages", chats);
        JsonNode chat = new ObjectMapper().readTree(Files.readAllLines(chats).get(0));
        assertTrue(chat.at("/messages/0/content").asText().startsWith("Answer in one sentence. "), chat.toString());
    }

    private static Path cell(Path run, String row) throws IOException {
        try (Stream<Path> walk = Files.walk(run.resolve("cells").resolve(row), 3)) {
            return walk.filter(path -> path.endsWith("manifest.json")).findFirst().orElseThrow().getParent();
        }
    }

    private static JsonNode export(Path cell, String form, Path target, String... settings) throws IOException {
        Stream<String> command = Stream.of("export", cell.toString(), "--to", form, target.toString(), "--json");
        Cli.Result result = Cli.run(Stream.concat(command, Stream.of(settings)).toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
        return new ObjectMapper().readTree(result.out());
    }
}
