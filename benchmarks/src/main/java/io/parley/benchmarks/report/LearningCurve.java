package io.parley.benchmarks.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A cell's {@code curve.jsonl}: numbers by name against the responses sampled so far. */
final class LearningCurve {
    /** Where a cell keeps it. */
    static final String FILE = "curve.jsonl";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String RESPONSES = "responses";

    private final Map<String, List<double[]>> points = new LinkedHashMap<>();
    private double end;

    /**
     * Reads a curve. Each line is an object with {@code responses} and the metrics beside it or under {@code metrics}.
     * A last line that was cut off is left out.
     *
     * @throws IOException if another line is not JSON; the message names file and line
     */
    static LearningCurve read(Path file) throws IOException {
        LearningCurve curve = new LearningCurve();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String line = reader.readLine();
            for (int number = 1; line != null; number++) {
                String next = reader.readLine();
                try {
                    curve.add(MAPPER.readTree(line));
                } catch (JsonProcessingException e) {
                    if (next != null) {
                        throw new IOException(file + ", line " + number + " is not JSON: " + e.getOriginalMessage(), e);
                    }
                }
                line = next;
            }
        }
        return curve;
    }

    private void add(JsonNode line) {
        double x = line.path(RESPONSES).asDouble();
        end = Math.max(end, x);
        JsonNode metrics = line.path("metrics").isObject() ? line.get("metrics") : line;
        metrics.fields().forEachRemaining(field -> {
            if (!field.getKey().equals(RESPONSES) && field.getValue().isNumber()) {
                points.computeIfAbsent(field.getKey(), key -> new ArrayList<>())
                        .add(new double[] {x, field.getValue().asDouble()});
            }
        });
    }

    List<String> metrics() {
        return List.copyOf(points.keySet());
    }

    /** Responses at the last point. */
    double end() {
        return end;
    }

    /** Number of points of a metric. */
    int size(String metric) {
        return points.getOrDefault(metric, List.of()).size();
    }

    /**
     * Means over bins of equal width, so that curves of several seeds share their places.
     *
     * @param end right end of the last bin
     * @return one a bin; null where the curve has no point
     */
    Double[] bins(String metric, double end, int bins) {
        double[] sum = new double[bins];
        int[] count = new int[bins];
        for (double[] point : points.getOrDefault(metric, List.of())) {
            int bin = end > 0 ? (int) Math.max(0, Math.min(bins - 1, Math.ceil(point[0] / end * bins - 1e-9) - 1)) : 0;
            sum[bin] += point[1];
            count[bin]++;
        }
        Double[] means = new Double[bins];
        for (int i = 0; i < bins; i++) {
            means[i] = count[i] == 0 ? null : Double.valueOf(sum[i] / count[i]);
        }
        return means;
    }
}
