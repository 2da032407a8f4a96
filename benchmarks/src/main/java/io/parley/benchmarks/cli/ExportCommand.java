package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.cells.CellDialogues;
import io.parley.benchmarks.cells.CellPolicy;
import io.parley.benchmarks.cells.CellRunner;
import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.cells.Manifest;
import io.parley.benchmarks.cells.Provenance;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.files.WholeFile;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.policy.PolicyExporter;
import io.parley.core.policy.PolicyFiles;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Writes the policy that a cell trained in another form, with where it comes from; or its dialogues or "
                + "pairs as JSON Lines.")
final class ExportCommand implements Callable<Integer> {
    private static final String MESSAGES = "messages";
    private static final String PREFERENCES = "preferences";

    @Parameters(index = "0", paramLabel = "CELL_DIR",
            description = "A finished cell of a run, such as runs/quickstart/cells/icr/.../1.")
    private Path cell;

    @Option(names = "--to", required = true, paramLabel = "FORM",
            description = "onnx: one ONNX file, of an mlp, a transformer or a causal-lm. "
            + "peft: a folder with the adapter of a causal-lm, for PEFT. "
            + "hf: a folder with the whole model of a causal-lm, its adapter merged, for transformers. "
            + "messages: the dialogues in words that it kept, as chats. preferences: the pairs that dpo or ipo learned from.")
    private String form;

    @Parameters(index = "1", paramLabel = "OUT", description = "The file or folder to write; a new one.")
    private Path target;

    @Option(names = "--set", paramLabel = "key=value", description = "One setting of the form. "
            + "onnx, peft, hf, preferences: base=DIR where the base of a causal-lm lies elsewhere than in training. "
            + "hf: dtype=float32, float16 or bfloat16 for weights of another type than the base's. May be repeated.")
    private List<String> settings = List.of();

    @Option(names = "--json", description = "Says what was written as JSON.")
    private boolean json;

    @Mixin
    private PluginPath pluginPath;

    @Spec
    private CommandSpec spec;

    private final Plugins plugins;
    private final ObjectMapper mapper = new ObjectMapper();

    @Inject
    ExportCommand(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() throws IOException {
        if (form.equals(MESSAGES) || form.equals(PREFERENCES)) {
            return lines();
        }
        PolicyExporter<?> exporter = exporter();
        ObjectNode config = new ExperimentSource(form, mapper.createObjectNode()).with(settings).tree();
        CellPolicy.Trained trained = CellPolicy.trained(cell);
        requireFree(target);
        List<String> notes;
        try {
            notes = exporter.configured(
                    new PluginSpec(form, config), plugins, trained.saved(), provenance(trained.manifest()), target);
        } catch (ConfigurationException e) {
            throw new InputException("--set " + e.getMessage(), e);
        } catch (IOException e) {
            throw new InputException(Failures.describe(e), e);
        }
        say(trained.manifest().specification(), notes);
        return 0;
    }

    private int lines() {
        Path base = base();
        requireFree(target);
        int count;
        try {
            if (form.equals(MESSAGES)) {
                List<JsonNode> dialogues = CellDialogues.messages(cell);
                count = dialogues.size();
                Files.createDirectories(target.toAbsolutePath().getParent());
                WholeFile.write(target, dialogues.stream().map(dialogue -> dialogue + "\n").collect(Collectors.joining())
                        .getBytes(StandardCharsets.UTF_8));
            } else {
                WorkerLauncher.hereAsInWorkers();
                count = new CellRunner(plugins).writePreferences(cell, base, target);
            }
        } catch (IOException e) {
            throw new InputException(Failures.describe(e), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(mapper.createObjectNode().put("file", target.toString()).put("lines", count).toPrettyString());
        } else {
            out.printf(Locale.ROOT, "wrote %s: %,d %s%n", target, count, form.equals(MESSAGES) ? "dialogues" : "pairs");
        }
        out.flush();
        return 0;
    }

    private static void requireFree(Path target) {
        if (Files.exists(target)) {
            throw new InputException(target + ": it exists already; choose another name or remove it");
        }
        for (Path folder = target.toAbsolutePath().getParent(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new InputException(folder + ": there is a file where this folder should be; choose another name");
            }
        }
    }

    /** The one setting of pairs; null if it is not given. */
    private Path base() {
        ObjectNode config = new ExperimentSource(form, mapper.createObjectNode()).with(settings).tree();
        JsonNode base = form.equals(PREFERENCES) ? config.remove("base") : null;
        if (!config.isEmpty() || base != null && !base.isTextual()) {
            String key = config.isEmpty() ? "base" : config.fieldNames().next();
            String setting = settings.stream().filter(text -> text.startsWith(key)).findFirst().orElse(key);
            throw new InputException("--set " + setting + ": --to " + form + " has "
                    + (form.equals(PREFERENCES) ? "one setting, base=DIR" : "no settings"));
        }
        return base == null ? null : Path.of(base.textValue());
    }

    private PolicyExporter<?> exporter() {
        try {
            return plugins.find(PolicyExporter.class, form);
        } catch (ConfigurationException e) {
            throw new InputException("--to " + form + ": there is no such form; there are: "
                    + Stream.concat(e.allowed().stream(), Stream.of(MESSAGES, PREFERENCES)).collect(Collectors.joining(", ")), e);
        }
    }

    /** Everything that the cell's manifest says but its files, and what exported it. */
    private ObjectNode provenance(Manifest manifest) {
        ObjectNode node = mapper.valueToTree(manifest);
        node.remove("files");
        return node.put("exporter", Provenance.plugin(exporter()));
    }

    private void say(CellSpecification trained, List<String> notes) throws IOException {
        ObjectNode written = mapper.createObjectNode();
        long bytes = 0;
        if (Files.isDirectory(target)) {
            ObjectNode files = written.put("folder", target.toString()).putObject("files");
            try (Stream<Path> list = Files.list(target)) {
                for (Path file : list.sorted().toList()) {
                    files.put(file.getFileName().toString(), PolicyFiles.sha256(file));
                    bytes += Files.size(file);
                }
            }
            written.put("bytes", bytes);
        } else {
            bytes = Files.size(target);
            written.put("file", target.toString()).put("bytes", bytes).put("sha256", PolicyFiles.sha256(target));
        }
        written.put("policy", trained.policy().id())
                .put("algorithm", trained.algorithm().id())
                .put("cell", trained.hash())
                .put("seed", trained.seed());
        notes.forEach(written.putArray("notes")::add);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(written.toPrettyString());
        } else {
            out.printf(Locale.ROOT, "wrote %s: %,d bytes, %s%n", target, bytes, written.has("sha256")
                    ? "sha256 " + written.get("sha256").asText() : written.get("files").size() + " files");
            out.printf(Locale.ROOT, "holds the %s that %s trained in cell %s, seed %d%n", trained.policy().id(),
                    trained.algorithm().id(), trained.hash(), trained.seed());
            notes.forEach(out::println);
        }
        out.flush();
    }
}
