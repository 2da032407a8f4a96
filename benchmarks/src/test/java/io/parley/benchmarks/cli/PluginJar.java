package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Builds a stranger's jar from source texts, with the JDK's own compiler. */
final class PluginJar {
    private static final String ALGORITHM = "io.parley.core.training.AlgorithmProvider";
    private static final String PARTNER = "io.parley.core.task.InterventionAgentProvider";

    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> services = new TreeMap<>();
    private final List<String> left = new ArrayList<>();

    /**
     * Adds an algorithm whose id is its class's name in lower case.
     *
     * @param members of the provider, beside {@code spiVersion} unless they hold it
     * @param create statements of {@code create(config, plugins)}
     */
    PluginJar algorithm(String name, String members, String create) {
        source("org.stranger." + name, """
                package org.stranger;

                import io.parley.core.plugin.PluginContext;
                import io.parley.core.plugin.Spi;
                import io.parley.core.policy.SamplingConfig;
                import io.parley.core.training.AlgorithmProvider;
                import io.parley.core.training.AlignmentAlgorithm;
                import io.parley.core.training.Rollout;
                import java.nio.file.Files;
                import java.nio.file.Path;
                import java.util.List;
                import java.util.Map;

                public final class NAME implements AlgorithmProvider<NAME.Config> {
                    public record Config(Double rate) {
                        public Config {
                            rate = rate == null ? 0.1 : rate;
                            if (!(rate > 0)) {
                                throw new IllegalArgumentException("rate is " + rate + "; above 0");
                            }
                        }
                    }
                    MEMBERS
                    public String description() { return "Of a stranger."; }
                    public Class<Config> configType() { return Config.class; }
                    public AlignmentAlgorithm create(Config config, PluginContext plugins) {
                        CREATE
                    }
                }
                """.replace("MEMBERS", members
                        + (members.contains(" id()") ? "" : "public String id() { return \"" + name.toLowerCase() + "\"; }")
                        + (members.contains(" spiVersion()") ? "" : "public int spiVersion() { return Spi.VERSION; }"))
                .replace("CREATE", create).replace("NAME", name));
        return provides(ALGORITHM, "org.stranger." + name);
    }

    /** Adds an algorithm that does something wrong when it trains. */
    PluginJar algorithm(String name, String train) {
        return algorithm(name, "", "return (context, policy) -> { " + train + " };");
    }

    /** Adds a partner that always lies, and says that it is not to be pooled. */
    PluginJar liar() {
        source("org.stranger.Liar", """
                package org.stranger;

                import io.parley.core.plugin.NoConfig;
                import io.parley.core.plugin.PluginContext;
                import io.parley.core.plugin.Spi;
                import io.parley.core.task.Intervention;
                import io.parley.core.task.InterventionAgent;
                import io.parley.core.task.InterventionAgentProvider;

                public final class Liar implements InterventionAgentProvider<NoConfig> {
                    public String id() { return "liar"; }
                    public String description() { return "Lies."; }
                    public int spiVersion() { return Spi.VERSION; }
                    public Class<NoConfig> configType() { return NoConfig.class; }
                    public boolean pooled() { return false; }
                    public InterventionAgent create(NoConfig config, PluginContext context) {
                        return (view, streams) -> new Intervention(
                                view.falseSuggestion(streams.stream("liar", view.episode(), view.round(), 0)), \
                Intervention.Tone.CONFIDENT);
                    }
                }
                """);
        return provides(PARTNER, "org.stranger.Liar");
    }

    PluginJar source(String name, String text) {
        sources.put(name, text);
        return this;
    }

    PluginJar provides(String service, String provider) {
        services.merge(service, provider, (former, own) -> former + "\n" + own);
        return this;
    }

    /** Leaves classes whose path holds a text out of the jar. */
    PluginJar without(String part) {
        left.add(part);
        return this;
    }

    /** @param classPath what the sources need beside the tests' own class path */
    Path write(Path jar, Path... classPath) throws IOException {
        Path classes = Files.createTempDirectory(jar.toAbsolutePath().getParent(), "classes");
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((name, text) -> units.add(
                new SimpleJavaFileObject(URI.create("string:///" + name.replace('.', '/') + ".java"),
                        JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                }));
        String path = System.getProperty("java.class.path");
        for (Path more : classPath) {
            path += System.getProperty("path.separator") + more;
        }
        assertTrue(units.isEmpty() || ToolProvider.getSystemJavaCompiler().getTask(null, null, null,
                List.of("-d", classes.toString(), "-cp", path, "-parameters", "-proc:none"), null, units).call());
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "7.1");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(classes)) {
            files.filter(Files::isRegularFile).sorted().forEach(file -> {
                String name = classes.relativize(file).toString().replace('\\', '/');
                if (left.stream().noneMatch(name::contains)) {
                    put(entries, name, read(file));
                }
            });
            services.forEach((service, providers) -> put(entries, "META-INF/services/" + service, providers.getBytes()));
        }
        return jar;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(JarOutputStream jar, String name, byte[] content) {
        try {
            jar.putNextEntry(new JarEntry(name));
            jar.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
