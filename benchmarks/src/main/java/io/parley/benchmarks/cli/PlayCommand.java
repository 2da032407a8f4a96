package io.parley.benchmarks.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.cells.CellPolicy;
import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.cells.Provenance;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.benchmarks.play.Play;
import io.parley.core.files.WholeFile;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "play",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "You are the partner: suggests what you type to a policy, and shows what it and its silent twin answer.")
final class PlayCommand implements Callable<Integer> {
    private static final int EPISODES = 5;

    @Parameters(arity = "0..1", paramLabel = "CELL_DIR|MODEL.onnx", description = "A finished cell of a run, such as "
            + "runs/quickstart/cells/icr/.../1, whose policy plays its task; or a file that export wrote.")
    private Path cell;

    @Option(names = "--base", paramLabel = "DIR", description = "The checkpoint that the cell was trained on, where it lies "
            + "elsewhere now.")
    private Path base;

    @Option(names = "--policy", paramLabel = "POLICY", description = "Plays this policy instead of the cell's, as "
            + "experiment.yaml names it: a scripted one such as copy-always, evidence-only, record-optimal.")
    private String policy;

    @Option(names = "--task", paramLabel = "TASK", description = "The task where there is no cell, such as wason or "
            + "'{id: wason, regime: single}'. Default: the one that an exported policy was trained for; wason.")
    private String task;

    @Option(names = "--episodes", paramLabel = "N", description = "Episodes to play. Default: " + EPISODES
            + ", and with --replay those of the record.")
    private Integer episodes;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "The same seed gives the same questions, and "
            + "the same answers to the same suggestions. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--log", paramLabel = "FILE", description = "Records the dialogues, for score and --replay; a new file.")
    private Path log;

    @Option(names = "--replay", paramLabel = "FILE", description = "Makes the suggestions of a recorded log again, to this "
            + "policy, instead of asking. Give the seed of the record.")
    private Path replay;

    @Mixin
    private PluginPath pluginPath;

    @Spec
    private CommandSpec spec;

    private final PluginBinder binder;
    /** Whether the log is this play's own. */
    private boolean claimed;

    @Inject
    PlayCommand(PluginBinder binder) {
        this.binder = binder;
    }

    @Override
    public Integer call() throws IOException {
        if (episodes != null && episodes < 1) {
            throw new InputException("--episodes is " + episodes + "; at least 1");
        }
        if (episodes != null && replay != null) {
            throw new InputException("--episodes " + episodes + ": --replay has those that were recorded; leave one of them out");
        }
        if (cell == null && policy == null) {
            throw new InputException("play needs a collaborator: the folder of a finished cell, or --policy such as copy-always");
        }
        PluginSpec frozen = cell != null && Files.isRegularFile(cell)
                ? PluginSpec.of("onnx", Map.of("path", cell.toString())) : null;
        if (frozen != null && policy != null) {
            throw new InputException("--policy " + policy + ": " + cell + " is a policy too; leave one of them out");
        }
        if (frozen == null && cell != null && task != null) {
            throw new InputException("--task " + task + ": the cell names its task; leave one of them out");
        }
        boolean trainedHere = cell != null && frozen == null && policy == null;
        if (base != null && !trainedHere) {
            throw new InputException("--base " + base + ": is for the policy of a cell; leave it out");
        }
        List<JsonNode> recorded = replay == null ? List.of() : ScoreCommand.read(replay);
        WorkerLauncher.hereAsInWorkers();
        if (trainedHere) {
            try (CellPolicy trained = CellPolicy.open(cell, base, binder.context().plugins())) {
                ObjectNode from = provenance(trained.specification().task(), trained.specification().policy());
                play(trained.task(), trained.policy(), from.put("cell", trained.specification().hash())
                        .put("cellSeed", trained.specification().seed()), recorded);
            }
            return 0;
        }
        PluginSpec policySpec = frozen != null ? frozen : spec("--policy", policy);
        PluginSpec taskSpec = task != null ? spec("--task", task)
                : frozen != null
                        ? binder.trainedAs(frozen).map(CellSpecification::task).orElse(PluginSpec.of("wason"))
                : cell != null ? CellPolicy.specification(cell).task() : PluginSpec.of("wason");
        Task made = make(task != null || cell == null ? "--task" : "the task of " + cell, () -> binder.make(TaskProvider.class, taskSpec,
                (provider, config, context) -> PlayCommand.<TaskProvider<Record>>typed(provider).create(config, context)));
        try (Policy scripted = make(frozen != null ? cell.toString() : "--policy",
                () -> binder.make(PolicyProvider.class, policySpec, (provider, config, context) ->
                        PlayCommand.<PolicyProvider<Record>>typed(provider).create(config, made.text(), context)))) {
            play(made, scripted, provenance(taskSpec, binder.canonical(PolicyProvider.class, policySpec)), recorded);
        }
        return 0;
    }

    private void play(Task played, Policy collaborator, ObjectNode provenance, List<JsonNode> recorded) throws IOException {
        if (log != null) {
            requireFree(log);
        }
        PrintWriter out = spec.commandLine().getOut();
        Play play = new Play(played, collaborator, seed, out, episodes -> {
            if (log != null) {
                write(log, episodes, provenance);
            }
        });
        try {
            if (replay != null) {
                play.withRecorded(recorded);
            } else {
                play.withPerson(new BufferedReader(new InputStreamReader(System.in)), episodes == null ? EPISODES : episodes);
            }
        } finally {
            if (log != null && Files.exists(log)) {
                out.println("\nrecorded: " + log);
            }
            out.flush();
        }
    }

    private ObjectNode provenance(PluginSpec taskSpec, PluginSpec policySpec) {
        ObjectNode node = binder.context().mapper().createObjectNode();
        node.put("code", Provenance.code()).put("seed", seed);
        node.set("task", taskSpec.toJson());
        return node.set("policy", policySpec.toJson());
    }

    /** What an option names that takes a plugin as experiment.yaml does. */
    static PluginSpec spec(String option, String text) {
        try {
            return PluginSpec.fromJson(ExperimentSource.value(text));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new InputException(option + " " + text
                    + ": expected an id, such as wason, or a mapping, such as {id: wason, rounds: 3}", e);
        }
    }

    private interface Making<T> {
        T make();
    }

    private static <T> T make(String option, Making<T> making) {
        try {
            return making.make();
        } catch (ConfigurationException e) {
            throw e.at(option);
        }
    }

    @SuppressWarnings("unchecked")
    private static <P> P typed(Object provider) {
        return (P) provider;
    }

    private static void requireFree(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.exists(file)) {
            throw taken(file, null);
        }
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new InputException("--log " + file + ": cannot be written: " + folder + " is "
                    + (Files.isDirectory(folder) ? "a folder that you may not write to" : "no folder"));
        }
    }

    private static InputException taken(Path file, IOException cause) {
        return new InputException("--log " + file + ": is there already; name a new file", cause);
    }

    /** All of it after every round, so that who is interrupted keeps what was played. */
    private void write(Path file, List<ObjectNode> episodes, ObjectNode provenance) {
        StringBuilder lines = new StringBuilder();
        episodes.forEach(episode -> lines.append((JsonNode) episode.set("provenance", provenance)).append('\n'));
        try {
            if (!claimed) {
                // Not to write over what somebody else recorded meanwhile.
                Files.createFile(file);
                claimed = true;
            }
            WholeFile.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
        } catch (FileAlreadyExistsException e) {
            throw taken(file, e);
        } catch (IOException e) {
            throw new InputException("--log " + file + ": " + Failures.describe(e), e);
        }
    }
}
