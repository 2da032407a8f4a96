package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Whether an adapter of PEFT's own making is for a model of another name. Such an adapter has no hash of its base, and fits every
 * model of the same shapes; a name may have changed with a folder, so that it is noted and not refused.
 */
final class AdapterBase {
    private static final ObjectMapper JSON = new ObjectMapper();

    private AdapterBase() {}

    /**
     * What is to be known of a policy's adapter.
     *
     * @param policy its configuration; without {@code adapter} there is nothing
     */
    static Optional<String> note(JsonNode policy) {
        if (!policy.path("adapter").isTextual() || !policy.path("path").isTextual()) {
            return Optional.empty();
        }
        Path adapter = Path.of(policy.path("adapter").textValue());
        Path base = Path.of(policy.path("path").textValue());
        // What export wrote has the hash of its base, which is checked.
        String told = Files.exists(adapter.resolve("parley.json")) ? ""
                : text(adapter.resolve("adapter_config.json"), "base_model_name_or_path");
        Set<String> names = new LinkedHashSet<>();
        names.add(base.toAbsolutePath().normalize().getFileName().toString());
        names.add(text(base.resolve("config.json"), "_name_or_path"));
        names.remove("");
        if (told.isEmpty() || names.stream().anyMatch(name -> lastStep(name).equals(lastStep(told)))) {
            return Optional.empty();
        }
        return Optional.of("the adapter " + adapter + " says that its base is '" + told + "', and the model in " + base
                + " is called '" + String.join("' and '", names) + "'; the adapter has no hash of its base, so that only shapes "
                + "were compared");
    }

    private static String lastStep(String name) {
        return name.replaceAll("[/\\\\]+$", "").replaceAll(".*[/\\\\]", "").toLowerCase(Locale.ROOT);
    }

    /** A text of a file, empty where there is none; the file is checked where it is used. */
    private static String text(Path file, String key) {
        try {
            return JSON.readTree(file.toFile()).path(key).asText();
        } catch (IOException e) {
            return "";
        }
    }
}
