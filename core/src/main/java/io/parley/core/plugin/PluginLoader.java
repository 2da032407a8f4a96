package io.parley.core.plugin;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/**
 * The classes of one plugin: a jar, or a folder that holds a jar and its libraries. What the service provider interface
 * is made of comes from the parent, so that both sides mean the same classes; everything else comes from the plugin's own
 * jars first, so that two plugins can use one library in two versions.
 */
final class PluginLoader extends URLClassLoader {
    private static final List<String> SHARED = List.of("io.parley.core.", "ai.djl.", "com.fasterxml.jackson.", "org.slf4j.");
    private static final String CORE = "io/parley/core/";
    private static final String SERVICES = "META-INF/services/";

    static {
        registerAsParallelCapable();
    }

    private final List<Path> jars;

    private PluginLoader(Path entry, List<Path> jars, ClassLoader parent) {
        super(entry.getFileName().toString(), urls(jars), parent);
        this.jars = jars;
    }

    /**
     * Opens a jar or a folder of jars.
     *
     * @throws ConfigurationException if it cannot hold a plugin; the path is the file
     */
    static PluginLoader open(Path entry, ClassLoader parent) {
        if (!Files.exists(entry)) {
            throw refused(entry,
                    "there is no such file or folder; name a plugin's jar, or a folder with it and its libraries", null);
        }
        List<Path> jars = Files.isDirectory(entry) ? jarsIn(entry) : List.of(entry);
        Map<String, Path> services = new TreeMap<>();
        jars.forEach(jar -> inspect(jar, services));
        if (services.isEmpty()) {
            throw refused(entry, "provides no plugin: a plugin's jar names its providers in " + SERVICES
                    + "<interface>, such as " + SERVICES + "io.parley.core.training.AlgorithmProvider", null);
        }
        services.forEach((service, jar) -> requireKind(service, jar, parent));
        return new PluginLoader(entry.toAbsolutePath().normalize(), jars, parent);
    }

    private static List<Path> jarsIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
            if (jars.isEmpty()) {
                throw refused(folder, "holds no jar; name a plugin's jar, or a folder with it and its libraries", null);
            }
            return jars;
        } catch (IOException e) {
            throw refused(folder, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** Refuses what is no jar or bundles core, and collects the interfaces that the jar has providers of. */
    private static void inspect(Path jar, Map<String, Path> services) {
        try (JarFile file = new JarFile(jar.toFile())) {
            List<String> names = file.stream().map(JarEntry::getName).toList();
            for (String name : names) {
                if (name.replaceFirst("^META-INF/versions/\\d+/", "").startsWith(CORE) && name.endsWith(".class")) {
                    throw refused(jar, "bundles io.parley.core, which the plugin and its host have to share: leave it out "
                            + "(scope 'provided' in Maven, 'compileOnly' in Gradle)", null);
                }
                if (name.startsWith(SERVICES + "io.parley.core.")) {
                    services.put(name.substring(SERVICES.length()), jar);
                }
            }
        } catch (ZipException e) {
            throw refused(jar, "is not a jar, or is cut short (" + e.getMessage() + "); build or copy it again", e);
        } catch (IOException e) {
            throw refused(jar, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static void requireKind(String service, Path jar, ClassLoader parent) {
        try {
            if (Provider.class.isAssignableFrom(Class.forName(service, false, parent))) {
                return;
            }
        } catch (ClassNotFoundException | LinkageError e) {
            throw refused(jar, SERVICES + service + ": there is no such interface in this version of io.parley.core", e);
        }
        throw refused(jar, SERVICES + service + ": this is not an interface of plugins", null);
    }

    private static ConfigurationException refused(Path path, String problem, Throwable cause) {
        return new ConfigurationException("plugin path, " + path, problem, cause);
    }

    private static URL[] urls(List<Path> jars) {
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars) {
            try {
                urls.add(jar.toAbsolutePath().normalize().toUri().toURL());
            } catch (MalformedURLException e) {
                throw refused(jar, "cannot be named by a URL: " + e.getMessage(), e);
            }
        }
        return urls.toArray(URL[]::new);
    }

    /** Its jars, the libraries included. */
    List<Path> jars() {
        return jars;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (SHARED.stream().noneMatch(name::startsWith)) {
            synchronized (getClassLoadingLock(name)) {
                try {
                    Class<?> loaded = findLoadedClass(name);
                    return loaded != null ? loaded : findClass(name);
                } catch (ClassNotFoundException e) {
                    // The parent may have it.
                }
            }
        }
        return super.loadClass(name, resolve);
    }

    @Override
    public URL getResource(String name) {
        URL own = findResource(name);
        return own != null ? own : super.getResource(name);
    }

    /** Providers are looked up among the plugin's own: those of the host are none of its. */
    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return name.startsWith(SERVICES + "io.parley.core.") ? findResources(name) : super.getResources(name);
    }
}
