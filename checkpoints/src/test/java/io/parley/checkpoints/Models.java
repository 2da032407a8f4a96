package io.parley.checkpoints;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The small checkpoints that {@code fixtures.py} made. */
final class Models {
    static final Path FOLDER = Path.of("src/test/models");

    private Models() {}

    static List<String> names() {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode expected(String name) throws IOException {
        return JsonFile.JSON.readTree(FOLDER.resolve(name).resolve("expected.json").toFile());
    }

    /** A copy of a folder's files, without its adapter. */
    static Path copy(String name, Path target) throws IOException {
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(FOLDER.resolve(name))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return target;
    }

    static void edit(Path file, Consumer<ObjectNode> change) throws IOException {
        ObjectNode node = JsonFile.read(file, "").node();
        change.accept(node);
        JsonFile.write(file, node);
    }
}
