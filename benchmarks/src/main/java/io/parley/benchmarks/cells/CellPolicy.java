package io.parley.benchmarks.cells;

import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Plugins;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The policy of a finished cell, as it was judged: what the cell trained, the start that it judged, or a scripted policy.
 *
 * @param specification of the cell
 * @param task the cell's task
 * @param policy the caller closes it
 */
public record CellPolicy(CellSpecification specification, Task task, Policy policy) implements AutoCloseable {
    /** Where a cell keeps the policy that it trained. */
    static final String POLICY = "policy";
    private static final int LISTED = 8;

    /**
     * Reads the specification of the cell in a folder.
     *
     * @throws InputException if there is no whole cell; the message names cells that are there
     */
    public static CellSpecification specification(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder
                    + ": there is no such folder; name a cell of a run, such as runs/quickstart/cells/icr/…/1");
        }
        if (!Files.exists(folder.resolve(CellFolder.MANIFEST))) {
            List<String> cells = cells(folder);
            throw new InputException(folder + ": holds no " + CellFolder.MANIFEST + ", so it is no finished cell"
                    + (cells.isEmpty() ? "" : "; cells in it are:\n  " + String.join("\n  ", cells)));
        }
        try {
            return CellFolder.read(folder).specification();
        } catch (IOException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    private static List<String> cells(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder, 5)) {
            List<String> all = walk.filter(path -> path.endsWith(CellFolder.MANIFEST)).map(Path::getParent)
                    .filter(cell -> !cell.getFileName().toString().startsWith(".")).map(Path::toString).sorted().toList();
            return all.size() <= LISTED
                    ? all
                    : Stream.concat(all.stream().limit(LISTED), Stream.of("and " + (all.size() - LISTED) + " more")).toList();
        } catch (UncheckedIOException e) {
            // A folder that may not be looked into: the list is only a help.
            return List.of();
        }
    }

    /**
     * Reads the specification of the cell in a folder, to make its policy again.
     *
     * @param base where the files of its policy lie, such as the folder of a pretrained model; null for where they lay then
     * @throws InputException if there is no whole cell, or these files are not there or are others
     */
    static CellSpecification specification(Path folder, Path base, Plugins plugins) throws IOException {
        CellSpecification cell = specification(folder);
        try {
            CellSpecification here = base == null ? cell : cell.withBase(base.toAbsolutePath().normalize().toString());
            plugins.config(plugins.find(PolicyProvider.class, here.policy().id()), here.policy());
            return here;
        } catch (ConfigurationException | IllegalArgumentException e) {
            throw new InputException(folder + ": its policy cannot be made again: " + e.getMessage()
                    + (cell.hasBase() ? "; base names the folder where the model of this cell lies now" : ""), e);
        }
    }

    /**
     * Opens the policy of the cell in a folder.
     *
     * @param base where the files of its policy lie, such as the folder of a pretrained model; null for where they lay then
     * @throws InputException if there is no whole cell, the files of its policy are not there or are others, or the cell that it
     *     begins with is not where runs keep it
     */
    public static CellPolicy open(Path folder, Path base, Plugins plugins) throws IOException {
        return open(specification(folder, base, plugins), folder, plugins);
    }

    /** The same, of a cell whose specification was read already, with the place of its policy's files in it. */
    static CellPolicy open(CellSpecification cell, Path folder, Plugins plugins) throws IOException {
        PluginContext context = PluginContext.of(new RandomStreams(cell.seed()).derive("plugins"), plugins);
        Task task = task(cell, context);
        Policy policy = create(cell, task, cell.counterfactuals().stream()
                .map(spec -> (Counterfactual) plugins.find(CounterfactualProvider.class, spec.id()).configured(spec, context))
                .toList(), context);
        try {
            Path trained = trained(cell, folder);
            if (trained != null) {
                ((TrainablePolicy) policy).load(trained.resolve(POLICY));
            }
            return new CellPolicy(cell, task, policy);
        } catch (IOException | RuntimeException e) {
            policy.close();
            throw e;
        }
    }

    /**
     * The cell whose training made the policy of the cell in a folder: that cell itself, or the start that it judges.
     *
     * @throws InputException if there is no whole cell, or nothing was trained for it
     */
    public static Trained trained(Path folder) throws IOException {
        CellSpecification cell = specification(folder);
        Path trained = trained(cell, folder);
        if (trained == null) {
            throw new InputException(folder + ": judges '" + cell.policy().id() + "' as it is; nothing was trained there");
        }
        return new Trained(CellFolder.read(trained), trained.resolve(POLICY));
    }

    /**
     * What a cell trained.
     *
     * @param manifest of the cell
     * @param saved folder of the saved policy
     */
    public record Trained(Manifest manifest, Path saved) {}

    /** The task of a cell. */
    public static Task task(CellSpecification cell, PluginContext context) {
        return context.plugins().find(TaskProvider.class, cell.task().id()).configured(cell.task(), context);
    }

    /** A new policy, with room for what counterfactuals may say. */
    static Policy create(CellSpecification cell, Task task, List<Counterfactual> counterfactuals, PluginContext context) {
        return context.plugins().find(PolicyProvider.class, cell.policy().id()).configured(
                cell.policy(), task.text().withNotices(counterfactuals.stream().map(Counterfactual::notice).toList()), context);
    }

    /** The folder of the cell whose training made the policy; null if none did. */
    private static Path trained(CellSpecification cell, Path folder) {
        if (cell.algorithm() != null) {
            return folder;
        }
        return cell.start() == null ? null : start(cell, folder);
    }

    /**
     * The folder of the cell that a cell begins with.
     *
     * @param folder of the cell
     * @throws InputException if it is not there
     */
    static Path start(CellSpecification cell, Path folder) {
        // cells/<label>/<hash>/<seed> beside cells/start/<hash>/<seed>
        Path hash = folder.toAbsolutePath().normalize().getParent();
        Path label = hash == null ? null : hash.getParent();
        if (label == null) {
            throw new InputException(folder + ": begins with the start, whose cell should lie beside it, as in the "
                    + "folder cells of a run: name it there");
        }
        Path start = label.resolveSibling("start").resolve(cell.start()).resolve(String.valueOf(cell.seed()));
        if (!Files.exists(start.resolve(CellFolder.MANIFEST))) {
            throw new InputException(folder + ": begins with the start, whose cell should be " + start + ", but is not there");
        }
        return start;
    }

    @Override
    public void close() {
        policy.close();
    }
}
