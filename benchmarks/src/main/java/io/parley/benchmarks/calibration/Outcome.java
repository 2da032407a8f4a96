package io.parley.benchmarks.calibration;

import io.parley.tasks.scoring.DeliData;
import java.util.List;

/**
 * What the participants of a group select at first and in the end, as bits of {@link io.parley.tasks.wason.Part}.
 *
 * @param group its place among the groups, which decides on its fold and its random streams
 */
record Outcome(int group, int[] initial, int[] last) {
    static Outcome of(int number, DeliData.Group group) {
        List<List<Integer>> solutions = group.solutions();
        return new Outcome(
                number,
                solutions.stream().mapToInt(own -> own.get(0)).toArray(),
                solutions.stream().mapToInt(own -> own.get(own.size() - 1)).toArray());
    }

    /** The same group, had nobody changed. */
    Outcome unchanged() {
        return new Outcome(group, initial, initial);
    }
}
