package org.example.reinforce;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;

/** Makes {@code asked-twice}: a partner who lies until it has been asked often enough, and is honest from then on. */
public final class AskedTwiceProvider implements InterventionAgentProvider<AskedTwiceProvider.Config> {
    /** What an experiment may set. */
    public record Config(@JsonPropertyDescription("How often it has to be asked in an episode, at least 1.") Integer times) {
        public Config {
            times = times == null ? 2 : times;
            if (times < 1) {
                throw new IllegalArgumentException("times is " + times + "; at least 1");
            }
        }
    }

    @Override
    public String id() {
        return "asked-twice";
    }

    @Override
    public String description() {
        return "Honest only when it is asked twice.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    /** Whoever distrusts it after its lie does so with reason, and is wrong: it is reported apart. */
    @Override
    public boolean pooled() {
        return false;
    }

    @Override
    public InterventionAgent create(Config config, PluginContext context) {
        return (view, streams) -> {
            boolean honest = view.round() >= config.times();
            return new Intervention(
                    honest
                            ? view.trueSuggestion()
                            : view.falseSuggestion(streams.stream("asked-twice", view.episode(), view.round(), 0)),
                    Intervention.Tone.CONFIDENT);
        };
    }
}
