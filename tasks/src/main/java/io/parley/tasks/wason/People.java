package io.parley.tasks.wason;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.parley.core.plugin.Plugins;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What is assumed of the human participants: how they select at first and in the end, and how they change their minds.
 * The numbers, and where they come from, are in {@code people.json}.
 */
final class People {
    /** Where a participant who reconsiders takes its stance from. */
    enum Source { OWN, MAJORITY, COLLABORATOR, PARTNER, EVIDENCE }

    private record Simplex(double own, double majority, double collaborator, double partner, double evidence) {
        double[] cumulative() {
            return People.cumulative(new double[] {own, majority, collaborator, partner, evidence});
        }
    }

    private record Personality(String name, double share, Simplex visible, Simplex withheld) {}

    private record Content(
            List<String> source,
            Map<String, Double> initial,
            @JsonProperty("final") Map<String, Double> last,
            Map<Regime, Double> pace,
            List<Personality> personalities) {}

    private static final Source[] SOURCES = Source.values();

    private final double[] initial;
    private final double[] last;
    private final double[] shares;
    private final double[][] visible;
    private final double[][] withheld;
    private final Content content;

    private People(Content content) {
        this.content = content;
        initial = selections(content.initial);
        last = selections(content.last);
        shares = cumulative(content.personalities.stream().mapToDouble(Personality::share).toArray());
        visible = content.personalities.stream().map(p -> p.visible.cumulative()).toArray(double[][]::new);
        withheld = content.personalities.stream().map(p -> p.withheld.cumulative()).toArray(double[][]::new);
    }

    static People load() {
        try (InputStream in = People.class.getResourceAsStream("people.json")) {
            return new People(Plugins.strictMapper().readValue(in, Content.class));
        } catch (IOException e) {
            throw new UncheckedIOException("people.json of the card selection task cannot be read", e);
        }
    }

    /** Parts that a person selects at first. */
    int initialParts(RandomGenerator random) {
        return draw(initial, random);
    }

    /** Parts that a person selects after a discussion. */
    int finalParts(RandomGenerator random) {
        return draw(last, random);
    }

    int personality(RandomGenerator random) {
        return draw(shares, random);
    }

    String personalityName(int personality) {
        return content.personalities.get(personality).name;
    }

    /** Where a participant takes its stance from in a round. */
    Source source(int personality, boolean evidenceVisible, Regime regime, RandomGenerator random) {
        if (random.nextDouble() >= content.pace.get(regime)) {
            return Source.OWN;
        }
        return SOURCES[draw((evidenceVisible ? visible : withheld)[personality], random)];
    }

    private static double[] selections(Map<String, Double> byLetters) {
        double[] shares = new double[16];
        byLetters.forEach((letters, share) -> shares[Part.ofLetters(letters)] = share);
        return cumulative(shares);
    }

    /** Published shares are rounded and need not sum to 1. */
    private static double[] cumulative(double[] shares) {
        double total = 0;
        for (double share : shares) {
            total += share;
        }
        double[] result = new double[shares.length];
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            sum += shares[i];
            result[i] = i == shares.length - 1 ? 1 : sum / total;
        }
        return result;
    }

    private static int draw(double[] cumulative, RandomGenerator random) {
        double u = random.nextDouble();
        int i = 0;
        while (u >= cumulative[i]) {
            i++;
        }
        return i;
    }
}
