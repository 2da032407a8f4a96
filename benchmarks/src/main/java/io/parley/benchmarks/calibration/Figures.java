package io.parley.benchmarks.calibration;

import io.parley.core.random.RandomStreams;
import io.parley.tasks.scoring.Scorer;
import io.parley.tasks.wason.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.StandardDeviation;

/**
 * The figures that are compared, named as by {@link Scorer#scoreGroups}: what participants come to, how many of them change,
 * how many groups agree, and the commonest ways from a first to a last selection.
 */
final class Figures {
    /** Ways that are compared. */
    private static final int COMMONEST = 10;
    private static final int RESAMPLES = 1000;
    private static final List<String> WHOLE = List.of("participants.finalAccuracy", "participants.finalFineGrained",
            "participants.changed", "consensus");

    private final List<String> names = new ArrayList<>(WHOLE);
    /** The figure of each way, sixteen times the first selection and the last; 0 where it is none. */
    private final int[] figureOfWay = new int[256];

    /** Takes the commonest ways of these groups; of equally common ones the first in the order of their bits. */
    Figures(List<Outcome> groups) {
        int[] count = new int[256];
        for (Outcome group : groups) {
            for (int person = 0; person < group.initial().length; person++) {
                count[16 * group.initial()[person] + group.last()[person]]++;
            }
        }
        IntStream.range(0, 256).boxed().filter(way -> count[way] > 0).sorted((a, b) -> count[b] - count[a]).limit(COMMONEST)
                .forEach(way -> {
                    figureOfWay[way] = names.size();
                    names.add(Scorer.TRANSITION + Part.letters(way / 16) + "." + Part.letters(way % 16));
                });
    }

    List<String> names() {
        return names;
    }

    /** In the order of the names; all shares, of participants or, of consensus, of groups. */
    double[] of(List<Outcome> groups) {
        double[] sums = new double[names.size()];
        int people = 0;
        for (Outcome group : groups) {
            boolean consensus = true;
            for (int person = 0; person < group.initial().length; person++) {
                int first = group.initial()[person];
                int last = group.last()[person];
                sums[0] += last == Part.CORRECT ? 1 : 0;
                sums[1] += Part.fineGrained(last);
                sums[2] += first == last ? 0 : 1;
                consensus &= last == group.last()[0];
                int way = figureOfWay[16 * first + last];
                sums[way] += way > 0 ? 1 : 0;
                people++;
            }
            sums[3] += consensus ? 1 : 0;
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] /= i == 3 ? groups.size() : people;
        }
        return sums;
    }

    /** Standard errors by the bootstrap over groups (Efron 1979), because the members of a group are not independent. */
    double[] standardErrors(List<Outcome> groups, RandomStreams streams) {
        double[][] resampled = new double[RESAMPLES][];
        for (int b = 0; b < RESAMPLES; b++) {
            RandomGenerator random = streams.stream("bootstrap", b, 0, 0);
            resampled[b] = of(random.ints(groups.size(), 0, groups.size()).mapToObj(groups::get).toList());
        }
        return IntStream.range(0, names.size())
                .mapToObj(i -> Arrays.stream(resampled).mapToDouble(figures -> figures[i]).toArray())
                .mapToDouble(figure -> StandardDeviation.of(figure).getAsDouble())
                .toArray();
    }
}
