package io.parley.laboratory.mamdp;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginContext;
import io.parley.laboratory.mamdp.Study.Environment;
import io.parley.laboratory.mamdp.Study.Result;
import io.parley.laboratory.mamdp.Study.Trial;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

/**
 * The report of the modified-action environments, found by {@link java.util.ServiceLoader} under the name
 * {@code parley-laboratory}. Its arguments are seeds, {@code --json} to print the report as JSON, and {@code --out=DIR} for a
 * folder, which exists, where both forms are written: {@code laboratory.txt} and {@code laboratory.json}. Returns 0 if every
 * result is within the tolerance of what is claimed for it, else 1.
 */
public final class LaboratoryTool implements ToolProvider {
    private static final String OUT = "--out=";

    @Override
    public String name() {
        return "parley-laboratory";
    }

    /**
     * @throws NumberFormatException if an argument is no option and not a whole number
     * @throws UncheckedIOException if the folder cannot be written to
     */
    @Override
    public int run(PrintWriter out, PrintWriter err, String... arguments) {
        long[] seeds = Arrays.stream(arguments).filter(argument -> !argument.startsWith("--"))
                .mapToLong(Long::parseLong).toArray();
        List<Environment> environments = Study.environments();
        List<Trial> trials = new ArrayList<>(Study.tabular(environments));
        List<List<Result>> results = trials.parallelStream().map(trial -> run(trial, seeds))
                .collect(Collectors.toCollection(ArrayList::new));
        // The engine computes for one at a time.
        for (Trial trial : Study.alignment(environments, PluginContext.standalone(0).plugins())) {
            trials.add(trial);
            results.add(run(trial, seeds));
        }
        String json = json(environments, trials, results).toPrettyString() + System.lineSeparator();
        StringWriter table = new StringWriter();
        table(new PrintWriter(table), environments, trials, results);
        Arrays.stream(arguments).filter(argument -> argument.startsWith(OUT))
                .map(argument -> Path.of(argument.substring(OUT.length())))
                .forEach(folder -> {
                    write(folder.resolve("laboratory.txt"), table.toString());
                    write(folder.resolve("laboratory.json"), json);
                });
        out.print(List.of(arguments).contains("--json") ? json : table);
        out.flush();
        return results.stream().flatMap(List::stream).allMatch(Result::holds) ? 0 : 1;
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Result> run(Trial trial, long[] seeds) {
        return Arrays.stream(seeds).mapToObj(trial::run).toList();
    }

    private static ObjectNode json(List<Environment> environments, List<Trial> trials, List<List<Result>> results) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        ArrayNode exact = root.putArray("environments");
        for (Environment e : environments) {
            exact.addObject().put("environment", e.mdp().id()).put("bellmanIntended", e.bellmanIntended())
                    .put("bellmanReceived", e.bellmanReceived()).put("bestReceived", e.bestReceived());
        }
        ArrayNode rows = root.putArray("results");
        for (int t = 0; t < trials.size(); t++) {
            Expectation expectation = trials.get(t).expectation();
            for (Result result : results.get(t)) {
                ObjectNode row = rows.addObject().put("environment", result.environment()).put("algorithm", result.algorithm())
                        .put("schedule", trials.get(t).schedule()).put("seed", result.seed()).put("received", result.received())
                        .put("intended", result.intended()).put("behaviour", word(result.behaviour()))
                        .put("claimed", result.claimed().toString());
                result.believed().ifPresent(believed -> row.put("believed", believed));
                if (result.claimed() != Expectation.Point.NONE_CLAIMED) {
                    row.put("distance", result.distance().policy()).put("tolerance", expectation.policy());
                    result.distance().belief().ifPresent(belief -> row.put("beliefDistance", belief)
                            .put("beliefTolerance", expectation.belief()));
                    row.put("holds", result.holds());
                }
            }
        }
        return root;
    }

    private static void table(PrintWriter out, List<Environment> environments, List<Trial> trials, List<List<Result>> results) {
        for (Environment e : environments) {
            out.printf(Locale.ROOT, "%n%s: Bellman-optimal %.2f as intended, %.2f received; at best %.2f received%n",
                    e.mdp().id(), e.bellmanIntended(), e.bellmanReceived(), e.bestReceived());
            out.printf("  %-21s %8s %8s  %-11s %-20s %s%n",
                    "algorithm", "received", "believes", "modification", "claimed", "within");
            for (int t = 0; t < trials.size(); t++) {
                if (trials.get(t).environment() == e) {
                    row(out, trials.get(t), results.get(t));
                }
            }
        }
        out.printf("%nMeans over seeds; distances are the greatest of all seeds. Exploration:%n");
        trials.stream().map(trial -> trial.algorithm() + ": " + trial.schedule()).distinct().sorted()
                .forEach(line -> out.println("  " + line));
    }

    private static void row(PrintWriter out, Trial trial, List<Result> results) {
        String behaviour = results.stream().map(result -> word(result.behaviour())).collect(Collectors.toCollection(TreeSet::new))
                .stream().collect(Collectors.joining("/"));
        String within = "";
        if (trial.expectation().point() != Expectation.Point.NONE_CLAIMED) {
            double policy = results.stream().mapToDouble(result -> result.distance().policy()).max().orElseThrow();
            within = String.format(Locale.ROOT, "%.3f of %s", policy, trial.expectation().policy());
            if (results.get(0).believed().isPresent()) {
                double belief = results.stream().mapToDouble(result -> result.distance().belief().orElseThrow())
                        .max().orElseThrow();
                within += String.format(Locale.ROOT, ", belief %.3f of %s", belief, trial.expectation().belief());
            }
            within += results.stream().allMatch(Result::holds) ? "" : "  NOT MET";
        }
        String believes = results.get(0).believed().isPresent() ? String.format(Locale.ROOT, "%8.2f",
                results.stream().mapToDouble(result -> result.believed().orElseThrow()).average().orElseThrow()) : "";
        out.println(String.format(Locale.ROOT, "  %-21s %8.2f %8s  %-12s %-20s %s", trial.algorithm(),
                results.stream().mapToDouble(Result::received).average().orElseThrow(), believes, behaviour,
                trial.expectation().point(), within).stripTrailing());
    }

    private static String word(Study.Behaviour behaviour) {
        return behaviour.name().toLowerCase(Locale.ROOT);
    }
}
