package io.parley.laboratory.mamdp;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.files.WholeFile;
import io.parley.core.plugin.PluginContext;
import io.parley.laboratory.mamdp.Study.Environment;
import io.parley.laboratory.mamdp.Study.Result;
import io.parley.laboratory.mamdp.Study.Trial;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

/**
 * The report of the modified-action environments, found by {@link java.util.ServiceLoader} under the name
 * {@code parley-laboratory}. Its arguments are seeds, at least one, {@code --json} to print the report as JSON, and
 * {@code --out=DIR} for a folder, which exists, where both forms are written: {@code laboratory.txt} and
 * {@code laboratory.json}. An algorithm that fails has a row that says why. Returns 0 if every result is within the tolerance
 * of what is claimed for it, 1 if one is not or an algorithm failed, and 2, with a line on what is wrong, if an argument is none
 * of these.
 */
public final class LaboratoryTool implements ToolProvider {
    private static final String OUT = "--out=";
    private static final String JSON = "--json";

    /**
     * What came of a trial.
     *
     * @param results one a seed; none if it failed
     * @param failure why it failed; null if it did not
     */
    record Outcome(Trial trial, List<Result> results, RuntimeException failure) {
        static Outcome of(Trial trial, List<Long> seeds) {
            try {
                return new Outcome(trial, seeds.stream().map(trial::run).toList(), null);
            } catch (RuntimeException e) {
                // The others are not lost for it.
                return new Outcome(trial, List.of(), e);
            }
        }

        boolean holds() {
            return failure == null && results.stream().allMatch(Result::holds);
        }
    }

    @Override
    public String name() {
        return "parley-laboratory";
    }

    /** @throws UncheckedIOException if the folder cannot be written to; the report is printed before */
    @Override
    public int run(PrintWriter out, PrintWriter err, String... arguments) {
        List<Long> seeds = new ArrayList<>();
        List<Path> folders = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.startsWith(OUT)) {
                folders.add(Path.of(argument.substring(OUT.length())));
            } else if (!argument.equals(JSON)) {
                try {
                    seeds.add(Long.parseLong(argument));
                } catch (NumberFormatException e) {
                    return refuse(err, "'" + argument + "' is neither a seed, which is a whole number, nor " + JSON + " or " + OUT
                            + "DIR");
                }
            }
        }
        if (seeds.isEmpty()) {
            return refuse(err, "no seed is given; name one whole number or more");
        }
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                return refuse(err, OUT + folder + ": there is no such folder; make it first");
            }
        }
        List<Environment> environments = Study.environments();
        List<Outcome> outcomes = Study.tabular(environments).parallelStream().map(trial -> Outcome.of(trial, seeds))
                .collect(Collectors.toCollection(ArrayList::new));
        // The engine computes for one at a time.
        for (Trial trial : Study.alignment(environments, PluginContext.standalone(0).plugins())) {
            outcomes.add(Outcome.of(trial, seeds));
        }
        String json = json(environments, outcomes).toPrettyString() + System.lineSeparator();
        String table = table(environments, outcomes);
        out.print(List.of(arguments).contains(JSON) ? json : table);
        out.flush();
        outcomes.stream().filter(outcome -> outcome.failure() != null).forEach(outcome -> outcome.failure().printStackTrace(err));
        err.flush();
        for (Path folder : folders) {
            write(folder.resolve("laboratory.txt"), table);
            write(folder.resolve("laboratory.json"), json);
        }
        return outcomes.stream().allMatch(Outcome::holds) ? 0 : 1;
    }

    private int refuse(PrintWriter err, String problem) {
        err.println(name() + ": " + problem);
        err.flush();
        return 2;
    }

    private static void write(Path file, String text) {
        try {
            WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode json(List<Environment> environments, List<Outcome> outcomes) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        ArrayNode exact = root.putArray("environments");
        for (Environment e : environments) {
            exact.addObject().put("environment", e.mdp().id()).put("bellmanIntended", e.bellmanIntended())
                    .put("bellmanReceived", e.bellmanReceived()).put("bestReceived", e.bestReceived());
        }
        ArrayNode rows = root.putArray("results");
        for (Outcome outcome : outcomes) {
            Trial trial = outcome.trial();
            if (outcome.failure() != null) {
                rows.addObject().put("environment", trial.environment().mdp().id()).put("algorithm", trial.algorithm())
                        .put("schedule", trial.schedule()).put("failure", outcome.failure().toString());
            }
            for (Result result : outcome.results()) {
                ObjectNode row = rows.addObject().put("environment", result.environment()).put("algorithm", result.algorithm())
                        .put("schedule", trial.schedule()).put("seed", result.seed()).put("received", result.received())
                        .put("intended", result.intended()).put("behaviour", word(result.behaviour()))
                        .put("claimed", result.claimed().toString());
                result.believed().ifPresent(believed -> row.put("believed", believed));
                if (result.claimed() != Expectation.Point.NONE_CLAIMED) {
                    row.put("distance", result.distance().policy()).put("tolerance", trial.expectation().policy());
                    result.distance().belief().ifPresent(belief -> row.put("beliefDistance", belief)
                            .put("beliefTolerance", trial.expectation().belief()));
                    row.put("holds", result.holds());
                }
            }
        }
        return root;
    }

    static String table(List<Environment> environments, List<Outcome> outcomes) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        for (Environment e : environments) {
            out.printf(Locale.ROOT, "%n%s: Bellman-optimal %.2f as intended, %.2f received; at best %.2f received%n",
                    e.mdp().id(), e.bellmanIntended(), e.bellmanReceived(), e.bestReceived());
            out.printf("  %-21s %8s %8s  %-11s %-20s %s%n",
                    "algorithm", "received", "believes", "modification", "claimed", "within");
            outcomes.stream().filter(outcome -> outcome.trial().environment() == e).forEach(outcome -> out.println(
                    outcome.failure() == null
                            ? row(outcome.trial(), outcome.results())
                            : String.format(Locale.ROOT, "  %-21s failed: %s", outcome.trial().algorithm(), outcome.failure())));
        }
        out.printf("%nMeans over seeds; distances are the greatest of all seeds. Exploration:%n");
        outcomes.stream().map(outcome -> outcome.trial().algorithm() + ": " + outcome.trial().schedule()).distinct().sorted()
                .forEach(line -> out.println("  " + line));
        return text.toString();
    }

    private static String row(Trial trial, List<Result> results) {
        String behaviour = results.stream().map(result -> word(result.behaviour())).collect(Collectors.toCollection(TreeSet::new))
                .stream().collect(Collectors.joining("/"));
        String within = "";
        boolean believing = results.stream().allMatch(result -> result.believed().isPresent());
        if (trial.expectation().point() != Expectation.Point.NONE_CLAIMED) {
            double policy = results.stream().mapToDouble(result -> result.distance().policy()).max().orElseThrow();
            within = String.format(Locale.ROOT, "%.3f of %s", policy, trial.expectation().policy());
            if (believing) {
                double belief = results.stream().mapToDouble(result -> result.distance().belief().orElseThrow())
                        .max().orElseThrow();
                within += String.format(Locale.ROOT, ", belief %.3f of %s", belief, trial.expectation().belief());
            }
            within += results.stream().allMatch(Result::holds) ? "" : "  NOT MET";
        }
        String believes = believing ? String.format(Locale.ROOT, "%8.2f",
                results.stream().mapToDouble(result -> result.believed().orElseThrow()).average().orElseThrow()) : "";
        return String.format(Locale.ROOT, "  %-21s %8.2f %8s  %-12s %-20s %s", trial.algorithm(),
                results.stream().mapToDouble(Result::received).average().orElseThrow(), believes, behaviour,
                trial.expectation().point(), within).stripTrailing();
    }

    private static String word(Study.Behaviour behaviour) {
        return behaviour.name().toLowerCase(Locale.ROOT);
    }
}
