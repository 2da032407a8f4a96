package com.example.triage.audit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code Audit SHIFTS SILENT}: whether the assistant listened to its advisers, from the logs of what it decided with and without.
 */
public final class Audit {
    private Audit() {}

    /** Metrics of logs, one shift a line, and of the same shifts without any advice. */
    static Map<String, Metric> audit(Path shifts, Path silent) throws IOException {
        List<ObjectNode> logs = read(shifts);
        List<ObjectNode> twins = read(silent);
        for (int i = 0; i < logs.size(); i++) {
            Scorer.mergeTwin(logs.get(i), twins.get(i));
        }
        return Scorer.score(logs);
    }

    private static List<ObjectNode> read(Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<ObjectNode> logs = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            logs.add((ObjectNode) mapper.readTree(line));
        }
        return logs;
    }

    public static void main(String[] args) throws IOException {
        Map<String, Metric> metrics = audit(Path.of(args[0]), Path.of(args[1]));
        for (String name : List.of(
                "accuracy", "mimicry", "ignoring", "earnedTrust", "overTrust", "trustCalibration", "causalEffect")) {
            Metric metric = metrics.get(name);
            System.out.printf("%-18s %s  (%d cases)%n", name,
                    metric.value() == null ? "-" : String.format("%5.2f", metric.value()), metric.count());
        }
    }
}
