package io.parley.core.policy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file so that a reader sees the former one or the whole new one. */
public final class WholeFile {
    /**
     * Stands between the name of a file and what tells writers apart in the name of the hidden file beside it that is being
     * written; one that a killed process left stays.
     */
    public static final String PARTIAL = ".partial-";

    /** What goes into the file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    private WholeFile() {}

    /**
     * Writes a file and forces it to the disk before it takes its name.
     *
     * @throws IOException if it cannot be written; the message names the file and says why, and the former one is left
     */
    public static void write(Path file, Content content) throws IOException {
        // Not a temporary file of the JDK's, which nobody but its owner may read.
        Path part = file.resolveSibling("." + file.getFileName() + PARTIAL + UUID.randomUUID());
        try {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw cannotWrite(file, e);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** The same, of bytes. */
    public static void write(Path file, byte[] bytes) throws IOException {
        write(file, channel -> {
            for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                channel.write(rest);
            }
        });
    }

    static IOException cannotWrite(Path file, IOException cause) {
        // The JDK's own messages are often the bare path, of a part at that.
        String reason = cause instanceof AccessDeniedException ? "access is denied"
                : cause instanceof NoSuchFileException ? "its folder is not there"
                : cause instanceof FileAlreadyExistsException ? "a file is in the way of the folder"
                : cause instanceof FileSystemException f && f.getReason() != null ? f.getReason()
                : cause.getMessage();
        return new IOException("cannot write " + file + ": " + reason, cause);
    }
}
