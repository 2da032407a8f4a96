package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.cells.Provenance;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.Plan;
import io.parley.benchmarks.experiment.Planner;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.core.plugin.PluginContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {
    @TempDir
    private Path folder;

    @Test
    void oneWorkerAndTwoGiveTheSameRun() throws IOException {
        Path experiment = Cli.write(folder, Cli.WALK);
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        Cli.Result first = Cli.run("run", experiment.toString(), "--out", one.toString(), "--set", "workers=1");
        Cli.Result second = Cli.run("run", experiment.toString(), "--out", two.toString(), "--set", "workers=2");
        assertEquals(0, first.code(), first.err());
        assertEquals(0, second.code(), second.err());

        Map<String, String> content = Runs.content(one);
        // 2 seeds × (3 references + start trained + start judged + 2 algorithms).
        assertEquals(14, Runs.manifests(one).size());
        Runs.assertSame(content, Runs.content(two));
        assertTrue(second.out().contains("record-optimal"), second.out());

        JsonNode near = row(Runs.results(one), "near", 1);
        JsonNode far = row(Runs.results(one), "far", 1);
        assertEquals(200, near.at("/counts/responses").asLong());
        assertEquals(800, near.at("/tokens").asLong());
        assertNotEquals(near.get("metrics"), far.get("metrics"));
        assertTrue(row(Runs.results(one), "near", 2).at("/metrics/regret").isNumber());

        // Nothing is left to do: nothing is computed, and the results are made again.
        Map<String, String> finished = Runs.finished(one);
        Files.delete(one.resolve("results.json"));
        assertEquals(0, Cli.run("run", "--resume", "--out", one.toString()).code());
        assertEquals(finished, Runs.finished(one));
        assertTrue(Files.exists(one.resolve("results.json")));
        assertTrue(Files.size(one.resolve("report.html")) > 10_000);
        JsonNode cells = Runs.results(one).get("cells");
        assertEquals(0, Cli.run("report", one.toString()).code());
        assertEquals(cells, Runs.results(one).get("cells"));
    }

    @Test
    void aNewRunGetsAFreeFolderAndTheLastOneGoesOn() throws IOException {
        Path runs = folder.resolve("runs");
        assertEquals(runs.resolve("walk"), ExperimentRun.folder(runs, "walk", false));
        assertEquals(runs.resolve("walk"), ExperimentRun.folder(runs, "walk", true));
        for (String run : List.of("walk", "walk-2", "walk-9", "walk-10", "walk-again", "other-11")) {
            Files.createFile(Files.createDirectories(runs.resolve(run)).resolve("plan.json"));
        }
        Files.createDirectories(runs.resolve("walk-12")); // holds no run
        assertEquals(runs.resolve("walk-3"), ExperimentRun.folder(runs, "walk", false));
        assertEquals(runs.resolve("walk-10"), ExperimentRun.folder(runs, "walk", true));
    }

    /** The reference's own regret is 0 by construction; the share of what it earns is 1. */
    @Test
    void theReferenceHasNoRegret() throws IOException {
        Path run = folder.resolve("run");
        Cli.Result result = Cli.run("run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString(),
                "--set", "algorithms=[]", "--set", "seeds=[1]", "--set", "evaluation.episodes=400");
        assertEquals(0, result.code(), result.err());
        JsonNode best = row(Runs.results(run), "record-optimal", 1).get("metrics");
        assertEquals(0, best.get("regret@training").asDouble());
        assertEquals(1, best.get("ownShare@misleading").asDouble());
        // What it earns with the training partner is its closed form, within sampling error: 400 episodes of sd < 0.7.
        assertEquals(best.get("optimum").asDouble(), best.get("reward@training").asDouble(), 4 * 0.7 / Math.sqrt(400));
        // Silence suggests nothing: no case, so null, never 0.
        assertTrue(best.get("uptake@silent").isNull());
        assertEquals(0, best.get("causalEffect@silent").asDouble());
        JsonNode copy = row(Runs.results(run), "copy-always", 1).get("metrics");
        assertEquals(1, copy.get("mimicry").asDouble());
        assertEquals(1, copy.get("uptake").asDouble());
    }

    @Test
    void smokeRunsEveryAlgorithm() throws IOException {
        Path run = folder.resolve("smoke");
        Cli.Result result = Cli.run("run", "--preset", "smoke", "--out", run.toString(), "--set", "seeds=[1]",
                "--set", "workers=1");
        assertEquals(0, result.code(), result.err());
        JsonNode results = Runs.results(run);
        for (String algorithm : new String[] {"bc", "ppo", "ppo-cg", "dpo", "ipo", "icr"}) {
            JsonNode metrics = row(results, algorithm, 1).get("metrics");
            assertTrue(metrics.get("counterfactualSensitivity").asDouble() > 0, algorithm);
            assertTrue(metrics.get("counterfactualEntropy.withheld").asDouble() > 0, algorithm);
            assertFalse(algorithm.equals("bc") == row(results, algorithm, 1).at("/counts/responses").asLong() > 0, algorithm);
        }

        // A single partner's strata by truth are in the cell's own file alone.
        JsonNode kept = row(results, "ppo", 1);
        for (JsonNode names : new JsonNode[] {kept.get("metrics"), kept.get("counts")}) {
            assertTrue(names.has("accuracy.visible@turncoat") && names.has("mimicry@training")
                    && names.has("accuracy.visible.false"));
            assertTrue(names.has("propositionUptake.visible.true") && names.has("regret@helpful"));
            names.fieldNames().forEachRemaining(name -> assertFalse(name.matches(".*\\.(true|false)@.*|proposition.*@.*"), name));
        }
        Path cell = Runs.manifests(run).stream().filter(manifest -> manifest.toString().contains("/ppo/")).findFirst()
                .orElseThrow();
        JsonNode all = new ObjectMapper().readTree(cell.resolveSibling("metrics.json").toFile()).get("metrics");
        kept.get("metrics").fields().forEachRemaining(metric -> assertEquals(metric.getValue(), all.get(metric.getKey())));
        assertTrue(all.has("accuracy.visible.false@turncoat") && all.has("propositionUptake@helpful"));

        Path again = folder.resolve("again");
        assertEquals(0, Cli.run("run", "--preset", "smoke", "--out", again.toString(), "--set", "seeds=[1]",
                "--set", "workers=2").code());
        Runs.assertSame(Runs.content(run), Runs.content(again));
    }

    /** A pretrained model is one more policy: the same algorithms, counterfactuals and report. */
    @Test
    void aLanguageModelGoesThroughEveryAlgorithm() throws IOException {
        // Of a random model's own answers none is better than another, so that dpo would learn from no pairs.
        Path pairs = Files.writeString(folder.resolve("pairs.jsonl"), """
                {"prompt": "which cards?", "chosen": "i think that we turn card one.", "rejected": "who knows?"}
                """.repeat(8));
        Path run = folder.resolve("lm-smoke");
        Cli.Result result = Cli.run("run", "--preset", "lm-smoke", "--out", run.toString(), "--set", "seeds=[1]",
                "--set", "workers=1",
                "--set", "policy.path=../checkpoints/src/test/models/lm-smoke", "--set", "evaluation.episodes=3",
                "--set", "budget.responses=32", "--set", "algorithms.dpo.preferences={id: jsonl, file: '" + pairs + "'}");
        assertEquals(0, result.code(), result.err());
        JsonNode results = Runs.results(run);
        for (String algorithm : new String[] {"bc", "ppo", "dpo", "icr", "icr-smoothed"}) {
            JsonNode cell = row(results, algorithm, 1);
            // Two partners, three dialogues of two rounds each; a random model says no sentence of the task's.
            assertEquals(12, cell.at("/counts/parsed").asInt(), algorithm);
            assertEquals("0.0", cell.at("/metrics/parsed").asText(), algorithm);
            // Of 40 tokens out of 512 at most.
            double entropy = cell.at("/metrics/counterfactualEntropy.withheld").asDouble();
            assertTrue(entropy > 100 && entropy <= 40 * Math.log(512), algorithm + " " + entropy);
            assertTrue(cell.at("/metrics/counterfactualSensitivity").asDouble() > 0, algorithm);
        }
        Map<String, String> trained = new TreeMap<>(Runs.content(run));
        trained.keySet().removeIf(file -> !file.endsWith("policy.safetensors"));
        assertEquals(5, trained.size(), "the start and four algorithms");
        assertEquals(5, Set.copyOf(trained.values()).size(), "each learns something else: " + trained);
        String report = Files.readString(run.resolve("report.html"));
        assertTrue(report.contains("causal-lm") && report.contains("Machine: bfloat16"));
        assertEquals(Provenance.bfloat16(), results.at("/provenance/machine/bfloat16").asText());
    }

    @Test
    void bfloat16IsSaidToBeSlowWhereTheProcessorHasNone() {
        Planner planner = new Planner(new PluginBinder(PluginContext.standalone(0)));
        ExperimentSource source = ExperimentSource.preset("lm-smoke")
                .with(List.of("policy.path=../checkpoints/src/test/models/lm-smoke"));
        Plan rounded = planner.plan(source.with(List.of("policy.precision=bfloat16")));
        assertTrue(ExperimentRun.slow(rounded, "no").orElseThrow().startsWith("precision: bfloat16 will be slow"));
        assertEquals(Optional.empty(), ExperimentRun.slow(rounded, "avx512_bf16"));
        assertEquals(Optional.empty(), ExperimentRun.slow(rounded, "unknown"));
        assertEquals(Optional.empty(), ExperimentRun.slow(planner.plan(source), "no"));
    }

    private static JsonNode row(JsonNode results, String algorithm, long seed) {
        for (JsonNode cell : results.get("cells")) {
            if (cell.get("algorithm").asText().equals(algorithm) && cell.get("seed").asLong() == seed) {
                return cell;
            }
        }
        throw new AssertionError("no row " + algorithm + " of seed " + seed + " in " + results);
    }
}
