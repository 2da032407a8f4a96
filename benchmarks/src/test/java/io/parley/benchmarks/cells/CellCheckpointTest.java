package io.parley.benchmarks.cells;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.Plan;
import io.parley.benchmarks.experiment.Planner;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cuts cells off within their training, and compares what they end with. */
class CellCheckpointTest {
    private static final String EXPERIMENT = """
            name: cut
            seeds: [1]
            tasks: [{id: wason, regime: record, rounds: 2}]
            policy: {id: mlp, hidden: [16]}
            start: {id: bc, demonstrations: 400, epochs: 2, batchSize: 50}
            budget: {responses: 600}
            algorithms:
              - {label: ppo, id: ppo, rolloutEpisodes: 50, weightDecay: 0.01}
              - {label: icr, id: icr, counterfactual: prefix, ppo: {rolloutEpisodes: 50, klTarget: 0.01, entropyCoefficient: \
            0.01}}
              - {label: dpo, id: dpo, epochs: 2, batchSize: 32}
            evaluation: {episodes: 20, partners: [helpful], dialogues: 2}
            """;

    private static final Path MODEL = Path.of("../checkpoints/src/test/models/lm-smoke");

    private final Plugins plugins = new Plugins(getClass().getClassLoader());
    private final List<String> notes = new ArrayList<>();

    @TempDir
    private Path folder;

    private Plan plan(String... settings) throws IOException {
        return new Planner(new PluginBinder(PluginContext.of(new RandomStreams(0), plugins))).plan(
                ExperimentSource.file(Files.writeString(folder.resolve("experiment.yaml"), EXPERIMENT)).with(List.of(settings)));
    }

    private Manifest run(Plan.Cell cell, String place, Duration every, BooleanSupplier cancelled) throws IOException {
        Map<String, Path> inputs = new HashMap<>();
        if (cell.start() != null) {
            inputs.put(CellRunner.START, folder.resolve("whole").resolve(cell.start()));
        }
        return new CellRunner(plugins, every, notes::add).run(new ObjectMapper().valueToTree(cell.specification()), inputs,
                folder.resolve(place).resolve(cell.folder()), share -> { }, cancelled);
    }

    private Manifest whole(Plan.Cell cell) throws IOException {
        return run(cell, "whole", Duration.ofDays(1), () -> false);
    }

    /** Cancels a run when it asks for the nth time. */
    private static BooleanSupplier at(int[] asked, int n) {
        return () -> ++asked[0] >= n;
    }

    /** Everything but the time that it took. */
    private Map<String, Object> content(Plan.Cell cell, Manifest manifest, String place) throws IOException {
        Map<String, Object> content = new TreeMap<>(manifest.files());
        if (content.remove("metrics.json") != null) {
            ObjectNode metrics = (ObjectNode) new ObjectMapper().readTree(
                    folder.resolve(place).resolve(cell.folder()).resolve("metrics.json").toFile());
            metrics.remove(List.of("wallSeconds", "cpuSeconds"));
            content.put("metrics", metrics);
        }
        return content;
    }

    private List<String> hidden(Plan.Cell cell, String place) throws IOException {
        try (Stream<Path> entries = Files.list(folder.resolve(place).resolve(cell.folder()).getParent())) {
            return entries.map(path -> path.getFileName().toString()).filter(name -> name.startsWith(".")).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"policy={id: mlp, hidden: [16]}", "policy={id: transformer, hidden: 16, layers: 1, heads: 2}"})
    void aCellThatWasCutOffAnywhereEndsAsIfItHadNotBeen(String policy) throws IOException {
        for (Plan.Cell cell : plan(policy).cells()) {
            Manifest whole = whole(cell);
            if (cell.specification().algorithm() == null) {
                continue;
            }
            Map<String, Object> expected = content(cell, whole, "whole");
            int[] asked = new int[1];
            run(cell, "asking", Duration.ofDays(1), () -> ++asked[0] < 0);
            // In the first updates, in the middle, at the last update, in the evaluation.
            for (int n : new int[] {3, asked[0] / 3, asked[0] * 2 / 3, asked[0] - 1}) {
                String place = "cut-" + n;
                assertThrows(CancellationException.class, () -> run(cell, place, Duration.ZERO, at(new int[1], n)));
                boolean kept = !hidden(cell, place).isEmpty();
                notes.clear();
                Manifest rest = run(cell, place, Duration.ZERO, () -> false);
                assertEquals(expected, content(cell, rest, place), cell.title() + ", cut off at " + n + " of " + asked[0]);
                assertEquals(kept, rest.provenance().get("continued").asBoolean(), notes.toString());
                assertEquals(List.of(), hidden(cell, place));
            }
            assertTrue(notes.get(0).startsWith("goes on from .1.checkpoint-"), notes.toString());
        }
    }

    /** Another seed's start, another start's folder, none: training from any of them would be silent nonsense. */
    @Test
    void aCellBeginsWithItsOwnStartAlone() throws IOException {
        List<Plan.Cell> cells = plan("seeds=[1, 2]", "algorithms=[{id: ppo, rolloutEpisodes: 50}]").cells();
        List<Plan.Cell> starts = cells.stream().filter(cell -> cell.title().startsWith("start")).toList();
        for (Plan.Cell start : starts) {
            whole(start);
        }
        Plan.Cell ppo = cells.stream().filter(cell -> cell.title().startsWith("ppo")).findFirst().orElseThrow();
        Path other = folder.resolve("whole").resolve(
                starts.stream().filter(start -> !start.folder().equals(ppo.start())).findFirst().orElseThrow().folder());
        CellRunner runner = new CellRunner(plugins, Duration.ofDays(1), notes::add);
        ObjectNode specification = new ObjectMapper().valueToTree(ppo.specification());
        Path target = folder.resolve("target").resolve(ppo.folder());

        String wrong = assertThrows(IOException.class, () -> runner.run(specification, Map.of(CellRunner.START, other), target,
                share -> { }, () -> false)).getMessage();
        assertTrue(wrong.matches(".* holds cell \\w+ of seed 2; expected cell \\w+ of seed 1"), wrong);
        String missing = assertThrows(IOException.class, () -> runner.run(specification,
                Map.of(CellRunner.START, folder.resolve("none")), target, share -> { }, () -> false)).getMessage();
        assertTrue(missing.contains("none is missing; it should hold cell "), missing);
        ConfigurationException none = assertThrows(ConfigurationException.class,
                () -> runner.run(specification, Map.of(), target, share -> { }, () -> false));
        assertEquals("start", none.path());
        try (Stream<Path> left = Files.list(target.getParent())) {
            assertEquals(List.of(), left.toList());
        }
    }

    /** @param more keys of the policy */
    private List<Plan.Cell> pretrained(Path model, String more) throws IOException {
        return plan("tasks=[{id: wason, press: full, rounds: 1}]",
                "policy={id: causal-lm, path: " + model + ", rank: 2, dropout: 0.1, maxResponse: 32" + more + "}",
                "start={id: bc, demonstrations: 60, epochs: 1, batchSize: 20}", "budget.responses=32",
                "algorithms=[{id: icr, counterfactual: prefix, ppo: {rolloutEpisodes: 16, klTarget: 0.01}}]",
                "evaluation={episodes: 2, partners: [helpful]}").cells();
    }

    /** Runs a cell until it has kept its first checkpoint. */
    private void cutOffAtItsFirstCheckpoint(Plan.Cell cell) {
        assertThrows(CancellationException.class, () -> run(cell, "cut", Duration.ZERO, () -> {
            try {
                return hidden(cell, "cut").stream().anyMatch(name -> name.startsWith(".1.checkpoint"));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }));
    }

    /** What is computed once of frozen layers is computed again, in other batches. */
    @Test
    void aPretrainedModelWithFrozenLayersGoesOnUpToRounding() throws IOException {
        for (Plan.Cell cell : pretrained(MODEL, ", layers: 1")) {
            whole(cell);
            if (cell.specification().algorithm() != null) {
                cutOffAtItsFirstCheckpoint(cell);
                assertTrue(run(cell, "cut", Duration.ZERO, () -> false).provenance().get("continued").asBoolean());
                try (CellPolicy whole = CellPolicy.open(folder.resolve("whole").resolve(cell.folder()), null, plugins);
                        CellPolicy cut = CellPolicy.open(folder.resolve("cut").resolve(cell.folder()), null, plugins)) {
                    InterventionAgent partner = plugins.find(InterventionAgentProvider.class, "mixed")
                            .configured(PluginSpec.of("mixed"), PluginContext.of(new RandomStreams(0), plugins));
                    List<Demonstration> shown = whole.task().demonstrations(
                            new DemonstrationRequest(20, 0.3, partner, List.of(), new RandomStreams(3)));
                    List<Prompt> prompts = shown.stream().map(Demonstration::prompt).toList();
                    List<Response> responses = shown.stream().map(Demonstration::response).toList();
                    float[][] expected = whole.policy().score(prompts, responses, ScoreRequest.logProbs()).logProbs();
                    float[][] found = cut.policy().score(prompts, responses, ScoreRequest.logProbs()).logProbs();
                    for (int i = 0; i < expected.length; i++) {
                        assertArrayEquals(expected[i], found[i], 1e-4f, cell.title() + ", row " + i);
                    }
                }
            }
        }
    }

    /** Adapters alone are trained and kept; the model may lie elsewhere in the meantime. */
    @Test
    void aPretrainedModelGoesOnToo() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        try (Stream<Path> files = Files.list(MODEL)) {
            for (Path file : files.toList()) {
                Files.copy(file, elsewhere.resolve(file.getFileName()));
            }
        }
        List<Plan.Cell> moved = pretrained(elsewhere, "");
        for (Plan.Cell cell : pretrained(MODEL, "")) {
            Manifest whole = whole(cell);
            if (cell.specification().algorithm() != null) {
                cutOffAtItsFirstCheckpoint(cell);
                Plan.Cell now = moved.stream().filter(other -> other.folder().equals(cell.folder())).findFirst().orElseThrow();
                Manifest rest = run(now, "cut", Duration.ZERO, () -> false);
                assertTrue(rest.provenance().get("continued").asBoolean());
                Map<String, Object> expected = content(cell, whole, "whole");
                Map<String, Object> found = content(cell, rest, "cut");
                // Says where the model lay.
                expected.remove("policy/policy.json");
                found.remove("policy/policy.json");
                assertEquals(expected, found, cell.title());
            }
        }
    }

    private Plan.Cell cutOff(String... settings) throws IOException {
        List<Plan.Cell> cells = plan(settings).cells();
        whole(cells.get(0));
        Plan.Cell cell = cells.stream().filter(c -> c.folder().startsWith("cells/ppo")).findFirst().orElseThrow();
        assertThrows(CancellationException.class, () -> run(cell, "cut", Duration.ZERO, at(new int[1], 40)));
        assertEquals(1, hidden(cell, "cut").size());
        notes.clear();
        return cell;
    }

    private void beginsAnew(Plan.Cell cell, String note) throws IOException {
        Manifest rest = run(cell, "cut", Duration.ZERO, () -> false);
        assertTrue(notes.get(0).contains(note), notes.toString());
        assertEquals(content(cell, whole(cell), "whole"), content(cell, rest, "cut"));
        assertTrue(!rest.provenance().get("continued").asBoolean());
    }

    @Test
    void aDamagedCheckpointIsLeftOut() throws IOException {
        Plan.Cell cell = cutOff();
        Path checkpoint = folder.resolve("cut").resolve(cell.folder()).resolveSibling(hidden(cell, "cut").get(0));
        Path parameters = checkpoint.resolve("policy/policy.safetensors");
        Files.write(parameters, new byte[(int) Files.size(parameters) / 2]);
        beginsAnew(cell, "is not the file of");
    }

    @Test
    void aCheckpointOfOtherCodeIsLeftOut() throws IOException {
        Plan.Cell cell = cutOff();
        Path manifest = folder.resolve("cut").resolve(cell.folder()).resolveSibling(hidden(cell, "cut").get(0))
                .resolve("manifest.json");
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replaceFirst("\\+[0-9a-f]{12}\"", "+0123456789ab\""));
        beginsAnew(cell, "other code made it");
    }

    @Test
    void aCheckpointOfAnotherConfigurationIsLeftOut() throws IOException {
        Plan.Cell cell = cutOff();
        Path manifest = folder.resolve("cut").resolve(cell.folder()).resolveSibling(hidden(cell, "cut").get(0))
                .resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"responses\" : 600", "\"responses\" : 601"));
        beginsAnew(cell, "another configuration");
    }

    @Test
    void shortCellsKeepNothing() throws IOException {
        Plan plan = plan();
        List<String> seen = new ArrayList<>();
        whole(plan.cells().get(0));
        Plan.Cell cell = plan.cells().stream().filter(c -> c.folder().startsWith("cells/ppo")).findFirst().orElseThrow();
        run(cell, "short", Duration.ofMinutes(10), () -> {
            try {
                hidden(cell, "short").stream().filter(name -> name.contains("checkpoint")).forEach(seen::add);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return false;
        });
        assertEquals(List.of(), seen);
        assertEquals(List.of(), notes);
    }
}
