package io.parley.testkit;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import io.parley.core.random.RandomStreams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/** Contexts whose class path names one more provider, as if its jar were there. */
final class Lone {
    private Lone() {}

    static PluginContext context(long seed, Class<?> kind, Provider<?> provider) {
        try {
            Path jar = Files.createTempDirectory("lone");
            Path services = Files.createDirectories(jar.resolve("META-INF/services"));
            Files.writeString(services.resolve(kind.getName()), provider.getClass().getName());
            services.resolve(kind.getName()).toFile().deleteOnExit();
            ClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, Lone.class.getClassLoader());
            return PluginContext.of(new RandomStreams(seed), new Plugins(loader));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
