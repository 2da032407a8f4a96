package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.PluginKind;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Where a result comes from: the code, the plugins, the machine. */
public final class Provenance {
    private static final Map<Path, String> HASHES = new ConcurrentHashMap<>();

    private Provenance() {}

    /** Version of the harness and the hash of its code: the same code has the same hash wherever it was built. */
    public static String code() {
        return versionAndHash(Provenance.class);
    }

    /** Version and code hash of the jar or folder that a plugin comes from. */
    public static String plugin(Provider<?> provider) {
        return versionAndHash(provider.getClass());
    }

    /** Version and code hash of all that a cell may use: core, the harness, and whatever provides a plugin. */
    static Set<String> everything(Plugins plugins) {
        Set<String> codes = new TreeSet<>(List.of(versionAndHash(Plugins.class), code()));
        for (PluginKind kind : PluginKind.values()) {
            plugins.all(kind.type()).forEach(provider -> codes.add(plugin(provider)));
        }
        return codes;
    }

    /** The SHA-256 of each jar of the plugin path, libraries included, by file name; of several of one name, all. */
    public static Map<String, String> jars(Plugins plugins) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        for (Path jar : plugins.jars()) {
            hashes.merge(jar.getFileName().toString(), PolicyFiles.sha256(jar), (one, other) -> one + ", " + other);
        }
        return hashes;
    }

    /** The jar or folder that a class comes from. */
    public static String jar(Class<?> type) {
        Path location = location(type);
        return location == null ? "the class path" : location.getFileName().toString();
    }

    /** What the jar's manifest says of its version. */
    public static String version(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        return version != null ? version : location(type) == null ? "unknown" : "unpackaged";
    }

    /** The first 12 digits of the SHA-256 of the jar or folder that a class comes from. */
    public static String hash(Class<?> type) {
        Path location = location(type);
        return location == null ? "unknown" : HASHES.computeIfAbsent(location, Provenance::hash);
    }

    /** Operating system, processor, its products in bfloat16, cores and Java, by name. */
    public static Map<String, String> machine() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("arch", System.getProperty("os.arch"));
        machine.put("processor", processor());
        machine.put("bfloat16", bfloat16());
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
        String name = said(cpuinfo(), "model name");
        return name != null ? name : System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", "unknown");
    }

    /** Which instructions for products in bfloat16 the processor has, as Linux names them: {@code no} or {@code unknown} too. */
    public static String bfloat16() {
        return bfloat16(cpuinfo());
    }

    static String bfloat16(List<String> cpuinfo) {
        String flags = said(cpuinfo, "flags");
        if (flags == null) {
            return "unknown";
        }
        List<String> found = Stream.of("avx512_bf16", "amx_bf16").filter(List.of(flags.split(" "))::contains).toList();
        return found.isEmpty() ? "no" : String.join(", ", found);
    }

    /** Empty where the system has none. */
    private static List<String> cpuinfo() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** What is said of the first processor under a name; null if nothing is. */
    private static String said(List<String> cpuinfo, String name) {
        return cpuinfo.stream()
                .filter(line -> line.matches(name + "\\s*:.*"))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse(null);
    }

    private static String versionAndHash(Class<?> type) {
        return version(type) + (location(type) == null ? "" : "+" + hash(type));
    }

    private static Path location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            return source == null ? null : Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static String hash(Path location) {
        try {
            if (!Files.isDirectory(location)) {
                return PolicyFiles.sha256(location).substring(0, 12);
            }
            StringBuilder contents = new StringBuilder();
            for (Path file : CellFolder.files(location)) {
                contents.append(location.relativize(file)).append(' ').append(PolicyFiles.sha256(file)).append('\n');
            }
            return PolicyFiles.sha256(contents.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 12);
        } catch (IOException e) {
            return "unreadable";
        }
    }
}
