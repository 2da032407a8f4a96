package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.experiment.InputException;
import io.parley.tasks.scoring.DeliData;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Groups of people that were read from files, one a file. */
final class DeliDataFiles {
    private static final byte[] BYTE_ORDER_MARK = "\uFEFF".getBytes(StandardCharsets.UTF_8);

    private final Map<String, Path> fileOfGroup = new HashMap<>();
    private final List<DeliData.Group> groups = new ArrayList<>();

    /** In the order in which they were added. */
    List<DeliData.Group> groups() {
        return groups;
    }

    /** @throws InputException if it is no file of a group, or the group was added before */
    void add(Path file) {
        DeliData.Group group = read(file);
        Path former = fileOfGroup.putIfAbsent(group.id(), file);
        if (former != null) {
            throw new InputException(file + ", line 2: group_id is " + group.id() + ", as in " + former
                    + "; a group counts once");
        }
        groups.add(group);
    }

    /** A file, or the files directly in a folder but the hidden ones. */
    static List<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> inside = Files.list(path)) {
            List<Path> files = inside.filter(file -> Files.isRegularFile(file) && !file.getFileName().toString().startsWith("."))
                    .sorted().toList();
            if (files.isEmpty()) {
                throw new InputException(path + " is a folder without files; name files, or a folder that they lie directly in");
            }
            return files;
        } catch (IOException e) {
            throw new InputException(path + " cannot be read: " + Failures.describe(e), e);
        }
    }

    /** Unpacks what is named as gzipped, and passes over the mark with which Windows begins a text in UTF-8. */
    static InputStream open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            BufferedInputStream text = new BufferedInputStream(file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in);
            text.mark(BYTE_ORDER_MARK.length);
            if (!Arrays.equals(text.readNBytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
                text.reset();
            }
            return text;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static DeliData.Group read(Path file) {
        byte[] bytes;
        try (InputStream in = open(file)) {
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Failures.describe(e), e);
        }
        CharBuffer text = CharBuffer.allocate(bytes.length);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (StandardCharsets.UTF_8.newDecoder().decode(in, text, true).isError()) {
            long line = 1 + new String(bytes, 0, in.position(), StandardCharsets.UTF_8).chars().filter(c -> c == '\n').count();
            throw new InputException(file + ", line " + line + ": is not a text in UTF-8");
        }
        try {
            return DeliData.parse(text.flip().toString());
        } catch (IllegalArgumentException e) {
            throw new InputException(file + ", " + e.getMessage(), e);
        }
    }
}
