package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.Provider;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Where a result comes from: the code, the plugins, the machine. */
public final class Provenance {
    private static final Map<Path, String> HASHES = new ConcurrentHashMap<>();

    private Provenance() {}

    /** Version of the harness and the hash of its code: the same code has the same hash wherever it was built. */
    public static String code() {
        return version(Provenance.class);
    }

    /** Version and code hash of the jar or folder that a plugin comes from. */
    public static String plugin(Provider<?> provider) {
        return version(provider.getClass());
    }

    /** The jar or folder that a class comes from. */
    public static String origin(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? "the class path" : Path.of(source.getLocation().getPath()).getFileName().toString();
    }

    /** Operating system, processor, cores, memory and Java, by name. */
    public static Map<String, String> machine() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("arch", System.getProperty("os.arch"));
        machine.put("processor", processor());
        machine.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        machine.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
        return machine;
    }

    static JsonNode machineJson() {
        ObjectNode node = CellFolder.JSON.createObjectNode();
        machine().forEach(node::put);
        return node;
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", "unknown");
        }
    }

    private static String version(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null) {
            return version == null ? "unknown" : version;
        }
        try {
            Path location = Path.of(source.getLocation().toURI());
            return (version == null ? "unpackaged" : version) + "+" + HASHES.computeIfAbsent(location, Provenance::hash);
        } catch (URISyntaxException e) {
            return version == null ? "unknown" : version;
        }
    }

    private static String hash(Path location) {
        try {
            List<Path> files = Files.isDirectory(location) ? CellFolder.files(location) : List.of(location);
            MessageDigest digest = CellFolder.digest();
            for (Path file : files) {
                if (Files.isDirectory(location)) {
                    digest.update(location.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                }
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (IOException e) {
            return "unreadable";
        }
    }
}
