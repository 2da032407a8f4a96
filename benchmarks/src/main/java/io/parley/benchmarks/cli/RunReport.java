package io.parley.benchmarks.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.cells.CellFolder;
import io.parley.benchmarks.cells.Manifest;
import io.parley.benchmarks.cells.RunFolder;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.Plan;
import io.parley.benchmarks.report.HtmlReport;
import io.parley.benchmarks.report.TerminalTable;
import io.parley.benchmarks.results.Metrics;
import io.parley.benchmarks.results.Results;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Makes the results of a run out of its cells. */
final class RunReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunReport() {}

    /**
     * Writes {@code results.json} and {@code report.html}.
     *
     * @param failed what went wrong, by cell
     * @param began when a run began that was just carried out in one go; null for one that was continued, or is only reported
     */
    static Results write(Path run, Map<Plan.Cell, String> failed, Instant began) throws IOException {
        Map<String, String> problems = new TreeMap<>();
        failed.forEach((cell, problem) -> problems.put(cell.folder(), problem));
        Map<List<Object>, Path> folders = new HashMap<>();
        for (Plan.Row row : RunFolder.rows(run)) {
            folders.put(List.of(row.task(), row.algorithm(), row.grid(), row.seed()), run.resolve(row.cell()));
        }
        Results results = collect(run, problems, began);
        results.write(run.resolve("results.json"));
        HtmlReport.write(run.resolve("report.html"), results, cell ->
                folders.get(List.of(cell.task(), cell.algorithm(), cell.grid(), cell.seed())));
        return results;
    }

    /** The table of what is finished of a run that is working, which will write the report itself. */
    static void printSoFar(Path run, PrintWriter out) throws IOException {
        Results results = collect(run, Map.of(), null);
        int finished = results.cells().size();
        out.println(run + ": working; " + finished + " of "
                + (finished + results.provenance().failures().size()) + " rows are finished, and nothing is written");
        if (finished > 0) {
            out.print(table(results));
        }
        out.flush();
    }

    private static String table(Results results) {
        return TerminalTable.render(results, width(), !Charset.defaultCharset().newEncoder().canEncode("±─"));
    }

    /** The table, the answer in words, and where the files are. */
    static void print(Path run, Results results, PrintWriter out) {
        out.print(table(results));
        out.println("results: " + run.resolve("results.json") + "\nreport:  " + run.resolve("report.html"));
        out.flush();
    }

    /** Columns of the terminal, as far as it says. */
    private static int width() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("\\d{2,4}") ? Integer.parseInt(columns) : 100;
    }

    private static Results collect(Path run, Map<String, String> problems, Instant began) throws IOException {
        JsonNode experiment = ExperimentSource.file(run.resolve(RunFolder.EXPERIMENT)).tree();
        Optional<Results.Provenance> previous = previous(run, experiment);
        Map<List<Object>, String> reasons = new HashMap<>();
        previous.ifPresent(known -> known.failures().forEach(
                f -> reasons.put(List.of(f.task(), f.algorithm(), f.grid(), f.seed()), f.message())));
        List<Results.Cell> cells = new ArrayList<>();
        List<Results.Failure> failures = new ArrayList<>();
        Set<String> references = new LinkedHashSet<>();
        Origins origins = new Origins();
        Set<Path> starts = new HashSet<>();
        String start = null;
        for (Plan.Row row : RunFolder.rows(run)) {
            if (row.role() == Plan.Role.REFERENCE) {
                references.add(row.algorithm());
            } else if (row.role() == Plan.Role.START) {
                start = row.algorithm();
            }
            Path folder = run.resolve(row.cell());
            Manifest manifest;
            try {
                manifest = CellFolder.read(folder);
                if (manifest != null) {
                    origins.add(manifest);
                    String inherited = manifest.specification().start();
                    Path from = inherited == null ? null : run.resolve(Plan.startFolder(inherited, row.seed()));
                    if (from != null && starts.add(from)) {
                        origins.add(CellFolder.manifest(from));
                    }
                }
            } catch (IOException e) {
                throw new IOException(e.getMessage() + "; compute the cell again with run --resume --out " + run, e);
            }
            if (manifest == null) {
                failures.add(new Results.Failure(row.task(), row.algorithm(), row.grid(), row.seed(),
                        problems.getOrDefault(row.cell(),
                                reasons.get(List.of(row.task(), row.algorithm(), row.grid(), row.seed())))));
                continue;
            }
            cells.add(cell(row, CellFolder.json(folder.resolve("metrics.json"))));
        }
        Instant now = Instant.now();
        // What was written before still holds if nothing has been computed since.
        Optional<Results.Provenance> current = previous.filter(known -> origins.lastStarted == null
                || known.finished() != null && !origins.lastStarted.isAfter(Instant.parse(known.finished())));
        Instant started = Stream.of(Optional.ofNullable(began), Optional.ofNullable(origins.started),
                        previous.map(Results.Provenance::started).map(Instant::parse))
                .flatMap(Optional::stream).min(Comparator.naturalOrder()).orElse(null);
        Instant finished = began != null ? now
                : current.map(Results.Provenance::finished).map(Instant::parse).orElse(origins.finished);
        Double wallSeconds = began != null ? Double.valueOf(Duration.between(began, now).toMillis() / 1e3)
                : current.map(Results.Provenance::wallSeconds).orElse(null);
        return Results.of(new Results.Provenance(experiment.path("name").asText(), experiment, List.copyOf(references), start,
                String.join(", ", origins.codes), joined(origins.plugins, ", "), joined(origins.jars, ", "),
                joined(origins.machine, "; "), Objects.toString(started, null), Objects.toString(finished, null), wallSeconds,
                failures), cells);
    }

    /** What {@code results.json} says already of the same experiment; empty without one that can be read. */
    private static Optional<Results.Provenance> previous(Path run, JsonNode experiment) {
        try {
            return Optional.of(Results.read(run.resolve("results.json")).provenance())
                    .filter(known -> RunFolder.difference(known.experiment(), experiment) == null);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Where the cells of a run come from, as their manifests say. There is more than one version if something was changed between
     * them: then it shows.
     */
    private static final class Origins {
        final Set<String> codes = new TreeSet<>();
        final Map<String, Set<String>> plugins = new TreeMap<>();
        final Map<String, Set<String>> jars = new TreeMap<>();
        final Map<String, Set<String>> machine = new LinkedHashMap<>();
        Instant started;
        Instant lastStarted;
        Instant finished;

        /** @param manifest null for a start that was taken away */
        void add(Manifest manifest) {
            if (manifest == null) {
                return;
            }
            Map<String, JsonNode> provenance = manifest.provenance();
            codes.add(provenance.get("code").asText());
            merge(provenance.get("plugins"), plugins);
            merge(provenance.get("pluginPath"), jars);
            merge(provenance.get("machine"), machine);
            Instant begun = Instant.parse(provenance.get("started").asText());
            started = started == null || begun.isBefore(started) ? begun : started;
            lastStarted = lastStarted == null || begun.isAfter(lastStarted) ? begun : lastStarted;
            // Manifests of earlier versions do not say it.
            if (provenance.containsKey("finished")) {
                Instant ended = Instant.parse(provenance.get("finished").asText());
                finished = finished == null || ended.isAfter(finished) ? ended : finished;
            }
        }

        private static void merge(JsonNode cell, Map<String, Set<String>> all) {
            if (cell != null) {
                cell.fields().forEachRemaining(entry -> all.computeIfAbsent(entry.getKey(), key -> new LinkedHashSet<>())
                        .add(entry.getValue().asText()));
            }
        }
    }

    private static Map<String, String> joined(Map<String, Set<String>> all, String separator) {
        Map<String, String> joined = new LinkedHashMap<>();
        all.forEach((name, values) -> joined.put(name, String.join(separator, values)));
        return joined;
    }

    private static Results.Cell cell(Plan.Row row, JsonNode metrics) {
        Map<String, Double> values = JSON.convertValue(metrics.get("metrics"), new TypeReference<TreeMap<String, Double>>() {});
        Map<String, Long> counts = JSON.convertValue(metrics.get("counts"), new TypeReference<TreeMap<String, Long>>() {});
        values.keySet().removeIf(name -> !Metrics.inResults(name));
        counts.keySet().removeIf(name -> !Metrics.inResults(name));
        return new Results.Cell(row.task(), row.algorithm(), row.grid(), row.seed(), values, counts,
                metrics.path("wallSeconds").asDouble(), metrics.path("cpuSeconds").asDouble(), metrics.path("tokens").asLong());
    }
}
