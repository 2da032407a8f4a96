package io.parley.benchmarks.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.experiment.InputException;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "score", mixinStandardHelpOptions = true, description = "Computes the metrics of dialogue logs, all logs together.")
final class ScoreCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(arity = "1..*", paramLabel = "LOG", description = "Dialogue logs, JSON Lines; gzipped when the name ends in .gz.")
    private List<Path> logs;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<JsonNode> episodes = new ArrayList<>();
        logs.forEach(log -> episodes.addAll(read(log)));
        Map<String, Metric> metrics = Scorer.score(episodes);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode node = JSON.createObjectNode();
            metrics.forEach((name, metric) -> node.putObject(name).put("value", metric.value()).put("count", metric.count()));
            out.println(node.toPrettyString());
        } else {
            metrics.forEach((name, metric) -> out.printf(Locale.ROOT, "%-36s %10s   n %d%n",
                    name, metric.value() == null ? "-" : String.format(Locale.ROOT, "%.4f", metric.value()), metric.count()));
        }
        out.flush();
        return 0;
    }

    /** @throws InputException if it cannot be read, or a line of it cannot be scored */
    static List<JsonNode> read(Path log) {
        List<JsonNode> episodes = new ArrayList<>();
        int number = 0;
        try (InputStream file = Files.newInputStream(log);
                InputStream plain = log.toString().endsWith(".gz") ? new GZIPInputStream(file) : file;
                BufferedReader lines = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
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
