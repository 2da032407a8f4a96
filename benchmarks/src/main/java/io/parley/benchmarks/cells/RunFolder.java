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
 * The folder of a run: {@code experiment.yaml} (with every default written out), {@code written.yaml} (as it was written),
 * {@code plan.json} (rows and cells), {@code cells/}, {@code logs/}. One process at a time works in it.
 */
public final class RunFolder implements AutoCloseable {
    /** Name of the resolved experiment inside the folder. */
    public static final String EXPERIMENT = "experiment.yaml";
    private static final String WRITTEN = "written.yaml";
    private static final String PLAN = "plan.json";
    private static final String LOCK = ".lock";
    private static final String HEAD = "# As it was written, changed by --set: what --resume goes by. " + EXPERIMENT
            + " has every default too.\n";
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
     * The experiment that continues the run in a folder: as it was written, since defaults may depend on what a grid or an
     * algorithm changes; of a run that an earlier version made, with every default written out.
     *
     * @throws InputException if there is no run, or its experiment cannot be read
     */
    public static ExperimentSource source(Path path) {
        requireRun(path, " and name an experiment: a file, or --preset NAME");
        Path written = path.resolve(WRITTEN);
        return ExperimentSource.file(Files.exists(written) ? written : path.resolve(EXPERIMENT));
    }

    private static void requireRun(Path path, String more) {
        if (!holdsRun(path)) {
            throw new InputException("--resume: there is no run to continue in " + path + "; to start one, leave out --resume"
                    + more);
        }
    }

    /**
     * Opens a new run, or one that is to be continued.
     *
     * @throws InputException if the folder holds something else, cannot be used, or is in use, or if there is no run in it to
     *     continue
     */
    public static RunFolder open(Path path, Plan plan, boolean resume) {
        try {
            if (resume) {
                requireRun(path, "");
            }
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
                CellFolder.write(path.resolve(WRITTEN), (HEAD + ExperimentSource.yaml(plan.written())).getBytes(
                        StandardCharsets.UTF_8));
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
                    names.removeAll(Set.of(EXPERIMENT, WRITTEN));
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
        refuseAnother(path, plan);
    }

    /** Two plans are of one experiment if their rows show the same cells, which know by hash what files hold. */
    private static void refuseAnother(Path path, Plan plan) throws IOException {
        List<Plan.Row> planned = null;
        try {
            planned = rows(path);
        } catch (IOException e) {
            // It was cut off, and is written anew; the experiments alone are compared.
        }
        String row = planned == null ? null : difference(path, planned, plan);
        if (planned != null && row == null) {
            return;
        }
        JsonNode present = ExperimentSource.file(path.resolve(EXPERIMENT)).tree();
        String difference = difference(present, CellFolder.JSON.readTree(plan.resolved().toString()));
        String another = "--resume " + path + ": holds another experiment: ";
        if (difference != null) {
            throw new InputException(another + difference + movedFiles(present, difference.substring(0, difference.indexOf(' ')))
                    + "; name another folder with --out");
        }
        if (row != null) {
            throw new InputException(another + row + "; " + (Files.exists(path.resolve(WRITTEN))
                    ? "a file that it names or a plugin has changed since: bring back what it was"
                    : "this folder of an earlier version keeps only the experiment with every default written out, which do not "
                            + "follow what a grid or an algorithm changes: name the file it was written in, as run "
                            + "experiment.yaml --resume --out " + path) + ", or name another folder with --out");
        }
    }

    /** The first row that shows another cell, in words; null if there is none. */
    private static String difference(Path path, List<Plan.Row> there, Plan plan) {
        List<Plan.Row> here = plan.rows();
        if (there.size() != here.size()) {
            return "it has " + there.size() + " rows there and " + here.size() + " here";
        }
        for (int i = 0; i < here.size(); i++) {
            Plan.Row a = there.get(i);
            Plan.Row b = here.get(i);
            // A grid may name places of files, and where they lie now.
            if (!a.task().equals(b.task()) || !a.algorithm().equals(b.algorithm()) || a.seed() != b.seed()) {
                return "row " + i + " is " + name(a) + " there and " + name(b) + " here";
            }
            if (!a.cell().equals(b.cell())) {
                return name(a) + ": " + difference(path, a.cell(), plan, b.cell());
            }
        }
        return null;
    }

    private static String name(Plan.Row row) {
        return row.algorithm() + ", task " + row.task() + (row.grid().isEmpty() ? "" : ", grid " + row.grid())
                + ", seed " + row.seed();
    }

    private static String difference(Path path, String there, Plan plan, String here) {
        String difference = null;
        try {
            Manifest finished = CellFolder.manifest(path.resolve(there));
            Plan.Cell cell = plan.cells().stream().filter(planned -> planned.folder().equals(here)).findFirst().orElseThrow();
            difference = finished == null ? null : difference(CellFolder.JSON.valueToTree(finished.specification()),
                    CellFolder.JSON.valueToTree(cell.specification()));
        } catch (IOException e) {
            // A broken cell says nothing of what it is.
        }
        return difference != null ? difference : "its cell is " + there + " there and " + here + " here";
    }

    /** What to do where it is the hash of files that differs; empty elsewhere. */
    private static String movedFiles(JsonNode experiment, String at) {
        int dot = at.lastIndexOf('.');
        String plugin = at.substring(0, Math.max(0, dot)).replaceAll("\\[(\\d+)]", ".$1");
        return CellSpecification.place(experiment.at("/" + plugin.replace('.', '/')), at.substring(dot + 1))
                .map(place -> moved(plugin + "." + place)).orElse("");
    }

    /** Advice on files that are not where they were, or are not those that they were, by the setting that says where they lie. */
    public static String moved(String setting) {
        return "; what the run began with may lie elsewhere now: name the place with --set " + setting
                + (setting.matches(".*(file|people)") ? "=FILE" : "=DIR");
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
