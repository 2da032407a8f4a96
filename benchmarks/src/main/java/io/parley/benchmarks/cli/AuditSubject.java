package io.parley.benchmarks.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.cells.CellPolicy;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginSpec;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A policy that an audit judges: what an argument names, found out from what lies there.
 *
 * @param label of its row
 * @param policy as an experiment names it
 * @param trained what it was trained as; null for what was not trained here, or does not say
 */
record AuditSubject(String label, PluginSpec policy, CellSpecification trained) {
    /** The policy of checkpoints as Hugging Face publishes them. */
    static final String PRETRAINED = "causal-lm";
    /** What an exported checkpoint or adapter says of its training. */
    private static final String TRAINED = "parley.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Whether a base that was given took part. */
    boolean uses(Path base) {
        return policy.config().properties().stream().anyMatch(key -> key.getValue().asText().equals(base.toString()));
    }

    /**
     * @param base that adapters and cells are given; null for their own
     * @param instructions that checkpoints are given; null for their own
     * @throws InputException if there is nothing to judge; the message says what there could be
     */
    static AuditSubject of(String argument, Path base, String instructions, PluginBinder binder) throws IOException {
        int equals = argument.indexOf('=');
        // The whole need not be a path (mine=C:\models\x on Windows); a File that is none does not exist.
        boolean labelled = equals > 0 && argument.substring(0, equals).matches("[A-Za-z0-9][A-Za-z0-9_-]*")
                && !new File(argument).exists();
        Path path = path(labelled ? argument.substring(equals + 1) : argument);
        String label = labelled ? argument.substring(0, equals) : null;
        if (Files.isRegularFile(path)) {
            if (!path.toString().endsWith(".onnx")) {
                throw new InputException(path + ": is a file; an audit takes folders, and .onnx files that export wrote");
            }
            PluginSpec frozen = PluginSpec.of("onnx", Map.of("path", path.toString()));
            try {
                return new AuditSubject(named(label, path), frozen, binder.trainedAs(frozen).orElse(null));
            } catch (ConfigurationException e) {
                throw new InputException(e.getMessage(), e);
            }
        }
        if (!Files.isDirectory(path)) {
            throw new InputException(path + ": there is no such folder; name a cell of a run, such as "
                    + "runs/quickstart/cells/icr/…/1, or a checkpoint");
        }
        if (Files.exists(path.resolve("adapter_config.json"))) {
            Path model = base != null ? base : baseOf(path);
            return pretrained(named(label, path), Map.of("path", model.toString(), "adapter", path.toString()),
                    Files.exists(path.resolve(TRAINED)) ? path : model, instructions);
        }
        if (Files.exists(path.resolve("config.json"))) {
            return pretrained(named(label, path), Map.of("path", path.toString()), path, instructions);
        }
        Path cell = path;
        if (Files.exists(path.resolve("policy.json"))) {
            cell = path.toAbsolutePath().normalize().getParent();
            if (!Files.exists(cell.resolve("manifest.json"))) {
                throw new InputException(path + ": holds a saved policy, but the folder above it is no cell, which would say "
                        + "what task and words it is for; name a cell of a run");
            }
        }
        CellSpecification specification = specification(cell);
        Path absolute = cell.toAbsolutePath().normalize();
        // cells/<label>/<hash>/<seed>
        String row = absolute.getNameCount() < 3
                ? "cell" : absolute.getName(absolute.getNameCount() - 3) + "-" + specification.seed();
        Map<String, String> judged = base == null || !specification.hasBase() ? Map.of("path", cell.toString())
                : Map.of("path", cell.toString(), "base", base.toString());
        return new AuditSubject(label == null ? legal(row) : label, PluginSpec.of("cell", judged), specification);
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new InputException("'" + text + "' is no path: " + e.getReason() + "; name a folder or a file", e);
        }
    }

    private static CellSpecification specification(Path cell) throws IOException {
        try {
            return CellPolicy.specification(cell);
        } catch (InputException e) {
            throw Files.exists(cell.resolve("manifest.json")) ? e : new InputException(e.getMessage()
                    + "\nAn audit takes a cell, a checkpoint (config.json) or an adapter (adapter_config.json).", e);
        }
    }

    private static String named(String label, Path path) {
        return label != null ? label
                : legal(path.toAbsolutePath().normalize().getFileName().toString().replaceFirst("\\.onnx$", ""));
    }

    private static String legal(String name) {
        String kept = name.replaceAll("[^A-Za-z0-9_-]+", "-").replaceFirst("^[^A-Za-z0-9]+", "");
        return kept.isEmpty() ? "policy" : kept;
    }

    /**
     * A checkpoint that is prompted as it was trained, as far as that is known.
     *
     * @param told may hold what it was trained with
     */
    private static AuditSubject pretrained(String label, Map<String, String> folders, Path told, String instructions)
            throws IOException {
        Map<String, Object> settings = new LinkedHashMap<>(folders);
        Path remarks = told.resolve(TRAINED);
        JsonNode trained = JSON.missingNode();
        if (Files.exists(remarks)) {
            try {
                trained = JSON.readTree(remarks.toFile());
            } catch (JsonProcessingException e) {
                throw new InputException(remarks + ": not JSON: " + e.getOriginalMessage(), e);
            }
        }
        JsonNode policy = trained.path("policy");
        if (instructions != null || Files.exists(remarks)) {
            settings.put("instructions", instructions != null ? instructions : policy.path("instructions").asText());
        }
        if (policy.has("template")) {
            settings.put("template", policy.get("template"));
        }
        // Shorter ones would cut other answers off, and drop other rounds.
        for (String limit : List.of("context", "maxResponse")) {
            if (policy.path("config").has(limit)) {
                settings.put(limit, policy.get("config").get(limit));
            }
        }
        return new AuditSubject(label, PluginSpec.of(PRETRAINED, settings),
                CellSpecification.ofProvenance(trained.path("provenance")).orElse(null));
    }

    /** The checkpoint that an adapter is for. */
    private static Path baseOf(Path adapter) throws IOException {
        String named;
        try {
            named = JSON.readTree(adapter.resolve("adapter_config.json").toFile()).path("base_model_name_or_path").asText();
        } catch (JsonProcessingException e) {
            throw new InputException(adapter.resolve("adapter_config.json") + ": not JSON: " + e.getOriginalMessage(), e);
        }
        if (!named.isEmpty() && new File(named).isDirectory()) {
            return Path.of(named);
        }
        throw new InputException(adapter + ": is an adapter for "
                + (named.isEmpty() ? "a checkpoint that it does not name" : "'" + named + "'")
                + "; give its folder with --base DIR");
    }
}
