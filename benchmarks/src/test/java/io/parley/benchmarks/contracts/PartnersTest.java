package io.parley.benchmarks.contracts;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.testkit.PartnerContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
class PartnersTest extends PartnerContract {
    private final InterventionAgentProvider<?> provider;
    private final Parley.Host host;

    PartnersTest(InterventionAgentProvider<?> provider, Parley.Host host) {
        this.provider = provider;
        this.host = host;
    }

    static Stream<Arguments> providers() {
        return Parley.providers(InterventionAgentProvider.class);
    }

    @Override
    protected InterventionAgentProvider<?> provider() {
        return provider;
    }

    @TempDir
    private static Path folder;

    @BeforeAll
    static void people() throws IOException {
        StringBuilder group =
                new StringBuilder("group_id\tmessage_type\torigin\toriginal_text\tannotation_type\tsol_tracker_all\n"
                + "g\tINITIAL\tSYSTEM\t\t\t{\"Emu\": [\"U\", \"4\"]}\n");
        for (int message = 0; message < 9; message++) {
            group.append("g\tMESSAGE\tEmu\tand the " + message + "?\tProbing\t{\"Emu\": [\"U\", \"4\"]}\n");
        }
        Files.writeString(folder.resolve("g"), group);
    }

    @Override
    protected Map<String, Object> configuration() {
        return replays() ? Map.of("path", folder.toString()) : Map.of();
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return replays() ? List.of(Map.of(), Map.of("path", "no-such-folder")) : List.of();
    }

    /** Who replays people needs a task that people had. */
    @Override
    protected Task task() {
        return replays() ? context(0).plugins().find(TaskProvider.class, "wason").configured(PluginSpec.of("wason"), context(0))
                : super.task();
    }

    private boolean replays() {
        return provider.id().equals("replay");
    }

    @Override
    protected PluginContext context(long seed) {
        return host.context(seed);
    }
}
