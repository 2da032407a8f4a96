package io.parley.checkpoints;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Writes a folder so that it appears whole or not at all. */
final class WholeFolder {
    /** What goes into the folder. */
    @FunctionalInterface
    interface Content {
        void writeTo(Path folder) throws IOException;
    }

    private WholeFolder() {}

    /**
     * Writes a folder of files.
     *
     * @param target absent or empty
     * @throws IOException if it is neither, or cannot be written
     */
    static void write(Path target, Content content) throws IOException {
        Path absolute = target.toAbsolutePath();
        requireFree(absolute);
        Files.createDirectories(absolute.getParent());
        Path whole = Files.createDirectory(absolute.resolveSibling(absolute.getFileName() + "." + UUID.randomUUID() + ".tmp"));
        try {
            content.writeTo(whole);
            Files.deleteIfExists(absolute);
            Files.move(whole, absolute, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            delete(whole);
        }
    }

    private static void requireFree(Path target) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new FileAlreadyExistsException(target + " is a file; name a new folder");
        }
        if (!files(target).isEmpty()) {
            throw new FileAlreadyExistsException(target + " is not empty, and nothing is written over; name a new folder");
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            for (Path file : files(folder)) {
                Files.delete(file);
            }
            Files.delete(folder);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
