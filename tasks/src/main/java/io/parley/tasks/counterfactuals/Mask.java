package io.parley.tasks.counterfactuals;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;
import java.util.random.RandomGenerator;

/** {@code mask}: the intervention becomes an empty slot with the same number of words. */
public final class Mask implements CounterfactualProvider<Mask.Config> {
    /** The word of an empty slot. A silent partner's intervention consists of it too. */
    public static final String FILLER = "-";

    /** Whose interventions are cut. */
    public enum Turns {
        @JsonProperty("current") CURRENT,
        @JsonProperty("all") ALL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Configuration. */
    public record Config(
            @JsonPropertyDescription("current: this round's intervention; all: those of every round.") Turns turns) {
        public Config {
            turns = turns == null ? Turns.CURRENT : turns;
        }
    }

    @Override
    public String id() {
        return "mask";
    }

    @Override
    public String description() {
        return "The intervention becomes an empty slot.";
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
    public Counterfactual create(Config config, PluginContext context) {
        boolean all = config.turns() == Turns.ALL;
        return new Counterfactual() {
            @Override
            public List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
                return prompts.stream().map(prompt -> mask(prompt, all)).toList();
            }

            @Override
            public boolean cutsEveryRound() {
                return all;
            }
        };
    }

    private static Prompt mask(Prompt prompt, boolean all) {
        int round = prompt.round();
        List<Segment> segments = new ArrayList<>(prompt.segments());
        segments.replaceAll(s -> s.kind() == SegmentKind.INTERVENTION && (all || s.round() == round)
                ? s.withText(empty(s.text()))
                : s);
        return new Prompt(segments);
    }

    /** As many fillers as there are words. */
    static String empty(String text) {
        return String.join(" ", Collections.nCopies(new StringTokenizer(text).countTokens(), FILLER));
    }
}
