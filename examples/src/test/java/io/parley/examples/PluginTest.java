package io.parley.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin of a third party, as its own build left it. */
class PluginTest {
    private static final Path BUILT = Path.of("target/projects/plugin");
    private static final Path JAR = BUILT.resolve("target/reinforce-1.0.0.jar");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void itsAlgorithmAndPartnerAreInTheReportBesideOurs() throws IOException, InterruptedException {
        Path run = folder.resolve("run");
        // Small: what is tested is that it runs, not what it learns.
        parley("run", BUILT.resolve("experiment.yaml").toString(), "--out", run.toString(), "--plugin-path", JAR.toString(),
                "--set", "seeds=[1]", "--set", "budget.responses=512", "--set", "start.demonstrations=256",
                "--set", "evaluation.episodes=20");
        JsonNode results = JSON.readTree(run.resolve("results.json").toFile());
        Map<String, JsonNode> rows = new TreeMap<>();
        results.get("cells").forEach(cell -> rows.put(cell.get("algorithm").asText(), cell.get("metrics")));
        assertTrue(rows.keySet().containsAll(Set.of("ppo", "reinforce")), rows.keySet().toString());
        assertTrue(Files.readString(run.resolve("report.html")).contains("reinforce"));
        // In the first round of two the partner lies, in the second it does not.
        assertEquals(0.5, rows.get("copy-always").get("accuracy@asked-twice").asDouble());
        String version = results.at("/provenance/plugins/Algorithm reinforce").asText();
        assertTrue(version.startsWith("1.0.0+"), version);
        assertEquals(64, results.at("/provenance/inputs/reinforce-1.0.0.jar").asText().length());
    }

    @Test
    void itsJarHoldsItsOwnClassesOnly() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertEquals(Set.of("org/example/reinforce"), jar.stream()
                    .filter(entry -> entry.getName().endsWith(".class"))
                    .map(entry -> entry.getName().substring(0, entry.getName().lastIndexOf('/')))
                    .collect(Collectors.toSet()));
        }
    }

    /** Every block of the guide but the commands is a file, or a part of one, that was compiled and run above. */
    @Test
    void theGuideShowsWhatIsBuilt() throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(Path.of("plugin"))) {
            for (Path file : walk.filter(Files::isRegularFile).filter(path -> !path.startsWith("plugin/target")).toList()) {
                files.add(Files.readString(file));
            }
        }
        Matcher blocks = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$").matcher(Files.readString(Path.of("../docs/plugins.md")));
        int shown = 0;
        while (blocks.find()) {
            if (blocks.group(1).equals("sh")) {
                continue;
            }
            String block = blocks.group(2);
            assertTrue(files.stream().anyMatch(file -> file.contains(block)), () -> "not in examples/plugin:\n" + block);
            shown++;
        }
        assertTrue(shown >= 6, shown + " blocks");
    }

    private void parley(String... args) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), "io.parley.benchmarks.cli.Main"));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(300, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        assertEquals(0, process.waitFor(), Files.readString(output));
    }
}
