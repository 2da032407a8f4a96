package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.training.MetricsSink;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;

/** Writes the learning curve as it comes. */
final class Curve implements MetricsSink, AutoCloseable {
    private static final ObjectMapper LINE = JsonMapper.builder().build();

    private final Path file;
    private final long budget;
    private final DoubleConsumer progress;
    private BufferedWriter writer;
    private long responses;
    private Map<String, Double> last = Map.of();

    /**
     * @param budget responses that may be sampled
     * @param progress told which share of them was, from 0 to 1
     */
    Curve(Path file, long budget, DoubleConsumer progress) throws IOException {
        this.file = file;
        this.budget = budget;
        this.progress = progress;
        writer = Files.newBufferedWriter(file);
    }

    @Override
    public void record(long sampled, Map<String, Double> metrics) {
        Map<String, Double> finite = new TreeMap<>();
        metrics.forEach((name, value) -> {
            if (value != null && Double.isFinite(value)) {
                finite.put(name, value);
            }
        });
        try {
            ObjectNode point = LINE.createObjectNode().put("responses", sampled);
            point.set("metrics", LINE.valueToTree(finite));
            writer.write(point.toString());
            writer.write('\n');
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        at(sampled, finite);
    }

    private void at(long sampled, Map<String, Double> metrics) {
        responses = sampled;
        last = metrics;
        progress.accept(budget == 0 ? 0 : Math.min(1, (double) sampled / budget));
    }

    /** Responses sampled up to the last point. */
    long responses() {
        return responses;
    }

    /** The metrics of the last point. */
    Map<String, Double> last() {
        return last;
    }

    /** Writes the points so far. */
    void copyTo(Path copy) throws IOException {
        Files.copy(file, copy);
    }

    /** Forgets the points so far and goes on after those of a copy. */
    void replaceBy(Path copy) throws IOException {
        writer.close();
        Files.copy(copy, file, StandardCopyOption.REPLACE_EXISTING);
        writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty()) {
            at(0, Map.of());
            return;
        }
        JsonNode point = LINE.readTree(lines.get(lines.size() - 1));
        Map<String, Double> metrics = new TreeMap<>();
        point.path("metrics").fields().forEachRemaining(entry -> metrics.put(entry.getKey(), entry.getValue().asDouble()));
        at(point.path("responses").asLong(), metrics);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
