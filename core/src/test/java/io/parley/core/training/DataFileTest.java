package io.parley.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.parley.core.plugin.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFileTest {
    /** Of "abc": the first example of FIPS 180. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    private Path folder;

    @Test
    void aFileIsItsHashWhereverItLies() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "abc");
        Path relative = Path.of("").toAbsolutePath().relativize(file);
        assertEquals(new DataFile("people", file.toString(), ABC), new DataFile("people", relative.toString(), null));
        Path moved = Files.move(file, folder.resolve("b"));
        assertEquals(ABC, new DataFile(moved.toString(), ABC).sha256());
    }

    @Test
    void aFileIsReadAgainWhenItMayHaveChanged() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "abc");
        FileTime longAgo = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(file, longAgo);
        assertEquals(ABC, hash(file));
        Files.setLastModifiedTime(Files.writeString(file, "abd"), longAgo);
        assertEquals(ABC, hash(file), "size and time are the same: it is not read");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_001));
        assertNotEquals(ABC, hash(file), "another time");
        Files.setLastModifiedTime(Files.writeString(file, "abcd"), longAgo);
        assertNotEquals(ABC, hash(file), "another size");

        // Two writes within one step of the file system's clock have the same time.
        FileTime justNow = FileTime.from(Instant.now());
        Files.setLastModifiedTime(Files.writeString(file, "abd"), justNow);
        assertNotEquals(ABC, hash(file));
        Files.setLastModifiedTime(Files.writeString(file, "abc"), justNow);
        assertEquals(ABC, hash(file));
    }

    private static String hash(Path file) {
        return new DataFile(file.toString(), null).sha256();
    }

    @Test
    void whatIsWrongIsSaidAtTheKeyThatNamesTheFile() throws IOException {
        Path file = folder.resolve("a").toAbsolutePath();
        refused("people: there is no file " + file, file, ABC);
        Files.writeString(file, "abc");
        refused("people: " + file + " has sha256 " + ABC + ", expected 00ff: it is another file now", file, "00ff");
        refused("people: there is no file " + folder.toAbsolutePath(), folder, null);
    }

    private static void refused(String message, Path file, String sha256) {
        assertEquals(message, assertThrows(
                ConfigurationException.class, () -> new DataFile("people", file.toString(), sha256)).getMessage());
    }
}
