package io.parley.laboratory;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;

/** Provides {@code suggestion-bandit}. */
public final class SuggestionBanditProvider implements TaskProvider<SuggestionBanditProvider.Config> {
    /** Configuration of {@code suggestion-bandit}. */
    public record Config(
            @JsonPropertyDescription("Probability that the left arm pays, in [0, 1].") Double left,
            @JsonPropertyDescription("Rounds of an episode, at least 1.") Integer rounds,
            @JsonPropertyDescription("Machines that are played at once, from 1 to 16.") Integer machines) {
        public Config {
            left = left == null ? 0.5 : left;
            rounds = rounds == null ? 1 : rounds;
            machines = machines == null ? 1 : machines;
            if (!(left >= 0 && left <= 1)) {
                throw new IllegalArgumentException("left is " + left + "; a probability, from 0 to 1");
            }
            if (rounds < 1) {
                throw new IllegalArgumentException("rounds is " + rounds + "; at least 1");
            }
            if (machines < 1 || machines > 16) {
                throw new IllegalArgumentException("machines is " + machines + "; from 1 to 16");
            }
        }
    }

    @Override
    public String id() {
        return "suggestion-bandit";
    }

    @Override
    public String description() {
        return "A two-armed bandit whose partner suggests an arm; every optimum is known in closed form.";
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
    public Task create(Config config, PluginContext context) {
        return new SuggestionBandit(config.left(), config.rounds(), config.machines());
    }
}
