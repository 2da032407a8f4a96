package io.parley.benchmarks.cli;

import static io.parley.benchmarks.cli.Cli.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was trained on a pretrained model can be used when the model's folder is moved, and with no other model. */
class MovedModelTest {
    private static final Path MODEL = Path.of("../checkpoints/src/test/models/lm-smoke");
    private static final String EVALUATION = "{episodes: 2, partners: [silent], dialogues: 1}";

    @TempDir
    private Path folder;

    @Test
    void aRunGoesOnWhereItsModelLiesNow() throws IOException {
        Path model = copy("model");
        Path run = folder.resolve("run");
        Path experiment = Cli.write(folder, """
                name: moved
                seeds: [1]
                workers: 1
                tasks: [{id: wason, press: full, rounds: 2, participants: 2}]
                policy: {id: causal-lm, path: %s, rank: 2, maxResponse: 40}
                start: {id: bc, demonstrations: 8, epochs: 1}
                budget: {responses: 4}
                algorithms: [{id: ppo, rolloutEpisodes: 2}]
                evaluation: %s
                """.formatted(model, EVALUATION));
        done("run", experiment.toString(), "--out", run.toString());
        Path cell = cell(run, "ppo");
        String played = play(cell);
        Map<String, String> finished = Runs.finished(run);
        Map<String, String> content = Runs.content(run);

        Path now = Files.move(model, folder.resolve("elsewhere"));
        String gone = "path: there is no folder " + model + "; base names the folder where the model of this cell lies now";
        refused(cell + ": its policy cannot be made again: " + gone, "play", cell.toString());
        refused("frozen[0].base: " + cell + ": its policy cannot be made again: " + gone, "audit", cell.toString());
        refused("policy.path: there is no folder " + model
                + "; what the run began with may lie elsewhere now: name the place with "
                + "--set policy.path=DIR", "run", "--resume", "--out", run.toString());
        done("report", run.toString());

        assertEquals(played, play(cell, "--base", now.toString()));
        Path audit = folder.resolve("audit");
        done("audit", cell.toString(), "--base", now.toString(), "--out", audit.toString(), "--set", "seeds=[1]",
                "--set", "workers=1", "--set", "evaluation=" + EVALUATION);
        assertEquals(metrics(cell), metrics(cell(audit, "ppo-1")));

        Path bystander = run.resolve("cells/start");
        for (Path lost : Runs.manifests(run)) {
            if (!lost.startsWith(bystander)) {
                Files.delete(lost);
            }
        }
        done("run", "--resume", "--out", run.toString(), "--set", "policy.path=" + now);
        // What a policy says of itself has the place.
        Map<String, String> again = Runs.content(run);
        content.keySet().removeIf(file -> file.endsWith("policy.json"));
        again.keySet().removeIf(file -> file.endsWith("policy.json"));
        Runs.assertSame(content, again);
        Runs.finished(run).forEach((manifest, found) -> {
            if (manifest.startsWith("cells/start")) {
                assertEquals(finished.get(manifest), found, manifest + " was computed twice");
            }
        });
        // From here on the run knows the place.
        done("run", "--resume", "--out", run.toString());
        assertEquals(played, play(cell(run, "ppo")));

        Path other = copy("other");
        Files.writeString(other.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}");
        String another = "it is another model now";
        refused(another + "; base names the folder where", "play", cell.toString(), "--base", other.toString());
        refused(another + "; base names the folder where", "audit", cell.toString(), "--base", other.toString());
        for (String[] named : new String[][] {{"run"}, {"run", experiment.toString()}}) {
            Stream<String> more = Stream.of("--resume", "--out", run.toString(), "--set", "policy.path=" + other);
            Cli.run(Stream.concat(Stream.of(named), more).toArray(String[]::new)).assertRefused(
                    "--resume " + run + ": holds another experiment: policy.sha256 is ",
                    "; what the run began with may lie elsewhere now: name the place with --set policy.path=DIR");
        }
        refused("base is for a pretrained model; the policy is 'copy-always'",
                "play", cell(run, "copy-always").toString(), "--base", now.toString());
        refused("--base " + now + ": is for the policy of a cell", "play", "--policy", "copy-always", "--base", now.toString());
    }

    private Path copy(String name) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(name));
        try (Stream<Path> files = Files.list(MODEL)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static Path cell(Path run, String row) throws IOException {
        return Runs.manifests(run).stream().map(Path::getParent)
                .filter(path -> path.startsWith(run.resolve("cells").resolve(row))).findFirst().orElseThrow();
    }

    private static Object metrics(Path cell) throws IOException {
        return new ObjectMapper().readTree(cell.resolve("metrics.json").toFile()).get("metrics");
    }

    private static void done(String... args) {
        Cli.Result result = Cli.run(args);
        assertEquals(0, result.code(), result.err());
    }

    private static String play(Path cell, String... more) {
        Stream<String> command = Stream.of("play", cell.toString(), "--episodes", "1");
        Cli.Result result = PlayTest.play("tllt\n".repeat(2), Stream.concat(command, Stream.of(more)).toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
        return result.out();
    }
}
