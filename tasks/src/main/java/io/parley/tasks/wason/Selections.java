package io.parley.tasks.wason;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.parley.core.plugin.Plugins;
import io.parley.tasks.people.Categorical;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What people select, at first and in the end. The numbers, and where they come from, are in {@code selections.json}. */
final class Selections {
    private record Content(
            List<String> source, Map<String, Double> initial, @JsonProperty("final") Map<String, Double> last) {}

    private final Categorical initial;
    private final Categorical last;

    private Selections(Content content) {
        initial = byParts(content.initial);
        last = byParts(content.last);
    }

    static Selections load() {
        try (InputStream in = Selections.class.getResourceAsStream("selections.json")) {
            return new Selections(Plugins.strictMapper().readValue(in, Content.class));
        } catch (IOException e) {
            throw new UncheckedIOException("selections.json of the card selection task cannot be read", e);
        }
    }

    /** Parts that a person selects at first. */
    int initialParts(RandomGenerator random) {
        return initial.draw(random);
    }

    /** Parts that a person selects after a discussion. */
    int finalParts(RandomGenerator random) {
        return last.draw(random);
    }

    private static Categorical byParts(Map<String, Double> byLetters) {
        double[] shares = new double[16];
        byLetters.forEach((letters, share) -> shares[Part.ofLetters(letters)] = share);
        return new Categorical(shares);
    }
}
