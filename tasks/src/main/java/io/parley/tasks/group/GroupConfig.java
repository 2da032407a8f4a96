package io.parley.tasks.group;

import io.parley.core.plugin.ConfigurationException;
import io.parley.tasks.people.PeopleFile;
import io.parley.tasks.people.Regime;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys that the configurations of all tasks with a group have in common, with their defaults. What is left out is null.
 *
 * @param regime left out, the record regime
 * @param rounds from 1 to 100; left out, 2 in the record regime and {@link #DIALOGUE} in the single regime
 * @param visible probabilities that the evidence is visible, one for all rounds or, in the record regime, one a round; left out,
 *     0.8 in the first round and 0.3 after it in the record regime, and 0.5 in the single regime. Once it is made, one for each
 *     time that it is drawn
 * @param participants from 2 to 7; left out, 3
 * @param reasoning of the demonstrator, from 0 to 1; left out, 0.7
 * @param formatPenalty at least 0; left out, 0.1
 * @param people as {@link PeopleFile} has it
 * @param peopleSha256 as {@link PeopleFile} has it
 */
public record GroupConfig(Regime regime, Integer rounds, List<Double> visible, Integer participants, Double reasoning,
        Double formatPenalty, String people, String peopleSha256) {
    /** Rounds of the single regime, unless it is told otherwise. */
    public static final int DIALOGUE = 15;

    /**
     * @throws IllegalArgumentException if something is out of its range
     * @throws ConfigurationException as {@link PeopleFile} does
     */
    public GroupConfig {
        regime = regime == null ? Regime.RECORD : regime;
        rounds = rounds == null ? (regime == Regime.RECORD ? 2 : DIALOGUE) : rounds;
        participants = participants == null ? 3 : participants;
        reasoning = reasoning == null ? 0.7 : reasoning;
        formatPenalty = formatPenalty == null ? 0.1 : formatPenalty;
        if (rounds < 1 || rounds > 100) {
            throw new IllegalArgumentException("rounds is " + rounds + "; from 1 to 100");
        }
        if (participants < 2 || participants > 7) {
            throw new IllegalArgumentException("participants is " + participants + "; from 2 to 7");
        }
        if (!(reasoning >= 0 && reasoning <= 1)) {
            throw new IllegalArgumentException("reasoning is " + reasoning + "; from 0 to 1");
        }
        if (!(formatPenalty >= 0 && formatPenalty < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("formatPenalty is " + formatPenalty + "; a number, at least 0");
        }
        PeopleFile file = new PeopleFile(people, peopleSha256);
        people = file.people();
        peopleSha256 = file.peopleSha256();
        int draws = regime == Regime.RECORD ? rounds : 1;
        if (visible == null) {
            visible = regime == Regime.SINGLE
                    ? List.of(0.5)
                    : IntStream.range(0, rounds).mapToObj(round -> round == 0 ? 0.8 : 0.3).toList();
        }
        if (visible.size() != 1 && visible.size() != draws) {
            throw new IllegalArgumentException("visible has " + visible.size() + " probabilities; one for all rounds"
                    + (regime == Regime.RECORD
                            ? ", or one for each of the " + rounds + " rounds"
                            : ": the single regime draws once a dialogue"));
        }
        for (Double q : visible) {
            if (q == null || !(q >= 0 && q <= 1)) {
                throw new IllegalArgumentException("visible holds " + q + "; probabilities, from 0 to 1");
            }
        }
        visible = visible.size() == draws ? List.copyOf(visible) : List.copyOf(Collections.nCopies(draws, visible.get(0)));
    }
}
