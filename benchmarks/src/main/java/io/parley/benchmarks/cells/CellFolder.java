package io.parley.benchmarks.cells;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.files.WholeFile;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Files that are either whole or not there: a folder is computed beside its place and moved there in one step, after its
 * manifest, and everything that the manifest names is on the disk first.
 */
public final class CellFolder {
    /** Name of the manifest inside a cell's folder. */
    public static final String MANIFEST = "manifest.json";
    static final ObjectMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Of the forms of manifest.json, metrics.json and plan.json; each has its own, and all are at 1. */
    private static final int SCHEMA = 1;

    private CellFolder() {}

    /** A place to work on a folder, beside it. */
    static Path partial(Path folder) throws IOException {
        Files.createDirectories(folder.getParent());
        // Not a temporary folder of the JDK's, which nobody but its owner may read, and which is moved as it is.
        return Files.createDirectory(folder.resolveSibling("." + folder.getFileName() + WholeFile.PARTIAL + UUID.randomUUID()));
    }

    /** Whether a path is work that was never finished. */
    static boolean isPartial(Path path) {
        return path.getFileName().toString().startsWith(".") && path.getFileName().toString().contains(WholeFile.PARTIAL);
    }

    /**
     * What a manifest, the metrics of a cell or a plan say.
     *
     * @throws InputException if they are of a schema that this version does not know
     * @throws JsonProcessingException if the file was cut off or is another one
     */
    public static JsonNode json(Path file) throws IOException {
        JsonNode node = JSON.readTree(Files.readAllBytes(file));
        JsonNode schema = node.path("schema");
        if (schema.isMissingNode()) {
            throw JsonMappingException.from((JsonParser) null, "it says no schema");
        }
        if (!schema.equals(JSON.getNodeFactory().numberNode(SCHEMA))) {
            throw new InputException(file + ": schema is " + schema + "; this version of Parley reads " + SCHEMA
                    + ": use the version that wrote it");
        }
        return node;
    }

    /**
     * The manifest of a folder, whatever became of the files that it names.
     *
     * @return null if there is no such folder
     * @throws InputException as {@link #json} does
     * @throws IOException if the folder is there and holds no manifest; the message names the file
     */
    public static Manifest manifest(Path folder) throws IOException {
        try {
            return JSON.treeToValue(json(folder.resolve(MANIFEST)), Manifest.class);
        } catch (NoSuchFileException e) {
            if (Files.exists(folder)) {
                throw new IOException(folder + " has no " + MANIFEST + ": it was not finished", e);
            }
            return null;
        } catch (JsonProcessingException e) {
            throw new IOException(folder.resolve(MANIFEST) + " is not a manifest: " + Failures.describeJson(e), e);
        }
    }

    /**
     * The manifest of a folder that is whole.
     *
     * @return null if there is no such folder
     * @throws IOException if the folder is there but a file is missing or is not what the manifest says; the message
     *     names the file
     */
    public static Manifest read(Path folder) throws IOException {
        Manifest manifest = manifest(folder);
        if (manifest == null) {
            return null;
        }
        for (Map.Entry<String, Manifest.FileEntry> entry : manifest.files().entrySet()) {
            Path file = folder.resolve(entry.getKey());
            if (!Files.isRegularFile(file)) {
                throw new IOException(file + " is missing; the manifest beside it names it");
            }
            if (Files.size(file) != entry.getValue().bytes() || !PolicyFiles.sha256(file).equals(entry.getValue().sha256())) {
                throw new IOException(file + " has " + Files.size(file) + " bytes and is not the file of "
                        + entry.getValue().bytes() + " bytes that the manifest beside it names");
            }
        }
        return manifest;
    }

    /** Every file under a folder with its hash, each forced to the disk. */
    static Map<String, Manifest.FileEntry> seal(Path folder) throws IOException {
        Map<String, Manifest.FileEntry> files = new TreeMap<>();
        for (Path file : files(folder)) {
            force(file);
            files.put(folder.relativize(file).toString().replace('\\', '/'),
                    new Manifest.FileEntry(Files.size(file), PolicyFiles.sha256(file)));
        }
        return files;
    }

    /** Writes the manifest into the place of work and moves that to where it belongs. */
    static void publish(Path partial, Path folder, Manifest manifest) throws IOException {
        Path file = partial.resolve(MANIFEST);
        Files.write(file, JSON.writeValueAsBytes(manifest));
        force(file);
        force(partial);
        delete(folder);
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        force(folder.getParent());
    }

    /** Writes a file so that a reader sees the old one or the new one, and a machine that is cut off keeps the new one. */
    static void write(Path file, byte[] content) throws IOException {
        WholeFile.write(file, content);
        force(file.toAbsolutePath().getParent());
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(folder)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }

    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void force(Path path) throws IOException {
        boolean folder = Files.isDirectory(path);
        try (FileChannel channel = FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows opens no folders, and needs no force for a move.
            if (!folder) {
                throw e;
            }
        }
    }
}
