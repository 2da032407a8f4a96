package io.parley.tasks.people;

import io.parley.core.plugin.Plugins;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * How human participants change their minds. Each has a personality, for the whole episode; after each round it keeps its
 * stance or takes over that of a source. The numbers, and where they come from, are in {@code people.json}. Immutable.
 */
public final class People {
    /** Where a participant takes its stance from; one that is absent leaves the stance as it is. */
    public enum Source { OWN, MAJORITY, COLLABORATOR, PARTNER, EVIDENCE }

    private record Simplex(double own, double majority, double collaborator, double partner, double evidence) {
        Categorical sources() {
            return new Categorical(own, majority, collaborator, partner, evidence);
        }
    }

    private record Personality(String name, double share, Simplex visible, Simplex withheld) {}

    private record Content(List<String> source, Map<Regime, Double> pace, List<Personality> personalities) {}

    private static final Source[] SOURCES = Source.values();

    private final Categorical shares;
    private final List<Categorical> visible;
    private final List<Categorical> withheld;
    private final Content content;

    private People(Content content) {
        this.content = content;
        shares = new Categorical(content.personalities.stream().mapToDouble(Personality::share).toArray());
        visible = content.personalities.stream().map(p -> p.visible.sources()).toList();
        withheld = content.personalities.stream().map(p -> p.withheld.sources()).toList();
    }

    /** The participants that come with Parley. */
    public static People load() {
        try (InputStream in = People.class.getResourceAsStream("people.json")) {
            return new People(Plugins.strictMapper().readValue(in, Content.class));
        } catch (IOException e) {
            throw new UncheckedIOException("people.json cannot be read", e);
        }
    }

    /** Draws the personality of a participant, a number from 0. */
    public int personality(RandomGenerator random) {
        return shares.draw(random);
    }

    public String personalityName(int personality) {
        return content.personalities.get(personality).name;
    }

    /**
     * Draws where a participant takes its stance from in a round.
     *
     * @param evidenceVisible whether the participant can see the evidence of the question
     */
    public Source source(int personality, boolean evidenceVisible, Regime regime, RandomGenerator random) {
        if (random.nextDouble() >= content.pace.get(regime)) {
            return Source.OWN;
        }
        return SOURCES[(evidenceVisible ? visible : withheld).get(personality).draw(random)];
    }
}
