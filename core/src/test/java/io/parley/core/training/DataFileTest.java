package io.parley.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.parley.core.plugin.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
