package io.parley.benchmarks.calibration;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.tasks.group.GroupConfig;
import io.parley.tasks.people.People;
import java.util.List;
import java.util.Map;

/**
 * What is fitted: two kinds of participants, one that never reconsiders and one that does. Every component is a probability.
 *
 * @param stubborn share of the participants who never reconsider
 * @param social of the others' sources: that it is the group; otherwise it is one's own head
 * @param majority where it is the group: that it is the majority; otherwise it is another participant
 * @param insight where it is one's own head: that it is what the evidence shows; otherwise it is second thoughts
 * @param conviction that one who is right stays so, whatever the source
 */
record Dynamics(double stubborn, double social, double majority, double insight, double conviction) {
    /** Number of components. */
    static final int SIZE = 5;

    static Dynamics of(double[] point) {
        return new Dynamics(rounded(point[0]), rounded(point[1]), rounded(point[2]), rounded(point[3]), rounded(point[4]));
    }

    /**
     * The participants. A participant reconsiders as often in the rounds of a dialogue as it has turns in its group.
     *
     * <p>A collaborator and a partner are spoken with like any other member: each gets the weight of one. That is assumed;
     * groups of people alone cannot tell. The pace counts their turns too, so that without them nothing is different.
     */
    People.Parameters people(Counts counts, List<String> source, JsonNode fit) {
        double peer = social * (1 - majority);
        double member = counts.others() > 0 ? peer / counts.others() : 0;
        double all = 1 + 2 * member;
        People.Sources sources = new People.Sources(0.0, rounded(social * majority / all),
                rounded(peer / all), rounded(member / all),
                rounded(member / all), rounded((1 - social) * insight / all), rounded((1 - social) * (1 - insight) / all));
        People.Sources none = new People.Sources(1.0, null, null, null, null, null, null);
        People.Pace pace = new People.Pace(
                Math.min(1, rounded(counts.turns() * all)), Math.min(1, rounded(counts.turns() * all / GroupConfig.DIALOGUE)));
        return new People.Parameters(source, fit, pace,
                List.of(new People.Personality("stubborn", stubborn, 0, none),
                        new People.Personality("open", rounded(1 - stubborn), conviction, sources)),
                counts.secondThoughts().isEmpty() ? Map.of() : Map.of("wason", counts.secondThoughts()));
    }

    /** To the places that a file holds: what is judged is what is written. */
    static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}
