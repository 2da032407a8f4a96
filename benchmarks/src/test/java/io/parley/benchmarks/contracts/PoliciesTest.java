package io.parley.benchmarks.contracts;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.benchmarks.cells.Manifest;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyExporter;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.testkit.PolicyContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies that cannot be trained: the card task's scripted ones, and what was frozen. */
@ParameterizedClass
@MethodSource("providers")
class PoliciesTest extends PolicyContract {
    static final List<String> UNTRAINED = List.of("copy-always", "evidence-only", "record-optimal", "onnx", "cell");

    private static final PluginSpec SMALL = PluginSpec.of("mlp", Map.of("hidden", List.of(24)));

    @TempDir
    private static Path folder;

    private final PolicyProvider<?> provider;
    private final Parley.Host host;

    PoliciesTest(PolicyProvider<?> provider, Parley.Host host) {
        this.provider = provider;
        this.host = host;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(PolicyProvider.class)
                .filter(arguments -> UNTRAINED.contains(((PolicyProvider<?>) arguments.get()[0]).id()));
    }

    @Override
    protected PolicyProvider<?> provider() {
        return provider;
    }

    @Override
    protected Map<String, Object> configuration() {
        return switch (provider.id()) {
            case "onnx" -> Map.of("path", exported().toString());
            case "cell" -> Map.of("path", judged().toString());
            default -> Map.of();
        };
    }

    /** A cell that judges such a network. */
    private Path judged() {
        CellSpecification cell = new CellSpecification(1, 1, PluginSpec.of("wason"), SMALL, null, null, null, null, null,
                null, null);
        try {
            Path judged = Files.createDirectories(folder.resolve("cell"));
            Files.write(judged.resolve("manifest.json"),
                    new ObjectMapper().writeValueAsBytes(new Manifest(1, cell, cell.hash(), null, null, null)));
            return judged;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A small network for the task, as it begins. */
    private Path exported() {
        Path file = folder.resolve("mlp.onnx");
        if (Files.exists(file)) {
            return file;
        }
        PluginContext context = context(1);
        try (var mlp = (TrainablePolicy) context.plugins().find(PolicyProvider.class, "mlp")
                .configured(SMALL, task().text(), context)) {
            mlp.save(folder.resolve("mlp"));
            context.plugins().find(PolicyExporter.class, "onnx")
                    .configured(PluginSpec.of("onnx"), context.plugins(), folder.resolve("mlp"),
                            JsonNodeFactory.instance.objectNode(), file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return switch (provider.id()) {
            case "onnx" -> List.of(Map.of(), Map.of("path", "no-such.onnx"));
            case "cell" -> List.of(Map.of(), Map.of("path", "no-such-cell"),
                    Map.of("path", judged().toString(), "sha256", "0123"));
            default -> List.of();
        };
    }

    @Override
    protected Task task() {
        return context(0).plugins().find(TaskProvider.class, "wason").configured(PluginSpec.of("wason"), context(0));
    }

    @Override
    protected InterventionAgent partner() {
        return context(0).plugins().find(InterventionAgentProvider.class, "mixed").configured(PluginSpec.of("mixed"), context(0));
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
