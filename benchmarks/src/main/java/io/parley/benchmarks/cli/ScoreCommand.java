package io.parley.benchmarks.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.experiment.InputException;
import io.parley.tasks.scoring.DeliData;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Scores dialogue logs, those of each task and regime by themselves, and DeliData files. A file that cannot be scored is
 * named, the others are scored, and the exit code is 2: then the metrics are those of a part of the input.
 */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        description = "Computes the metrics of dialogue logs, all dialogues of a task and regime together, and of DeliData "
                + "files, all groups together. A file that cannot be read is named and left out; then the exit code is 2.")
final class ScoreCommand implements Callable<Integer> {
    /** A second dialogue in a line, where a line break was lost, is refused rather than passed over. */
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String FORMS = "a dialogue log begins with '{', a DeliData file with its tab-separated columns, "
            + String.join(", ", DeliData.COLUMNS) + " among them";
    /** Dialogues of the kind that people had: about one question of the card selection task. */
    private static final String LIKE_PEOPLE = "wason single";
    /** Of the selections and of their transitions, the table shows this many. */
    private static final int COMMONEST = 10;

    @Parameters(arity = "1..*", paramLabel = "LOG", description = "Dialogue logs, JSON Lines; DeliData files as published, one a "
            + "group; or folders, for the files directly in them. Gzipped when the name ends in .gz.")
    private List<Path> logs;

    @Option(names = "--json", description = "As JSON: value and count by metric; where there are several tasks, regimes or "
            + "kinds of files, by these first, such as \"wason record\", \"wason single\" and \"deliData\".")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        // By task and regime: metrics of one name mean another thing in each.
        Map<String, List<JsonNode>> dialogues = new LinkedHashMap<>();
        DeliDataFiles groups = new DeliDataFiles();
        List<String> problems = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        for (Path log : logs) {
            try {
                files.addAll(DeliDataFiles.files(log));
            } catch (InputException e) {
                problems.add(e.getMessage());
            }
        }
        for (Path file : files) {
            try {
                if (isDialogueLog(file)) {
                    read(file).forEach(episode -> dialogues.computeIfAbsent(kind(episode), k -> new ArrayList<>()).add(episode));
                } else {
                    groups.add(file);
                }
            } catch (InputException e) {
                problems.add(e.getMessage());
            }
        }
        Map<String, Map<String, Metric>> scored = new LinkedHashMap<>();
        dialogues.forEach((kind, episodes) -> {
            Map<String, Metric> metrics = Scorer.score(episodes);
            metrics.putAll(Scorer.selections(episodes));
            scored.put(kind, metrics);
        });
        if (!groups.groups().isEmpty()) {
            scored.put("deliData", Scorer.scoreGroups(groups.groups()));
        }
        print(scored);
        PrintWriter err = spec.commandLine().getErr();
        problems.forEach(problem -> err.println("parley: " + problem));
        if (!problems.isEmpty() && !scored.isEmpty()) {
            err.println("parley: the metrics are those of the other files");
        }
        err.flush();
        return problems.isEmpty() ? ExitCode.OK : ExitCode.USAGE;
    }

    private static String kind(JsonNode episode) {
        return (episode.path("task").asText() + " " + episode.path("regime").asText()).strip();
    }

    private void print(Map<String, Map<String, Metric>> scored) {
        PrintWriter out = spec.commandLine().getOut();
        if (json && !scored.isEmpty()) {
            ObjectNode all = JSON.createObjectNode();
            scored.forEach((kind, metrics) -> {
                ObjectNode node = scored.size() == 1 ? all : all.putObject(kind);
                metrics.forEach((name, metric) -> node.putObject(name).put("value", metric.value()).put("count", metric.count()));
            });
            out.println(all.toPrettyString());
        } else {
            Map<String, Metric> humans = scored.containsKey(LIKE_PEOPLE) ? Scorer.scoreGroups(DeliData.reference()) : Map.of();
            scored.forEach((kind, metrics) -> {
                out.print(scored.size() == 1 ? "" : kind + "\n");
                table(out, metrics, kind.equals(LIKE_PEOPLE) ? humans : Map.of());
            });
            if (!humans.isEmpty()) {
                out.println("humans: " + humans.get("consensus").count()
                        + " groups of the DeliData corpus (Karadzhov, Stafford and Vlachos, CSCW 2023), without collaborator "
                        + "or partner");
            }
        }
        out.flush();
    }

    /** @param humans stand beside the metrics; empty where there is nothing to compare */
    private static void table(PrintWriter out, Map<String, Metric> metrics, Map<String, Metric> humans) {
        List<String> selections = List.of(Scorer.INITIAL, Scorer.FINAL, Scorer.TRANSITION);
        metrics.forEach((name, metric) -> {
            if (selections.stream().noneMatch(name::startsWith)) {
                String people = humans.containsKey(name)
                        ? String.format(Locale.ROOT, "   humans %.4f", humans.get(name).value()) : "";
                out.printf(Locale.ROOT, "%-36s %10s   n %s%n", name,
                        metric.value() == null ? "-" : String.format(Locale.ROOT, "%.4f", metric.value()),
                        people.isEmpty() ? metric.count() : String.format(Locale.ROOT, "%-7d%s", metric.count(), people));
            }
        });
        for (String prefix : selections) {
            String commonest = metrics.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(prefix))
                    .sorted(Comparator.comparing(entry -> -entry.getValue().value()))
                    .limit(COMMONEST)
                    .map(entry -> entry.getKey().substring(prefix.length())
                            + String.format(Locale.ROOT, " %.3f", entry.getValue().value()))
                    .collect(Collectors.joining(", "));
            if (!commonest.isEmpty()) {
                out.println(prefix + "<selection>: " + commonest);
            }
        }
    }

    /** @throws InputException if it is neither a dialogue log nor a DeliData file */
    private static boolean isDialogueLog(Path file) {
        String start;
        try (InputStream in = DeliDataFiles.open(file)) {
            start = new String(in.readNBytes(1000), StandardCharsets.UTF_8).stripLeading();
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Failures.describe(e), e);
        }
        String line = start.lines().findFirst().orElse("");
        if (!line.startsWith("{") && !List.of(line.split("\t")).contains(DeliData.COLUMNS.get(0))) {
            String found = line.isEmpty() ? "nothing" : "'" + line.substring(0, Math.min(60, line.length())) + "'";
            throw new InputException(file + ", line 1: found " + found + "; " + FORMS);
        }
        return line.startsWith("{");
    }

    /** @throws InputException if it cannot be read, or a line of it cannot be scored */
    static List<JsonNode> read(Path log) {
        List<JsonNode> episodes = new ArrayList<>();
        int number = 0;
        try (InputStream in = DeliDataFiles.open(log);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    JsonNode episode = JSON.readTree(line);
                    Scorer.score(List.of(episode));
                    episodes.add(episode);
                }
            }
            return episodes;
        } catch (JsonProcessingException e) {
            throw new InputException(log + ", line " + number + ": not JSON: "
                    + Failures.describeJson(e) + "; a dialogue log holds one JSON object a line", e);
        } catch (IllegalArgumentException e) {
            throw new InputException(log + ", line " + number + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new InputException(log + " cannot be read: " + Failures.describe(e), e);
        }
    }
}
