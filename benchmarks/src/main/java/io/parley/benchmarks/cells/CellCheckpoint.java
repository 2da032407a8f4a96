package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.plugin.Plugins;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.training.TrainingCheckpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * How far a cell is that is being computed: a folder {@code .NAME.checkpoint-N} beside the cell's, made as that is, so that
 * it is whole or not there. The next one, N + 1, is whole before the former goes; with the cell's end they are all gone.
 *
 * <p>The files: {@code policy/} (the policy and its optimiser; once training has ended, the policy alone), {@code curve.jsonl},
 * {@code checkpoint.json} and {@code manifest.json}, whose provenance is the code that made it: other code would go on
 * otherwise than it began.
 */
final class CellCheckpoint implements TrainingCheckpoint {
    private static final String KIND = ".checkpoint-";
    private static final String FILE = "checkpoint.json";
    private static final String CURVE = "curve.jsonl";
    private static final String POLICY = "policy";

    private final Path folder;
    private final CellSpecification cell;
    private final Map<String, String> inputs;
    private final Curve curve;
    private final Stopwatch spent;
    private final Plugins plugins;
    private final Duration every;
    private final Consumer<String> notes;

    private Path found;
    private Kept kept;
    private int number;
    private boolean continued;
    private boolean impossible;
    private long last = System.nanoTime();

    /**
     * What {@code checkpoint.json} says.
     *
     * @param state the algorithm's; null once training has ended
     * @param wallSeconds spent until then
     * @param cpuSeconds likewise
     */
    record Kept(JsonNode state, double wallSeconds, double cpuSeconds) {}

    /**
     * Finds the newest checkpoint of a cell.
     *
     * @param folder the cell's
     * @param inputs as its manifest will say
     * @param spent to which the time is added that was spent before
     * @param every how old a checkpoint is when it is replaced
     * @param notes told what a person should know
     */
    CellCheckpoint(Path folder, CellSpecification cell, Map<String, String> inputs, Curve curve, Stopwatch spent, Plugins plugins,
            Duration every, Consumer<String> notes) throws IOException {
        this.folder = folder;
        this.cell = cell;
        this.inputs = inputs;
        this.curve = curve;
        this.spent = spent;
        this.plugins = plugins;
        this.every = every;
        this.notes = notes;
        for (Path path : all(folder)) {
            number = Math.max(number, number(path));
            if (found == null && fits(path)) {
                found = path;
            }
        }
    }

    private boolean fits(Path path) {
        try {
            Manifest manifest = CellFolder.read(path);
            if (!manifest.specification().sameCell(cell) || !manifest.inputs().equals(inputs)) {
                leaveOut(path, "it is of another configuration or start");
                return false;
            }
            if (!manifest.provenance().equals(origin())) {
                leaveOut(path, "other code made it, so that going on would mix two versions");
                return false;
            }
            kept = CellFolder.JSON.readValue(path.resolve(FILE).toFile(), Kept.class);
            return true;
        } catch (IOException | InputException e) {
            leaveOut(path, Failures.describe(e));
            return false;
        }
    }

    private void leaveOut(Path path, String reason) {
        notes.accept("the checkpoint " + path + " is left out: " + reason);
    }

    private Map<String, JsonNode> origin() throws IOException {
        return Map.of("code", CellFolder.JSON.valueToTree(Provenance.everything(plugins)),
                "pluginPath", CellFolder.JSON.valueToTree(Provenance.jars(plugins)));
    }

    /** All of a cell, newest first. */
    private static List<Path> all(Path folder) throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        String prefix = prefix(folder);
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.filter(path -> path.getFileName().toString().matches("\\Q" + prefix + "\\E\\d{1,9}"))
                    .sorted(Comparator.comparingInt(CellCheckpoint::number).reversed())
                    .toList();
        }
    }

    private static String prefix(Path folder) {
        return "." + folder.getFileName() + KIND;
    }

    private static int number(Path path) {
        String name = path.getFileName().toString();
        return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
    }

    /** Throws away every checkpoint of a cell. */
    static void delete(Path folder) throws IOException {
        for (Path path : all(folder)) {
            CellFolder.delete(path);
        }
    }

    /** Whether the cell goes on from a checkpoint. */
    boolean continued() {
        return continued;
    }

    @Override
    public <S extends Record> Optional<S> restore(TrainablePolicy policy, Class<S> type) {
        if (found == null || kept.state() == null || kept.state().isNull()) {
            return Optional.empty();
        }
        S state;
        try {
            state = Plugins.strictMapper().treeToValue(kept.state(), type);
            policy.loadState(found.resolve(POLICY));
        } catch (IOException e) {
            leaveOut(found, Failures.describe(e));
            return Optional.empty();
        }
        takeUp();
        return Optional.of(state);
    }

    /**
     * Takes up training that had ended.
     *
     * @return whether it had
     */
    boolean restoreTrained(TrainablePolicy policy) {
        if (found == null || kept.state() != null && !kept.state().isNull()) {
            return false;
        }
        try {
            policy.load(found.resolve(POLICY));
        } catch (IOException e) {
            leaveOut(found, Failures.describe(e));
            return false;
        }
        takeUp();
        return true;
    }

    private void takeUp() {
        try {
            curve.replaceBy(found.resolve(CURVE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        spent.add(kept.wallSeconds(), kept.cpuSeconds());
        continued = true;
        notes.accept("goes on from " + found.getFileName() + ", after " + Math.round(kept.wallSeconds()) + " s of computing");
    }

    @Override
    public void keep(TrainablePolicy policy, Record state) {
        if (!impossible && due()) {
            write(policy::saveState, CellFolder.JSON.valueToTree(state));
        }
    }

    /** Once training has ended, so that a long evaluation does not put it at risk. */
    void keepTrained(TrainablePolicy policy) {
        if (due()) {
            write(policy::save, null);
        }
    }

    private boolean due() {
        return Duration.ofNanos(System.nanoTime() - last).compareTo(every) >= 0;
    }

    private interface Saver {
        void save(Path folder) throws IOException;
    }

    /** What goes wrong here costs the checkpoint, not the cell. */
    private void write(Saver policy, JsonNode state) {
        Path next = folder.resolveSibling(prefix(folder) + (number + 1));
        try {
            Path partial = CellFolder.partial(next);
            try {
                policy.save(partial.resolve(POLICY));
                curve.copyTo(partial.resolve(CURVE));
                Files.write(partial.resolve(FILE),
                        CellFolder.JSON.writeValueAsBytes(new Kept(state, spent.wallSeconds(), spent.cpuSeconds())));
                CellFolder.publish(partial, next, new Manifest(1, cell, cell.hash(), CellFolder.seal(partial), inputs, origin()));
            } finally {
                CellFolder.delete(partial);
            }
            number++;
            for (Path path : all(folder)) {
                if (number(path) < number) {
                    CellFolder.delete(path);
                }
            }
        } catch (UnsupportedOperationException e) {
            impossible = true;
            notes.accept("its training is not kept on the way, and begins anew when it is cut off: " + e.getMessage());
        } catch (IOException e) {
            notes.accept("no checkpoint could be written: " + Failures.describe(e));
        }
        last = System.nanoTime();
    }
}
