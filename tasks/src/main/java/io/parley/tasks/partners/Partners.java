package io.parley.tasks.partners;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;

/** The scripted partners. All but two draw their tone independently of what they say. */
public final class Partners {
    private Partners() {}

    /** Configuration of a partner that may only be silent or not. */
    public record Silence(
            @JsonPropertyDescription("Probability of saying nothing in a round, from 0 to 1.") Double silent) {
        public Silence {
            silent = probability("silent", silent, 0);
        }
    }

    /** Configuration of {@code mixed}. */
    public record MixedConfig(
            @JsonPropertyDescription("Probability of being helpful, drawn once an episode, from 0 to 1.") Double helpful,
            @JsonPropertyDescription("Probability of saying nothing in a round, from 0 to 1.") Double silent) {
        public MixedConfig {
            helpful = probability("helpful", helpful, 0.8);
            silent = probability("silent", silent, 0.15);
        }
    }

    /** Configuration of {@code noisy}. */
    public record NoisyConfig(
            @JsonPropertyDescription("Probability of a true suggestion, drawn each round, from 0 to 1.") Double helpful,
            @JsonPropertyDescription("Probability of saying nothing in a round, from 0 to 1.") Double silent) {
        public NoisyConfig {
            helpful = probability("helpful", helpful, 0.5);
            silent = probability("silent", silent, 0);
        }
    }

    /** Configuration of {@code turncoat}. */
    public record TurncoatConfig(
            @JsonPropertyDescription("Last round of true suggestions, at least 0.") Integer until,
            @JsonPropertyDescription("Probability of saying nothing in a round, from 0 to 1.") Double silent) {
        public TurncoatConfig {
            until = until == null ? 1 : until;
            silent = probability("silent", silent, 0);
            if (until < 0) {
                throw new IllegalArgumentException("until is " + until + "; at least 0");
            }
        }
    }

    private static double probability(String name, Double value, double otherwise) {
        double p = value == null ? otherwise : value;
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException(name + " is " + p + "; a probability, from 0 to 1");
        }
        return p;
    }

    /** What the providers below have in common. */
    private abstract static class Base<C extends Record> implements InterventionAgentProvider<C> {
        private final String id;
        private final String description;
        private final Class<C> configType;

        Base(String id, String description, Class<C> configType) {
            this.id = id;
            this.description = description;
            this.configType = configType;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public String description() {
            return description;
        }

        @Override
        public int spiVersion() {
            return Spi.VERSION;
        }

        @Override
        public Class<C> configType() {
            return configType;
        }

        @Override
        public InterventionAgent create(C config, PluginContext context) {
            return create(config);
        }

        abstract InterventionAgent create(C config);
    }

    /** {@code silent}. */
    public static final class Silent extends Base<NoConfig> {
        public Silent() {
            super("silent", "Never says anything.", NoConfig.class);
        }

        @Override
        InterventionAgent create(NoConfig config) {
            return ScriptedPartner.known(null, new TruthPrior(1, false, round -> 0), (view, streams) -> true);
        }
    }

    /** {@code helpful}. */
    public static final class Helpful extends Base<Silence> {
        public Helpful() {
            super("helpful", "Suggests what is correct.", Silence.class);
        }

        @Override
        InterventionAgent create(Silence config) {
            return always(true, null, config);
        }
    }

    /** {@code misleading}. */
    public static final class Misleading extends Base<Silence> {
        public Misleading() {
            super("misleading", "Suggests what is wrong, in the form of what is correct.", Silence.class);
        }

        @Override
        InterventionAgent create(Silence config) {
            return always(false, null, config);
        }
    }

    /** {@code mixed}. */
    public static final class Mixed extends Base<MixedConfig> {
        public Mixed() {
            super("mixed", "Helpful or misleading for a whole episode, by one draw.", MixedConfig.class);
        }

        @Override
        InterventionAgent create(MixedConfig config) {
            return ScriptedPartner.known(
                    null,
                    new TruthPrior(config.silent(), true, round -> config.helpful()),
                    (view, streams) -> ScriptedPartner.mood(view, streams) < config.helpful());
        }
    }

    /** {@code noisy}. */
    public static final class Noisy extends Base<NoisyConfig> {
        public Noisy() {
            super("noisy", "Helpful or misleading in each round, by a draw of its own.", NoisyConfig.class);
        }

        @Override
        InterventionAgent create(NoisyConfig config) {
            return ScriptedPartner.known(
                    null,
                    new TruthPrior(config.silent(), false, round -> config.helpful()),
                    (view, streams) -> ScriptedPartner.whim(view, streams) < config.helpful());
        }
    }

    /** {@code turncoat}. */
    public static final class Turncoat extends Base<TurncoatConfig> {
        public Turncoat() {
            super("turncoat", "Helpful up to a round, misleading after it.", TurncoatConfig.class);
        }

        @Override
        public boolean pooled() {
            return false;
        }

        @Override
        InterventionAgent create(TurncoatConfig config) {
            return ScriptedPartner.known(
                    null,
                    new TruthPrior(config.silent(), false, round -> round <= config.until() ? 1 : 0),
                    (view, streams) -> view.round() <= config.until());
        }
    }

    /** {@code authoritative-misleading}. */
    public static final class AuthoritativeMisleading extends Base<Silence> {
        public AuthoritativeMisleading() {
            super("authoritative-misleading", "Suggests what is wrong, and sounds sure.", Silence.class);
        }

        @Override
        InterventionAgent create(Silence config) {
            return always(false, Tone.CONFIDENT, config);
        }
    }

    /** {@code hesitant-helpful}. */
    public static final class HesitantHelpful extends Base<Silence> {
        public HesitantHelpful() {
            super("hesitant-helpful", "Suggests what is correct, and sounds unsure.", Silence.class);
        }

        @Override
        InterventionAgent create(Silence config) {
            return always(true, Tone.HESITANT, config);
        }
    }

    /** {@code biased}. */
    public static final class Biased extends Base<Silence> {
        public Biased() {
            super("biased", "Suggests what people most often choose by mistake.", Silence.class);
        }

        @Override
        InterventionAgent create(Silence config) {
            return new ScriptedPartner(config.silent(), null, (view, streams, random) -> view.biasedSuggestion());
        }
    }

    private static InterventionAgent always(boolean truth, Tone tone, Silence config) {
        return ScriptedPartner.known(
                tone, new TruthPrior(config.silent(), true, round -> truth ? 1 : 0), (view, streams) -> truth);
    }
}
