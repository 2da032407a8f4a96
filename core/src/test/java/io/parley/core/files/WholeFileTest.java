package io.parley.core.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
    @TempDir
    private Path folder;

    @Test
    void aWriteThatFailsLeavesTheFormerFileAndNothingElse() throws IOException {
        Path file = folder.resolve("file");
        WholeFile.write(file, "former".getBytes());
        IOException failed = assertThrows(IOException.class, () -> WholeFile.write(file, channel -> {
            channel.write(ByteBuffer.wrap("ne".getBytes()));
            throw new IOException("no space");
        }));
        assertEquals("cannot write " + file + ": no space", failed.getMessage());
        assertEquals("former", Files.readString(file));
        WholeFile.write(file, "new".getBytes());
        assertEquals("new", Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
        Path nowhere = folder.resolve("none/file");
        assertEquals("cannot write " + nowhere + ": its folder is not there",
                assertThrows(IOException.class, () -> WholeFile.write(nowhere, new byte[0])).getMessage());
    }

    /** A run is often read by others than who started it. */
    @Test
    void whoMayReadNewFilesMayReadTheseToo() throws IOException {
        assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"));
        Path other = Files.writeString(folder.resolve("other"), "");
        Path file = folder.resolve("file");
        WholeFile.write(file, new byte[1]);
        assertEquals(Files.getPosixFilePermissions(other), Files.getPosixFilePermissions(file));
    }
}
