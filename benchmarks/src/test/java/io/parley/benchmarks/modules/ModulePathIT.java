package io.parley.benchmarks.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.benchmarks.experiment.PluginKind;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jars as they are packaged, on the module path. */
class ModulePathIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    @TempDir
    private Path folder;

    /** The jar of every module of the build that has one; a jar of another name may be left from a former version. */
    private static List<Path> parley() throws IOException {
        List<Path> jars = new ArrayList<>();
        Matcher module = MODULE.matcher(Files.readString(ROOT.resolve("pom.xml")));
        while (module.find()) {
            Path pom = ROOT.resolve(module.group(1)).resolve("pom.xml");
            if (Files.readString(pom).contains("<packaging>pom</packaging>")) {
                continue;
            }
            try (Stream<Path> files = Files.list(pom.resolveSibling("target"))) {
                jars.add(files.filter(f -> f.getFileName().toString().matches("parley-.*\\.jar")
                        && !f.getFileName().toString().matches(".*-(sources|javadoc|tests)\\.jar"))
                        .max(Comparator.comparingLong(f -> f.toFile().lastModified())).orElseThrow());
            }
        }
        return jars;
    }

    /** The libraries on this JVM's class path. */
    private static List<Path> libraries() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of)
                .filter(file -> file.toString().endsWith(".jar") && !file.getFileName().toString().startsWith("parley-"))
                .filter(file -> !file.toString().matches(".*(archunit|jqwik|surefire).*"))
                .toList();
    }

    /** libtorch's jar has no class, and names itself as no module can be named. */
    private static boolean isNoModule(Path jar) {
        return jar.getFileName().toString().startsWith("pytorch-native-");
    }

    private static String path(Stream<Path> jars) {
        return jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void everyJarNamesItsModule() throws IOException {
        List<Path> jars = parley();
        assertTrue(jars.size() >= 10, jars.toString());
        Set<String> names = new TreeSet<>();
        for (Path jar : jars) {
            try (JarFile file = new JarFile(jar.toFile())) {
                String name = file.getManifest().getMainAttributes().getValue("Automatic-Module-Name");
                String expected = "io." + jar.getFileName().toString().replaceAll("(-\\d.*)?\\.jar$", "").replace('-', '.');
                assertEquals(expected, name, jar.toString());
                assertTrue(names.add(name), name + " twice");
            }
        }
    }

    @Test
    void noPackageIsSplit() throws IOException {
        Map<String, String> owners = new HashMap<>();
        for (ModuleReference module : ModuleFinder.of(parley().toArray(Path[]::new)).findAll()) {
            assertFalse(module.descriptor().packages().isEmpty(), module.toString());
            for (String name : module.descriptor().packages()) {
                String other = owners.putIfAbsent(name, module.descriptor().name());
                assertTrue(other == null, "package " + name + " is in " + other + " and in " + module.descriptor().name());
                assertTrue((name + ".").startsWith(module.descriptor().name() + "."), name + " in " + module.descriptor().name());
            }
        }
    }

    @Test
    void everyJarRuns() throws IOException, InterruptedException {
        // Alone in its folder, so that nothing of the tests is found beside it.
        String program = OnTheModulePath.class.getName().replace('.', '/') + ".class";
        Path copy = folder.resolve("program").resolve(program);
        Files.createDirectories(copy.getParent());
        try (var in = OnTheModulePath.class.getResourceAsStream("/" + program)) {
            Files.copy(in, copy);
        }
        List<String> lines = java(folder.resolve("program"), "--add-modules", "ALL-MODULE-PATH", OnTheModulePath.class.getName(),
                "tabular", "mlp", "transformer");
        Set<String> expected = new TreeSet<>();
        for (ModuleReference module : ModuleFinder.of(parley().toArray(Path[]::new)).findAll()) {
            expected.add("module " + module.descriptor().name());
        }
        assertEquals(expected, lines.stream().filter(l -> l.startsWith("module "))
                .collect(Collectors.toCollection(TreeSet::new)));
        assertEquals(providers(), lines.stream().filter(l -> l.startsWith("provider "))
                .map(l -> l.split(" ", 3)[2]).collect(Collectors.toCollection(TreeSet::new)));
        assertFalse(lines.stream().anyMatch(l -> l.startsWith("provider null")), "a provider in no module: " + lines);
        assertTrue(lines.containsAll(List.of("policy tabular", "policy mlp", "policy transformer")), lines.toString());
    }

    @Test
    void theCommandLineRuns() throws IOException, InterruptedException {
        List<String> lines = java(folder, "--add-modules", "ALL-MODULE-PATH",
                "--module", "io.parley.benchmarks/io.parley.benchmarks.cli.Main", "plugins", "--json");
        String all = String.join("\n", lines);
        for (String provider : providers()) {
            assertTrue(all.contains("\"" + provider.split(" ")[1] + "\""), provider + " in " + all);
        }
    }

    /** Kind and id of every provider on this JVM's class path that is not the tests'. */
    private static Set<String> providers() {
        Plugins plugins = new Plugins(ModulePathIT.class.getClassLoader());
        Set<String> providers = new TreeSet<>();
        for (PluginKind kind : PluginKind.values()) {
            for (Provider<?> provider : plugins.all(kind.type())) {
                if (!provider.id().startsWith("test-")) {
                    providers.add(kind.label() + " " + provider.id());
                }
            }
        }
        assertTrue(providers.size() > 25, providers.toString());
        return providers;
    }

    /**
     * What a JVM printed, and that it ended well.
     *
     * @param classes on its class path, with what cannot be on the module path
     */
    private List<String> java(Path classes, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true", "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1", "-Dai.djl.pytorch.graph_optimizer=false", "--module-path",
                path(Stream.concat(parley().stream(), libraries().stream().filter(jar -> !isNoModule(jar)))),
                "-cp", path(Stream.concat(Stream.of(classes), libraries().stream().filter(ModulePathIT::isNoModule)))));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no end after 120 s: " + Files.readString(output));
        }
        assertEquals(0, process.exitValue(), Files.readString(output));
        return Files.readAllLines(output);
    }
}
