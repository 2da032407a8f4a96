package io.parley.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.core.training.RewardFunctionProvider;
import io.parley.core.training.WeightedReward;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {
    private final Plugins plugins = new Plugins(PluginsTest.class.getClassLoader());
    private final ObjectMapper mapper = Plugins.strictMapper();

    private PluginSpec spec(String json) {
        try {
            return mapper.readValue(json, PluginSpec.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A reward compiled against another version of the interface. */
    public static final class Outdated extends Reward {
        @Override
        public String id() {
            return "outdated";
        }

        @Override
        public int spiVersion() {
            return Spi.VERSION + 1;
        }
    }

    /** A reward whose id is taken. */
    public static class Reward implements RewardFunctionProvider<NoConfig> {
        @Override
        public String id() {
            return "weighted";
        }

        @Override
        public String description() {
            return "A reward for tests.";
        }

        @Override
        public int spiVersion() {
            return Spi.VERSION;
        }

        @Override
        public Class<NoConfig> configType() {
            return NoConfig.class;
        }

        @Override
        public io.parley.core.training.RewardFunction create(NoConfig config, PluginContext context) {
            return (prompt, response, parts) -> 0;
        }
    }

    private static Plugins with(Path folder, String className) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(RewardFunctionProvider.class.getName()), className);
        return new Plugins(new URLClassLoader(new URL[] {url(folder)}, PluginsTest.class.getClassLoader()));
    }

    private static URL url(Path folder) throws MalformedURLException {
        return folder.toUri().toURL();
    }

    @Test
    void aMissingIdSaysWhatThereIsAndHowToAddOne() {
        var e = assertThrows(ConfigurationException.class, () -> plugins.find(RewardFunctionProvider.class, "wieghted"));
        assertTrue(e.getMessage().contains("no reward function is called 'wieghted'; there are: weighted"), e.getMessage());
        assertTrue(e.getMessage().contains("META-INF/services/"), e.getMessage());
    }

    @Test
    void bothFormsOfAPluginAreRead() {
        assertEquals(PluginSpec.of("mask"), spec("\"mask\""));
        assertEquals("{\"id\":\"mixed\",\"helpful\":0.8}",
                mapper.valueToTree(spec("{\"helpful\": 0.8, \"id\": \"mixed\"}")).toString());
        assertThrows(UncheckedIOException.class, () -> spec("{\"helpful\": 0.8}"));
    }

    @Test
    void aConfigurationIsDefaultedAndValidated() {
        WeightedReward provider = new WeightedReward();
        assertEquals(new WeightedReward.Config(1.0, 0.5, 0.0),
                plugins.config(provider, spec("{\"id\": \"weighted\", \"group\": 0.5}")));

        var unknown = assertThrows(
                ConfigurationException.class, () -> plugins.config(provider, spec("{\"id\": \"weighted\", \"grup\": 1}")));
        assertEquals("grup", unknown.path());
        assertTrue(unknown.getMessage().contains("commonGround, group, own"), unknown.getMessage());

        var type = assertThrows(
                ConfigurationException.class, () -> plugins.config(provider, spec("{\"id\": \"weighted\", \"own\": \"much\"}")));
        assertTrue(type.getMessage().startsWith("own: expected a number"), type.getMessage());

        var quoted = assertThrows(
                ConfigurationException.class, () -> plugins.config(provider, spec("{\"id\": \"weighted\", \"own\": \"1\"}")));
        assertTrue(quoted.getMessage().startsWith("own: expected a number"), quoted.getMessage());
    }

    @Test
    void aDuplicateIdNamesBothOrigins(@TempDir Path folder) throws IOException {
        Plugins two = with(folder, Reward.class.getName());
        var e = assertThrows(ConfigurationException.class, () -> two.all(RewardFunctionProvider.class));
        assertTrue(e.getMessage().contains(WeightedReward.class.getName()), e.getMessage());
        assertTrue(e.getMessage().contains(Reward.class.getName()), e.getMessage());
    }

    @Test
    void anotherVersionOfTheInterfaceIsLeftOut(@TempDir Path folder) throws IOException {
        Plugins old = with(folder, Outdated.class.getName());
        assertEquals(1, old.all(RewardFunctionProvider.class).size());
        String problem = old.problems(RewardFunctionProvider.class).get(0);
        assertTrue(problem.contains(Outdated.class.getName()), problem);
        assertTrue(problem.contains("version 2") && problem.contains("version 1"), problem);
    }

    @Test
    void aProviderThatDoesNotLoadIsNamed(@TempDir Path folder) throws IOException {
        Plugins broken = with(folder, "no.such.Provider");
        assertEquals("weighted", broken.find(RewardFunctionProvider.class, "weighted").id());
        assertEquals(List.of("a provider of reward function does not load: Provider no.such.Provider not found"),
                broken.problems(RewardFunctionProvider.class));
        var e = assertThrows(ConfigurationException.class, () -> broken.find(RewardFunctionProvider.class, "mine"));
        assertTrue(e.getMessage().contains("Left out: a provider of reward function does not load: Provider no.such.Provider"),
                e.getMessage());
    }

    @Test
    void aPathGrowsFromTheInside() {
        var e = new ConfigurationException("lambda", "is -1; at least 0").at("algorithms[0]");
        assertEquals("algorithms[0].lambda", e.path());
        assertEquals("algorithms[0].lambda: is -1; at least 0", e.getMessage());
    }
}
