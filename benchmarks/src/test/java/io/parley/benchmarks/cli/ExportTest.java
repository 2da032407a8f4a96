package io.parley.benchmarks.cli;

import static io.parley.benchmarks.cli.Cli.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {
    private static final String EXPERIMENT = """
            name: export
            seeds: [1]
            workers: 1
            tasks: [{id: wason}]
            policy: {id: mlp, hidden: [16]}
            start: {id: bc, demonstrations: 256, epochs: 1}
            budget: {responses: 256}
            algorithms: [{id: ppo, rolloutEpisodes: 64}]
            evaluation: {episodes: 50, partners: [helpful, misleading, turncoat], dialogues: 50}
            """;

    @TempDir
    private Path folder;

    @Test
    void aFrozenPolicyIsJudgedAsTheTrainedOneWas() throws IOException {
        Path run = folder.resolve("run");
        Cli.Result trained = Cli.run("run", Cli.write(folder, EXPERIMENT).toString(), "--out", run.toString());
        assertEquals(0, trained.code(), trained.err());
        Path cell = cell(run, "ppo");
        Path file = folder.resolve("made/ppo.onnx");
        Cli.Result export = Cli.run("export", cell.toString(), "--to", "onnx", file.toString(), "--json");
        assertEquals(0, export.code(), export.err());
        JsonNode written = new ObjectMapper().readTree(export.out());
        assertEquals(Files.size(file), written.get("bytes").asLong());
        assertEquals(cell.getParent().getFileName().toString(), written.get("cell").asText());
        Path start = folder.resolve("start.onnx");
        Cli.Result judgedStart = Cli.run("export", cell(run, "bc").toString(), "--to", "onnx", start.toString());
        assertTrue(judgedStart.out().contains("holds the mlp that bc trained in cell"), judgedStart.out() + judgedStart.err());

        Path again = folder.resolve("again");
        String frozen = "frozen=[{label: thawed, id: onnx, path: " + file + "}, {label: thawed-start, id: onnx, path: "
                + start + "}]";
        Cli.Result judged = Cli.run("run", folder.resolve("experiment.yaml").toString(), "--out", again.toString(),
                "--set", "algorithms=[]", "--set", frozen);
        assertEquals(0, judged.code(), judged.err());
        assertTrue(judged.out().contains("thawed"), judged.out());
        assertSameMetrics(row(run, "ppo"), row(again, "thawed"));
        assertSameMetrics(row(run, "bc"), row(again, "thawed-start"));
        // The cell says which file it judged.
        JsonNode policy = new ObjectMapper().readTree(cell(again, "thawed").resolve("manifest.json").toFile())
                .at("/specification/policy");
        assertEquals(written.get("sha256"), policy.get("sha256"));

        // A person is answered the same by the cell, by the file, and by the cell that judged the file.
        Cli.Result played = PlayTest.play("tllt\n".repeat(8), "play", cell.toString(), "--episodes", "4");
        assertEquals(0, played.code(), played.err());
        assertTrue(played.out().contains("It took over "), played.out());
        assertEquals(played.out(), PlayTest.play("tllt\n".repeat(8), "play", file.toString(), "--episodes", "4").out());
        assertEquals(played.out(),
                PlayTest.play("tllt\n".repeat(8), "play", cell(again, "thawed").toString(), "--episodes", "4").out());
        // An audit needs not be told the task, nor who was the partner.
        Path audit = folder.resolve("audit");
        Cli.Result audited = Cli.run("audit", file.toString(), cell.toString(), "again=" + file, start.toString(), "--out",
                audit.toString(), "--episodes", "9", "--set", "seeds=[1,2]", "--set", "evaluation.partners=[misleading]");
        assertEquals(0, audited.code(), audited.err());
        JsonNode experiment = new YAMLMapper().readTree(audit.resolve("experiment.yaml").toFile());
        JsonNode specification = new ObjectMapper().readTree(cell.resolve("manifest.json").toFile()).get("specification");
        assertEquals(1, experiment.get("tasks").size());
        assertEquals(specification.get("task"), ((ObjectNode) experiment.at("/tasks/0")).without("label"));
        assertEquals(specification.get("trainPartner"), experiment.get("trainPartner"));
        assertEquals(5, experiment.at("/evaluation/episodes").asInt(), "nine episodes of two seeds");
        assertSameMetrics(row(audit, "ppo-1"), row(audit, "ppo"));
        refused("--base b: nothing here is an adapter, or a cell that was trained on a checkpoint",
                "audit", file.toString(), "--base", "b");

        refused("is a policy too; leave one of them out", "play", file.toString(), "--policy", "copy-always");
        refused("is not an ONNX file", "play", folder.resolve("experiment.yaml").toString());

        refused("experiment.yaml with --set: frozen[0].path: " + file + " was trained for other texts: it reads at most",
                "run", folder.resolve("experiment.yaml").toString(), "--set", frozen, "--set", "tasks.wason.rounds=3");
        refused("frozen[0].path: there is no file /nowhere.onnx",
                "run", folder.resolve("experiment.yaml").toString(), "--set", "frozen=[{id: onnx, path: /nowhere.onnx}]");
        refused("frozen: the label 'ppo' also names a row of its own (algorithm)",
                "run", folder.resolve("experiment.yaml").toString(),
                "--set", "frozen=[{label: ppo, id: onnx, path: " + file + "}]");
        refused("--to gguf: there is no such form; there are: hf, onnx, peft, messages, preferences",
                "export", cell.toString(), "--to", "gguf", "x");
        refused("policy.json: the policy is 'mlp'; a 'causal-lm' is a pretrained model", "export", cell.toString(),
                "--to", "hf", "x");
        refused("policy: base is for a causal-lm; the policy is 'mlp'", "export", cell.toString(), "--to", "onnx",
                "--set", "base=b", "x");
        refused(file + ": there is a file where this folder should be", "export", cell.toString(), "--to", "onnx",
                file.resolve("made/x").toString());
        refused("ppo.onnx: it exists already", "export", cell.toString(), "--to", "onnx", file.toString());
        refused("judges 'copy-always' as it is; nothing was trained there",
                "export", cell(run, "copy-always").toString(), "--to", "onnx", folder.resolve("x").toString());
        refused("holds no manifest.json, so it is no finished cell; cells in it are:", "export", run.toString(),
                "--to", "onnx", "x");
        Files.write(cell.resolve("policy/policy.safetensors"), new byte[3]);
        refused("policy.safetensors has 3 bytes and is not the file of", "export", cell.toString(), "--to", "onnx", "x");
    }

    private static void assertSameMetrics(JsonNode trained, JsonNode thawed) {
        assertTrue(trained.get("metrics").size() > 100);
        trained.get("metrics").fields().forEachRemaining(metric -> {
            JsonNode found = thawed.get("metrics").get(metric.getKey());
            assertEquals(metric.getValue().isNull(), found.isNull(), metric.getKey());
            assertEquals(metric.getValue().asDouble(), found.asDouble(), 1e-5, metric.getKey());
        });
        assertEquals(0, thawed.at("/counts/responses").asInt());
    }

    private static JsonNode row(Path run, String label) throws IOException {
        for (JsonNode cell : Runs.results(run).get("cells")) {
            if (cell.get("algorithm").asText().equals(label)) {
                return cell;
            }
        }
        throw new AssertionError(label);
    }

    private static Path cell(Path run, String label) throws IOException {
        try (Stream<Path> walk = Files.walk(run.resolve("cells").resolve(label), 3)) {
            return walk.filter(path -> path.endsWith("manifest.json")).findFirst().orElseThrow().getParent();
        }
    }
}
