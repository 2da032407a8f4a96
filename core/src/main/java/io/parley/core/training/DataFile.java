package io.parley.core.training;

import io.parley.core.plugin.ConfigurationException;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A file that a plugin reads, known by what it holds: two keys of its configuration, one that names the file and one for the
 * hash. Keys {@code file} and {@code sha256} of a plugin keep the place of the file out of what a cell is known by. Within a
 * JVM a file is read once; again when its size or its time of modification is another.
 *
 * @param key the one that names the file, such as {@code file}; problems are said there
 * @param file absolute once it is made; a relative one counts from the working folder
 * @param sha256 of its bytes, in hexadecimal digits, in lower case once it is made; null for what it has now
 */
public record DataFile(String key, String file, String sha256) {
    /** @throws ConfigurationException at {@code key} if there is no such file, it cannot be read, or it holds something else */
    public DataFile {
        file = Path.of(file).toAbsolutePath().normalize().toString();
        if (!Files.isRegularFile(Path.of(file))) {
            throw new ConfigurationException(key, "there is no file " + file);
        }
        String found;
        try {
            found = PolicyFiles.rememberedSha256(Path.of(file));
        } catch (IOException e) {
            throw new ConfigurationException(key, file + " cannot be read: " + e.getMessage(), e);
        }
        sha256 = sha256 == null ? found : sha256.toLowerCase(Locale.ROOT);
        if (!sha256.equals(found)) {
            throw new ConfigurationException(key, file + " has sha256 " + found + ", expected " + sha256
                    + ": it is another file now");
        }
    }

    /** The file that the key {@code file} names. */
    public DataFile(String file, String sha256) {
        this("file", file, sha256);
    }
}
