package io.parley.benchmarks.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.cells.CellFolder;
import io.parley.benchmarks.cells.Manifest;
import io.parley.benchmarks.cells.Provenance;
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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Makes the results of a run out of its cells. */
final class RunReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunReport() {}

    /**
     * Writes {@code results.json} and {@code report.html}.
     *
     * @param failed what went wrong, by cell
     * @param started when the run that just ended began; null if none did
     */
    static Results write(Path run, Map<Plan.Cell, String> failed, Instant started) throws IOException {
        Map<String, String> problems = new TreeMap<>();
        failed.forEach((cell, problem) -> problems.put(cell.folder(), problem));
        Map<List<Object>, Path> folders = new HashMap<>();
        for (Plan.Row row : RunFolder.rows(run)) {
            folders.put(List.of(row.task(), row.algorithm(), row.grid(), row.seed()), run.resolve(row.cell()));
        }
        Results results = collect(run, problems, started);
        results.write(run.resolve("results.json"));
        HtmlReport.write(run.resolve("report.html"), results, cell ->
                folders.get(List.of(cell.task(), cell.algorithm(), cell.grid(), cell.seed())).resolve("curve.jsonl"));
        return results;
    }

    /** The table, the answer in words, and where the files are. */
    static void print(Path run, Results results, PrintWriter out) {
        out.print(TerminalTable.render(results, width(), !Charset.defaultCharset().newEncoder().canEncode("±─")));
        out.println("results: " + run.resolve("results.json") + "\nreport:  " + run.resolve("report.html"));
        out.flush();
    }

    /** Columns of the terminal, as far as it says. */
    private static int width() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("\\d{2,4}") ? Integer.parseInt(columns) : 100;
    }

    private static Results collect(Path run, Map<String, String> problems, Instant started) throws IOException {
        List<Results.Cell> cells = new ArrayList<>();
        List<Results.Failure> failures = new ArrayList<>();
        Set<String> references = new LinkedHashSet<>();
        // More than one version if something was changed between the cells of a run: then it shows.
        Map<String, String> plugins = new TreeMap<>();
        Map<String, String> jars = new TreeMap<>();
        Set<String> codes = new TreeSet<>();
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
            } catch (IOException e) {
                throw new IOException(e.getMessage() + "; compute the cell again with run --resume --out " + run, e);
            }
            if (manifest == null) {
                failures.add(new Results.Failure(row.task(), row.algorithm(), row.grid(), row.seed(),
                        problems.getOrDefault(row.cell(), "it is not finished")));
                continue;
            }
            codes.add(manifest.provenance().get("code").asText());
            versions(manifest.provenance().get("plugins"), plugins);
            versions(manifest.provenance().get("pluginPath"), jars);
            cells.add(cell(row, CellFolder.json(folder.resolve("metrics.json"))));
        }
        Instant finished = Instant.now();
        JsonNode experiment = ExperimentSource.file(run.resolve(RunFolder.EXPERIMENT)).tree();
        return Results.of(new Results.Provenance(experiment.path("name").asText(), experiment, List.copyOf(references), start,
                String.join(", ", codes), plugins, jars, Provenance.machine(),
                started == null ? null : started.toString(), started == null ? null : finished.toString(),
                started == null ? null : Duration.between(started, finished).toMillis() / 1e3, failures), cells);
    }

    private static void versions(JsonNode cell, Map<String, String> all) {
        if (cell != null) {
            cell.fields().forEachRemaining(entry -> all.merge(entry.getKey(), entry.getValue().asText(),
                    (former, own) -> List.of(former.split(", ")).contains(own) ? former : former + ", " + own));
        }
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
