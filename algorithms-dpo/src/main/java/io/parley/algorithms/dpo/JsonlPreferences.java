package io.parley.algorithms.dpo;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.dialogue.Prompt;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.training.DataFile;
import io.parley.core.training.Preference;
import io.parley.core.training.PreferenceFile;
import io.parley.core.training.PreferenceSource;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.Preferences;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Provides {@code jsonl}: pairs from a JSON Lines file, one object a line with {@code prompt}, {@code chosen} and
 * {@code rejected}, in the forms that {@link PreferenceFile} reads.
 */
public final class JsonlPreferences implements PreferenceSourceProvider<JsonlPreferences.Config> {
    /** Configuration of {@code jsonl}. */
    public record Config(
            @JsonPropertyDescription("Required: the file; a relative path counts from the working folder.") String file,
            @JsonPropertyDescription("SHA-256 of the file; left out, it is what the file has now. Another file is refused.")
                    String sha256) {
        public Config {
            if (file == null || file.isBlank()) {
                throw new IllegalArgumentException("file is not given; name a JSON Lines file with prompt, chosen and rejected");
            }
            DataFile known = new DataFile(file, sha256);
            file = known.file();
            sha256 = known.sha256();
        }
    }

    @Override
    public String id() {
        return "jsonl";
    }

    @Override
    public String description() {
        return "Pairs from a JSON Lines file of prompt, chosen and rejected.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public PreferenceSource create(Config config, PluginContext context) {
        List<Preference> pairs = read(Path.of(config.file()));
        return (training, initial) -> {
            for (int i = 0; i < pairs.size(); i++) {
                try {
                    learnable(initial, pairs.get(i));
                } catch (IllegalArgumentException e) {
                    throw new ConfigurationException("preferences.file", config.file() + ", pair " + (i + 1)
                            + ": the policy cannot learn it: " + e.getMessage(), e);
                }
            }
            return new Preferences(pairs, 0, 0);
        };
    }

    private static void learnable(TrainablePolicy policy, Preference pair) {
        Prompt fitted = policy.fit(List.of(pair.prompt())).get(0);
        policy.responseLengths(List.of(fitted, fitted), List.of(pair.chosen(), pair.rejected()));
    }

    /** @throws ConfigurationException if the file cannot be read or a line is malformed; the message names both */
    static List<Preference> read(Path file) {
        try {
            return PreferenceFile.read(file);
        } catch (IOException e) {
            throw new ConfigurationException("file", e.getMessage(), e);
        }
    }
}
