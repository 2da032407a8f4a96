package io.parley.benchmarks.cells;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The folder of a run: {@code experiment.yaml} (with every default written out), {@code plan.json} (rows and cells),
 * {@code cells/}, {@code logs/}. One process at a time works in it.
 */
public final class RunFolder implements AutoCloseable {
    /** Name of the resolved experiment inside the folder. */
    public static final String EXPERIMENT = "experiment.yaml";
    private static final String PLAN = "plan.json";
    private static final String LOCK = ".lock";
    /** Keys that no result depends on. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("workers", "cellMinutes", "checkpointMinutes");

    private final Path path;
    private final Plan plan;
    private final FileChannel channel;
    private final List<String> notices = new ArrayList<>();

    private RunFolder(Path path, Plan plan, FileChannel channel) {
        this.path = path;
        this.plan = plan;
        this.channel = channel;
    }

    /** Whether a folder holds a run. */
    public static boolean holdsRun(Path path) {
        return Files.exists(path.resolve(PLAN));
    }

    /**
     * Opens a new run, or one that is to be continued.
     *
     * @throws InputException if the folder holds something else, cannot be used, or is in use
     */
    public static RunFolder open(Path path, Plan plan, boolean resume) {
        try {
            if (Files.exists(path)) {
                refuse(path, plan, resume);
            }
            Files.createDirectories(path);
            FileChannel channel = lock(path).orElseThrow(() -> new InputException(
                    path + ": another process is working in it; wait for it or stop it"));
            try {
                RunFolder folder = new RunFolder(path, plan, channel);
                CellFolder.write(path.resolve(EXPERIMENT),
                        ExperimentSource.yaml(plan.resolved()).getBytes(StandardCharsets.UTF_8));
                CellFolder.write(path.resolve(PLAN), planJson(plan));
                Files.createDirectories(folder.logs());
                folder.clear();
                return folder;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | UncheckedIOException e) {
            Throwable cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
            String message = Failures.describe(cause);
            throw new InputException("--out " + path + ": cannot be used: " + message, e);
        }
    }

    private static void refuse(Path path, Plan plan, boolean resume) throws IOException {
        if (!Files.isDirectory(path)) {
            throw new InputException("--out " + path + ": there is a file of this name; name a folder");
        }
        if (!holdsRun(path)) {
            try (Stream<Path> entries = Files.list(path)) {
                Set<String> names = new TreeSet<>();
                entries.forEach(entry -> names.add(entry.getFileName().toString()));
                if (names.remove(LOCK)) {
                    // A run that was killed before it began.
                    names.remove(EXPERIMENT);
                    names.removeIf(name -> CellFolder.isPartial(Path.of(name)));
                }
                if (!names.isEmpty()) {
                    throw new InputException("--out " + path + ": holds " + String.join(", ", names.stream().limit(3).toList())
                            + " but no run; name a new or empty folder");
                }
            }
            return;
        }
        if (!resume) {
            throw new InputException("--out " + path
                    + ": holds a run already; continue it with --resume, or name another folder");
        }
        try {
            CellFolder.json(path.resolve(PLAN));
        } catch (JsonProcessingException e) {
            // It was cut off, and is written anew.
        }
        JsonNode present = ExperimentSource.file(path.resolve(EXPERIMENT)).tree();
        String difference = difference(present, CellFolder.JSON.readTree(plan.resolved().toString()));
        if (difference != null) {
            throw new InputException("--resume " + path + ": holds another experiment: " + difference
                    + "; name another folder with --out");
        }
    }

    /** The first place at which two experiments differ, aside from what no result depends on; null if there is none. */
    public static String difference(JsonNode there, JsonNode here) {
        return difference(CellSpecification.withoutPlaces(there), CellSpecification.withoutPlaces(here), "");
    }

    private static String difference(JsonNode there, JsonNode here, String at) {
        if (WITHOUT_EFFECT.contains(at) || there.equals(here) || there.isNumber() && here.isNumber()
                && there.decimalValue().compareTo(here.decimalValue()) == 0) {
            return null;
        }
        if (there.isObject() && here.isObject()) {
            Set<String> keys = new LinkedHashSet<>();
            there.fieldNames().forEachRemaining(keys::add);
            here.fieldNames().forEachRemaining(keys::add);
            for (String key : keys) {
                String difference = difference(there.path(key), here.path(key), at.isEmpty() ? key : at + "." + key);
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }
        if (there.isArray() && here.isArray() && there.size() == here.size()) {
            for (int i = 0; i < there.size(); i++) {
                String difference = difference(there.get(i), here.get(i), at + "[" + i + "]");
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }
        return at + " is " + (there.isMissingNode() ? "absent" : there) + " there and "
                + (here.isMissingNode() ? "absent" : here) + " here";
    }

    /** Keeps other processes out of the folder of a run until it is closed; empty if one is working in it. */
    public static Optional<FileChannel> lock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process.
        }
        channel.close();
        return Optional.empty();
    }

    private static byte[] planJson(Plan plan) throws IOException {
        ObjectNode node = CellFolder.JSON.createObjectNode();
        node.put("schema", 1);
        node.set("rows", CellFolder.JSON.valueToTree(plan.rows()));
        return CellFolder.JSON.writeValueAsBytes(node);
    }

    /**
     * The rows of the run in a folder, as they were planned.
     *
     * @throws InputException as {@link CellFolder#json} does
     */
    public static List<Plan.Row> rows(Path path) throws IOException {
        try {
            JsonNode rows = CellFolder.json(path.resolve(PLAN)).path("rows");
            if (!rows.isArray()) {
                throw new IOException(path.resolve(PLAN) + " is not a plan: it has no list of rows; --resume writes it anew");
            }
            return List.of(CellFolder.JSON.treeToValue(rows, Plan.Row[].class));
        } catch (JsonProcessingException e) {
            throw new IOException(
                    path.resolve(PLAN) + " is not a plan: " + Failures.describeJson(e) + "; --resume writes it anew", e);
        }
    }

    /** Throws away what killed workers left, and keeps nothing that is not whole. */
    private void clear() throws IOException {
        List<Path> partial = new ArrayList<>();
        try (Stream<Path> entries = Files.list(path)) {
            entries.filter(CellFolder::isPartial).forEach(partial::add);
        }
        Path cells = path.resolve("cells");
        if (Files.exists(cells)) {
            try (Stream<Path> walk = Files.walk(cells, 3)) {
                walk.filter(CellFolder::isPartial).forEach(partial::add);
            }
        }
        for (Path work : partial) {
            CellFolder.delete(work);
        }
        Iterator<Plan.Cell> planned = plan.cells().iterator();
        while (planned.hasNext()) {
            Plan.Cell cell = planned.next();
            try {
                if (CellFolder.read(path.resolve(cell.folder())) != null) {
                    CellCheckpoint.delete(path.resolve(cell.folder()));
                }
            } catch (IOException e) {
                notices.add(cell.title() + " is computed again: " + e.getMessage());
                CellFolder.delete(path.resolve(cell.folder()));
            }
        }
    }

    /** What was found to be broken when the run was opened. */
    public List<String> notices() {
        return List.copyOf(notices);
    }

    public Path path() {
        return path;
    }

    Path logs() {
        return path.resolve("logs");
    }

    Path folder(Plan.Cell cell) {
        return path.resolve(cell.folder());
    }

    /** Whether a cell is finished; broken ones are gone since {@link #open}. */
    boolean isWhole(Plan.Cell cell) {
        return Files.exists(folder(cell).resolve(CellFolder.MANIFEST));
    }

    public Plan plan() {
        return plan;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
