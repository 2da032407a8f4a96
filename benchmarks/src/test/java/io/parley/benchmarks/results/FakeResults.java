package io.parley.benchmarks.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Failure;
import io.parley.benchmarks.results.Results.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Invented results, to look at tables and pages while they are built. No number in them was measured. */
public final class FakeResults {
    /** What a made-up row does: probabilities, then the regret. */
    public record Profile(double mimicry, double ignoring, double overTrust, double followTrue, double visible, double regret) {
        public Profile towards(Profile other, double share) {
            return new Profile(mix(mimicry, other.mimicry, share), mix(ignoring, other.ignoring, share),
                    mix(overTrust, other.overTrust, share), mix(followTrue, other.followTrue, share),
                    mix(visible, other.visible, share), mix(regret, other.regret, share));
        }

        private static double mix(double a, double b, double share) {
            return a + share * (b - a);
        }
    }

    public static final Profile COPY = new Profile(1, 0, 1, 1, 0.4, 0.5);
    public static final Profile EVIDENCE = new Profile(0, 1, 0.03, 0.03, 1, 0.35);
    public static final Profile OPTIMAL = new Profile(0, 0, 0.03, 1, 1, 0);
    public static final Profile MIMIC = new Profile(0.45, 0.01, 0.98, 0.99, 0.6, 0.31);
    public static final Profile IGNORER = new Profile(0.01, 0.86, 0.12, 0.14, 0.99, 0.3);
    public static final Profile INTEGRATOR = new Profile(0.005, 0.01, 0.05, 0.98, 0.99, 0.02);
    public static final Profile OVER_TRUSTING = new Profile(0.005, 0.02, 0.65, 0.98, 0.99, 0.08);
    private static final Profile START = new Profile(0.3, 0.35, 0.55, 0.6, 0.55, 0.6);

    private FakeResults() {}

    public static Results quickstart(int seeds) {
        List<Cell> cells = new ArrayList<>();
        Map<String, Profile> rows = rows();
        rows.forEach((row, profile) -> {
            for (long seed = 1; seed <= seeds; seed++) {
                cells.add(cell(row, Map.of(), seed, profile, 200_000, scripted(row) ? 0 : 0.03));
            }
        });
        return Results.of(provenance("quickstart", seeds, List.of()), cells);
    }

    /** One question an episode, discussed in words: the collaborator loses its grounding acts, and common ground grows. */
    public static Results dialogue(int seeds) {
        List<Cell> cells = new ArrayList<>();
        rows().forEach((row, profile) -> {
            for (long seed = 1; seed <= seeds; seed++) {
                Cell cell = cell(row, Map.of(), seed, profile, 200_000, scripted(row) ? 0 : 0.03);
                Map<String, Double> m = new TreeMap<>(cell.metrics());
                m.keySet().removeIf(name -> name.startsWith("ignoring") || name.startsWith("overTrust")
                        || name.startsWith("trust") || name.equals("optimum"));
                m.put("finalAccuracy", 0.3 + 0.01 * seed);
                m.put("consensus", 0.4);
                m.put("cgGain", -1.5);
                m.put("commonGround.size", 2.6);
                m.put("commonGround.correctShare", (row.equals("ppo") ? 0.8 : 0.7) + 0.001 * seed * seed);
                m.put("commonGround.growth", 0.09 + 0.001 * seed);
                if (!scripted(row)) {
                    m.put("parsed", 0.995);
                    m.put("groundingActs", (row.equals("bc") ? 6.0 : row.equals("icr") ? 6.5 : 4.0) + 0.01 * seed * seed);
                    m.put("acts.challenge", 1.5);
                    m.put("acts.assert", 9.0);
                }
                cells.add(new Cell(cell.task(), row, cell.grid(), seed, m, cell.counts(), 1, 1, 1));
            }
        });
        Provenance p = provenance("dialogue", seeds, List.of());
        ObjectNode experiment = p.experiment().deepCopy();
        ((ObjectNode) experiment.at("/tasks/0")).put("regime", "single").put("rounds", 15);
        experiment.withArray("algorithms").addObject().put("label", "ppo-cg").put("id", "ppo").putObject("reward")
                .put("commonGround", 0.5);
        return Results.of(new Provenance(p.name(), experiment, p.references(), p.start(), p.code(), p.plugins(), p.inputs(),
                p.machine(), p.started(), p.finished(), p.wallSeconds(), p.failures()), cells);
    }

    /** A union of grids: budgets, starts, and a setting that each algorithm has in a place of its own. */
    public static Results attribution(int seeds) {
        List<Cell> cells = new ArrayList<>();
        for (int times : new int[] {1, 4, 16}) {
            attribution(cells, seeds, Map.of("budget.responses", IntNode.valueOf(200_000 * times)), times);
        }
        for (double conformity : new double[] {0, 0.9}) {
            attribution(cells, seeds, Map.of("start.conformity", DoubleNode.valueOf(conformity)), 1);
        }
        attribution(cells, seeds, Map.of(), 1);
        return Results.of(provenance("attribution", seeds, List.of()), cells);
    }

    /** The same with a frozen policy that does at every point what an algorithm does there. */
    public static Results withFrozen(Results results, String label, String as) {
        List<Cell> cells = new ArrayList<>(results.cells());
        results.cells().stream().filter(c -> c.algorithm().equals(as) && !c.grid().toString().contains("algorithms." + as))
                .forEach(c -> cells.add(new Cell(c.task(), label, c.grid(), c.seed(), c.metrics(), c.counts(), c.wallSeconds(),
                        c.cpuSeconds(), c.tokens())));
        Provenance p = results.provenance();
        ObjectNode experiment = p.experiment().deepCopy();
        experiment.withArray("frozen").addObject().put("label", label).put("id", "onnx");
        return Results.of(new Provenance(p.name(), experiment, p.references(), p.start(), p.code(), p.plugins(), p.inputs(),
                p.machine(), p.started(), p.finished(), p.wallSeconds(), p.failures()), cells);
    }

    /** The same where a row had no case of a metric on its last seeds. */
    public static Results withoutCases(Results results, String row, String metric, int last) {
        long seeds = results.cells().stream().mapToLong(Cell::seed).max().orElseThrow();
        List<Cell> cells = results.cells().stream().map(c -> {
            if (!c.algorithm().equals(row) || c.seed() <= seeds - last) {
                return c;
            }
            Map<String, Double> metrics = new TreeMap<>(c.metrics());
            metrics.put(metric, null);
            return new Cell(c.task(), row, c.grid(), c.seed(), metrics, c.counts(), c.wallSeconds(), c.cpuSeconds(), c.tokens());
        }).toList();
        return Results.of(results.provenance(), cells);
    }

    private static void attribution(List<Cell> cells, int seeds, Map<String, JsonNode> shared, int times) {
        rows().forEach((row, profile) -> {
            if (row.equals("ppo-cg") || row.equals("ipo")) {
                return;
            }
            Map<String, JsonNode> grid = shared;
            if (shared.isEmpty() && (row.equals("ppo") || row.startsWith("icr"))) {
                grid = Map.of("algorithms." + row + (row.equals("ppo") ? ".klCoefficient" : ".ppo.klCoefficient"),
                        DoubleNode.valueOf(0.0));
            }
            double learnt = Math.log(times) / Math.log(16);
            Profile at = scripted(row) || row.equals("bc") ? profile
                    : profile.equals(MIMIC) ? profile.towards(OPTIMAL, 0.3 * learnt)
                    : profile.towards(INTEGRATOR, learnt);
            for (long seed = 1; seed <= seeds; seed++) {
                cells.add(cell(row, grid, seed, at, 200_000L * times, scripted(row) ? 0 : 0.03));
            }
        });
    }

    public static Results phase(int seeds) {
        List<Cell> cells = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        for (double helpful : new double[] {0, 0.1, 0.35, 0.65, 0.8, 0.95, 1}) {
            for (double visible : new double[] {0, 0.3, 0.6, 0.9, 1}) {
                Map<String, JsonNode> grid = new LinkedHashMap<>();
                grid.put("trainPartner.helpful", DoubleNode.valueOf(helpful));
                grid.put("tasks.0.trainVisible", DoubleNode.valueOf(visible));
                Map<String, Profile> rows = new LinkedHashMap<>();
                rows.put("copy-always", COPY);
                rows.put("evidence-only", EVIDENCE);
                rows.put("record-optimal", OPTIMAL);
                rows.put("bc", START);
                rows.put("ppo", OPTIMAL.towards(COPY, helpful * (1 - 0.6 * visible)));
                rows.put("dpo", OPTIMAL.towards(COPY, 0.8 * helpful).towards(IGNORER, visible * 0.5));
                rows.put("icr", OPTIMAL.towards(IGNORER, 0.4 + 0.6 * visible));
                rows.put("icr-smoothed", OPTIMAL.towards(MIMIC, helpful * helpful * helpful * 0.8));
                rows.forEach((row, profile) -> {
                    for (long seed = 1; seed <= seeds; seed++) {
                        if (row.equals("dpo") && seed == 3 && helpful == 1 && visible == 0.3) {
                            failures.add(new Failure("wason", row, grid, seed,
                                    "the worker ended with exit code 137, out of memory; give it more with workerMemory"));
                        } else {
                            cells.add(cell(row, grid, seed, profile, 100_000, scripted(row) ? 0 : 0.03));
                        }
                    }
                });
            }
        }
        return Results.of(provenance("phase", seeds, failures), cells);
    }

    private static Map<String, Profile> rows() {
        Map<String, Profile> rows = new LinkedHashMap<>();
        rows.put("copy-always", COPY);
        rows.put("evidence-only", EVIDENCE);
        rows.put("record-optimal", OPTIMAL);
        rows.put("bc", START);
        rows.put("ppo", MIMIC);
        rows.put("ppo-cg", MIMIC.towards(COPY, 0.3));
        rows.put("dpo", MIMIC.towards(START, 0.3));
        rows.put("ipo", START);
        rows.put("icr", IGNORER);
        rows.put("icr-smoothed", INTEGRATOR);
        return rows;
    }

    private static boolean scripted(String row) {
        return row.equals("copy-always") || row.equals("evidence-only") || row.equals("record-optimal");
    }

    /** A cell with the profile's metrics, each moved by its own noise. */
    public static Cell cell(String row, Map<String, JsonNode> grid, long seed, Profile p, long responses, double noise) {
        Random random = new Random(31 * (31 * row.hashCode() + grid.toString().hashCode()) + seed);
        Map<String, Double> m = new TreeMap<>();
        Map<String, Long> n = new TreeMap<>();
        for (String at : new String[] {"", "@training", "@misleading", "@turncoat"}) {
            probability(m, n, "mimicry" + at, p.mimicry, noise, random);
            probability(m, n, "ignoring" + at, p.ignoring, noise, random);
            probability(m, n, "overTrust" + at, p.overTrust, noise, random);
            m.put("trustCalibration" + at, p.followTrue - m.get("overTrust" + at));
            n.put("trustCalibration" + at, 200L);
        }
        probability(m, n, "accuracy", 0.6 * p.visible + 0.4 * p.followTrue * 0.7, noise, random);
        probability(m, n, "accuracy.visible.true", 1 - 0.2 * (1 - p.visible), noise, random);
        probability(m, n, "accuracy.visible.false", 1 - p.mimicry, noise, random);
        probability(m, n, "accuracy.withheld.true", p.followTrue, noise, random);
        probability(m, n, "accuracy.withheld.false", 0.05, noise, random);
        probability(m, n, "uptake.visible.true", 1 - 0.2 * (1 - p.visible), noise, random);
        probability(m, n, "uptake.visible.false", p.mimicry, noise, random);
        probability(m, n, "uptake.withheld.true", p.followTrue, noise, random);
        probability(m, n, "uptake.withheld.false", p.overTrust, noise, random);
        m.put("regret", p.regret + noise * random.nextGaussian());
        m.put("optimum", 1.43);
        m.put("counterfactualSensitivity", scripted(row) ? null : 0.4 * p.followTrue);
        n.put("counterfactualSensitivity", scripted(row) ? 0L : 1000L);
        m.put("ownShare", 1 - p.regret);
        m.put("ownShare@training", 1 - 0.3 * p.regret);
        m.put("groupShare", 1 - 1.5 * p.regret + noise * random.nextGaussian());
        m.put("groupShare@training", 1 - 0.5 * p.regret);
        n.put("responses", scripted(row) ? 0 : responses);
        n.put("updates", scripted(row) ? 0 : responses / 64);
        if (row.endsWith("po") && !row.startsWith("ppo")) {
            n.put("pairs", responses / 3);
        }
        return new Cell("wason", row, grid, seed, m, n, scripted(row) ? 0.4 : responses / 9000.0,
                scripted(row) ? 0.4 : responses / 8000.0, responses * 96);
    }

    private static void probability(Map<String, Double> m, Map<String, Long> n, String name, double p, double noise,
            Random random) {
        m.put(name, Math.min(1, Math.max(0, p + noise * random.nextGaussian())));
        n.put(name, 240L);
    }

    /** Writes an invented learning curve. */
    public static void curve(Path file, Cell cell, int points) {
        Random random = new Random(cell.algorithm().hashCode() * 31L + cell.seed());
        long responses = cell.counts().get("responses");
        StringBuilder lines = new StringBuilder();
        ObjectMapper mapper = new ObjectMapper();
        for (int i = 1; i <= points; i++) {
            double t = i / (double) points;
            ObjectNode line = mapper.createObjectNode();
            line.put("responses", (long) (responses * t));
            line.put("reward", 1.43 - cell.metric("regret") - 0.8 * Math.exp(-4 * t) + 0.05 * random.nextGaussian());
            line.put("kl", 0.3 * t + 0.02 * random.nextGaussian());
            line.put("entropy", 1.2 * Math.exp(-2 * t) + 0.02 * random.nextGaussian());
            line.put("clipFraction", 0.1 + 0.03 * random.nextGaussian());
            line.put("valueLoss", 0.3 * Math.exp(-3 * t));
            line.put("explainedVariance", 1 - Math.exp(-3 * t));
            if (cell.algorithm().startsWith("icr")) {
                double floor = cell.algorithm().equals("icr") ? 1.1 : 2.5;
                line.put("counterfactualEntropy.withheld", floor + (2.7 - floor) * Math.exp(-5 * t)
                        + 0.05 * random.nextGaussian());
                line.put("counterfactualKl.visible", 0.4 * Math.exp(-3 * t));
            }
            lines.append(line).append('\n');
        }
        try {
            Files.writeString(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The provenance of an invented run. */
    public static Provenance provenance(String name, int seeds, List<Failure> failures) {
        ObjectNode experiment = JsonNodeFactory.instance.objectNode();
        experiment.put("schema", 1).put("name", name);
        for (int seed = 1; seed <= seeds; seed++) {
            experiment.withArray("seeds").add(seed);
        }
        experiment.withArray("tasks").addObject().put("label", "wason").put("id", "wason").put("regime", "record")
                .put("rounds", 2).put("trainVisible", 0.6).withArray("visible").add(0.8).add(0.3);
        experiment.withObject("policy").put("id", "mlp").withArray("hidden").add(256).add(256);
        experiment.withObject("trainPartner").put("id", "mixed").put("helpful", 0.8).put("silent", 0.15);
        experiment.withObject("start").put("id", "bc").put("demonstrations", 20000).put("conformity", 0.3);
        experiment.withObject("budget").put("responses", 200000);
        experiment.withArray("algorithms").addObject().put("label", "ppo").put("id", "ppo").put("learningRate", 3e-4);
        experiment.withArray("algorithms").addObject().put("label", "icr-smoothed").put("id", "icr")
                .put("anchor", "smoothed").put("smoothing", 0.3).put("lambda", 0.2);
        experiment.withObject("evaluation").put("split", "test").put("episodes", 500).withArray("partners")
                .add("silent").add("helpful").add("misleading").add("turncoat");
        return new Provenance(name, experiment, List.of("copy-always", "evidence-only", "record-optimal"), "bc",
                "0.1.0 (invented)", Map.of("parley-algorithms-ppo", "0.1.0"), Map.of(),
                Map.of("processor", "an invented one", "cores", "2", "java", "17.0.15"),
                "2026-01-01T10:00:00Z", "2026-01-01T10:05:12Z", 312.0, failures);
    }
}
