package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.experiment.CellSpecification;
import java.util.Map;
import java.util.TreeMap;

/**
 * What makes a cell's folder whole: written last, it names every other file with its hash.
 *
 * @param schema version of this form; 1
 * @param specification what was computed
 * @param hash {@link CellSpecification#hash}
 * @param files by path inside the folder
 * @param inputs SHA-256 of the manifest of each input, by name
 * @param provenance code, plugins, machine, time
 */
public record Manifest(
        int schema,
        CellSpecification specification,
        String hash,
        Map<String, FileEntry> files,
        Map<String, String> inputs,
        Map<String, JsonNode> provenance) {
    public Manifest {
        files = files == null ? Map.of() : new TreeMap<>(files);
        inputs = inputs == null ? Map.of() : new TreeMap<>(inputs);
        provenance = provenance == null ? Map.of() : new TreeMap<>(provenance);
    }

    /** One file: its length in bytes and its SHA-256 in hexadecimal digits. */
    public record FileEntry(long bytes, String sha256) {}
}
