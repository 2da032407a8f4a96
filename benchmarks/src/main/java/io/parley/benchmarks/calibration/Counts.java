package io.parley.benchmarks.calibration;

import io.parley.tasks.scoring.DeliData;
import io.parley.tasks.wason.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is not fitted but counted.
 *
 * @param turns messages and submissions of a participant, on average
 * @param others members of a participant's group beside it, on average over participants
 * @param secondThoughts weights of the selections that people come to by themselves, by their letters; empty if hardly any do
 */
record Counts(double turns, double others, Map<String, Double> secondThoughts) {
    static Counts of(List<DeliData.Group> groups) {
        return new Counts(turns(groups), others(groups), secondThoughts(groups));
    }

    private static double turns(List<DeliData.Group> groups) {
        long turns = 0;
        long people = 0;
        for (DeliData.Group group : groups) {
            turns += group.solutions().stream().mapToInt(own -> own.size() - 1).sum();
            people += group.solutions().size();
        }
        return (double) turns / people;
    }

    private static double others(List<DeliData.Group> groups) {
        double others = groups.stream().mapToDouble(group -> group.solutions().size() * (group.solutions().size() - 1)).sum();
        return others / groups.stream().mapToInt(group -> group.solutions().size()).sum();
    }

    /**
     * How often people end with a selection that nobody in their group had at first, which none of them can have copied:
     * participants who end with it, as a share of those in groups without it. The correct selection is not among them: coming
     * to it by oneself is insight. Where fewer than two are met, there is nothing to draw from.
     */
    private static Map<String, Double> secondThoughts(List<DeliData.Group> groups) {
        Map<String, Double> rates = new LinkedHashMap<>();
        for (int parts = 0; parts < 16; parts++) {
            int selection = parts;
            List<List<Integer>> without = groups.stream()
                    .filter(group -> group.solutions().stream().noneMatch(own -> own.get(0) == selection))
                    .flatMap(group -> group.solutions().stream()).toList();
            long came = without.stream().filter(own -> own.get(own.size() - 1) == selection).count();
            if (came > 0 && selection != Part.CORRECT) {
                rates.put(Part.letters(selection), Dynamics.rounded((double) came / without.size()));
            }
        }
        return rates.size() < 2 ? Map.of() : rates;
    }
}
