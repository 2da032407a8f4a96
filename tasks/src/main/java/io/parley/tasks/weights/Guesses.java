package io.parley.tasks.weights;

import io.parley.core.plugin.Plugins;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What people hold before they discuss: they imagine what the blocks weigh, red apart, and on some questions say what that gives.
 * The numbers, and where they come from, are in {@code guesses.json}.
 */
final class Guesses {
    private record Content(List<String> source, double says, double reasons) {}

    private final Content content;

    private Guesses(Content content) {
        this.content = content;
    }

    static Guesses load() {
        try (InputStream in = Guesses.class.getResourceAsStream("guesses.json")) {
            return new Guesses(Plugins.strictMapper().readValue(in, Content.class));
        } catch (IOException e) {
            throw new UncheckedIOException("guesses.json of the weights task cannot be read", e);
        }
    }

    /** An answer to every question of which someone says anything. */
    long onAll(RandomGenerator random) {
        int imagined = random.nextInt(Assignment.COUNT);
        long beliefs = Beliefs.NONE;
        for (Question question : Question.ALL) {
            if (random.nextDouble() < content.says) {
                beliefs = Beliefs.with(beliefs, question, question.relation(imagined));
            }
        }
        return beliefs;
    }

    /**
     * An answer to one question; null for none.
     *
     * @param shown the correct answer where the evidence entails it, or null
     */
    Relation on(Question question, Relation shown, RandomGenerator random) {
        Relation imagined = imagined(question, random);
        boolean says = random.nextDouble() < content.says;
        boolean reasons = random.nextDouble() < content.reasons;
        return shown != null && reasons ? shown : says ? imagined : null;
    }

    /** What the weights give that someone imagines. */
    static Relation imagined(Question question, RandomGenerator random) {
        return question.relation(random.nextInt(Assignment.COUNT));
    }
}
