package io.parley.core.training;

import io.parley.core.plugin.ConfigurationException;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file that a plugin reads, known by what it holds: two keys of its configuration, one that names the file and one for the
 * hash. Keys {@code file} and {@code sha256} of a plugin keep the place of the file out of what a cell is known by. Within a
 * JVM a file is read once; again when its size or its time of modification is another.
 *
 * @param key the one that names the file, such as {@code file}; problems are said there
 * @param file absolute once it is made; a relative one counts from the working folder
 * @param sha256 of its bytes, in hexadecimal digits; null for what it has now
 */
public record DataFile(String key, String file, String sha256) {
    /** By place, size and time: an experiment asks once a seed and task, and a file may have gigabytes. */
    private static final Map<String, String> KNOWN = new ConcurrentHashMap<>();
    /** A file that changed within it may change again without its time showing it. */
    private static final Duration CLOCK_STEP = Duration.ofSeconds(2);

    /** @throws ConfigurationException at {@code key} if there is no such file, it cannot be read, or it holds something else */
    public DataFile {
        file = Path.of(file).toAbsolutePath().normalize().toString();
        if (!Files.isRegularFile(Path.of(file))) {
            throw new ConfigurationException(key, "there is no file " + file);
        }
        String found;
        try {
            found = hash(Path.of(file));
        } catch (IOException e) {
            throw new ConfigurationException(key, file + " cannot be read: " + e.getMessage(), e);
        }
        sha256 = sha256 == null ? found : sha256;
        if (!sha256.equals(found)) {
            throw new ConfigurationException(key, file + " has sha256 " + found + ", expected " + sha256
                    + ": it is another file now");
        }
    }

    private static String hash(Path file) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        if (now.lastModifiedTime().toInstant().isAfter(Instant.now().minus(CLOCK_STEP))) {
            return PolicyFiles.sha256(file);
        }
        String state = file + " " + now.size() + " " + now.lastModifiedTime();
        String known = KNOWN.get(state);
        if (known == null) {
            known = PolicyFiles.sha256(file);
            KNOWN.put(state, known);
        }
        return known;
    }

    /** The file that the key {@code file} names. */
    public DataFile(String file, String sha256) {
        this("file", file, sha256);
    }
}
