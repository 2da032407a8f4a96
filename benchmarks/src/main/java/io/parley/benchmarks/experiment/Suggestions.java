package io.parley.benchmarks.experiment;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;

/** Finds the name that was probably meant. */
final class Suggestions {
    /** Below this, two names have little in common; found to keep "learning" near "learningRate" and "foo" near nothing. */
    private static final double LIKELY = 0.75;

    private Suggestions() {}

    /** {@code "; did you mean 'x'?"}, or nothing when no name is near. */
    static String near(String found, Collection<String> allowed) {
        JaroWinklerSimilarity similarity = new JaroWinklerSimilarity();
        Comparator<String> likeness = Comparator.comparingDouble(
                name -> similarity.apply(found.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT)));
        return allowed.stream()
                .max(likeness.thenComparing(Comparator.reverseOrder()))
                .filter(best -> similarity.apply(found.toLowerCase(Locale.ROOT), best.toLowerCase(Locale.ROOT)) >= LIKELY)
                .map(best -> "; did you mean '" + best + "'?")
                .orElse("");
    }
}
