package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Looks into the folders of runs. */
final class Runs {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Runs() {}

    /** Everything that a run computed, times aside: hashes of files, and metrics and counts. */
    static Map<String, String> content(Path run) throws IOException {
        Map<String, String> content = new TreeMap<>();
        for (Path manifest : manifests(run)) {
            Path cell = manifest.getParent();
            JSON.readTree(manifest.toFile()).get("files").fields().forEachRemaining(file -> {
                if (!file.getKey().equals("metrics.json")) {
                    content.put(run.relativize(cell.resolve(file.getKey())).toString(), file.getValue().toString());
                }
            });
            if (Files.exists(cell.resolve("metrics.json"))) {
                ObjectNode metrics = (ObjectNode) JSON.readTree(cell.resolve("metrics.json").toFile());
                metrics.remove(List.of("wallSeconds", "cpuSeconds"));
                metrics.fields().forEachRemaining(part -> part.getValue().fields().forEachRemaining(number ->
                        content.put(run.relativize(cell) + "/" + part.getKey() + "/" + number.getKey(),
                                number.getValue().toString())));
            }
        }
        return content;
    }

    /** Names the first difference only: a run holds thousands of numbers. */
    static void assertSame(Map<String, String> expected, Map<String, String> found) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((name, value) -> assertEquals(value, found.get(name), name));
    }

    /** The finished cells with what their manifests say, the time of their computation included. */
    static Map<String, String> finished(Path run) throws IOException {
        Map<String, String> finished = new TreeMap<>();
        for (Path manifest : manifests(run)) {
            finished.put(run.relativize(manifest).toString(), Files.readString(manifest));
        }
        return finished;
    }

    /** A command line that begins a run, and continues it once it has begun. */
    static String[] begunOrResumed(Path run, String... args) {
        return Files.exists(run.resolve("plan.json"))
                ? Stream.concat(Stream.of(args), Stream.of("--resume")).toArray(String[]::new) : args;
    }

    static List<Path> manifests(Path run) throws IOException {
        Path cells = run.resolve("cells");
        if (!Files.exists(cells)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(cells, 4)) {
            return walk.filter(path -> path.endsWith("manifest.json")
                    && !path.getParent().getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            // A folder was renamed under our feet.
            return manifests(run);
        }
    }

    static JsonNode results(Path run) throws IOException {
        return JSON.readTree(run.resolve("results.json").toFile());
    }
}
