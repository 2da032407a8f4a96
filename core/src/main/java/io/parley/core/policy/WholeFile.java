package io.parley.checkpoints;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file so that a reader sees the former one or the whole new one. */
final class WholeFile {
    /** What goes into the file. */
    @FunctionalInterface
    interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    private WholeFile() {}

    /** @throws IOException if it cannot be written; the message names the file and says why, and the former one is left */
    static void write(Path file, Content content) throws IOException {
        // Not a temporary file of the JDK's, which nobody but its owner may read.
        Path whole = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (AccessDeniedException e) {
            throw new IOException("cannot write " + file + ": access is denied", e);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot write " + file + ": its folder is not there", e);
        } finally {
            Files.deleteIfExists(whole);
        }
    }
}
