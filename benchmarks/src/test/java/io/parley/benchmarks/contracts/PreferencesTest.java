package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.testkit.PreferenceSourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
class PreferencesTest extends PreferenceSourceContract {
    private final PreferenceSourceProvider<?> provider;
    private final Parley.Host host;

    @TempDir
    private Path folder;

    PreferencesTest(PreferenceSourceProvider<?> provider, Parley.Host host) {
        this.provider = provider;
        this.host = host;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(PreferenceSourceProvider.class);
    }

    @BeforeEach
    void pairs() throws IOException {
        Files.writeString(folder.resolve("pairs.jsonl"),
                "{\"prompt\": \"one arm pays\", \"chosen\": \"left\", \"rejected\": \"right\"}\n");
    }

    @Override
    protected PreferenceSourceProvider<?> provider() {
        return provider;
    }

    @Override
    protected Map<String, Object> configuration() {
        return provider.id().equals("jsonl") ? Map.of("file", folder.resolve("pairs.jsonl").toString()) : Map.of("episodes", 100);
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return provider.id().equals("jsonl")
                ? List.of(Map.of(), Map.of("file", "no-such-file.jsonl"))
                : List.of(Map.of("episodes", 0));
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
