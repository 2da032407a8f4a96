package io.parley.tasks.scoring;

import io.parley.tasks.wason.Part;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the participants of a group select while they discuss one question, as bits of {@link Part parts}, so that all
 * rules count alike. A dialogue log and a DeliData group come down to this, and are scored as this.
 *
 * @param solutions each participant's successive selections, the initial one first; at least one participant and selection
 * @param submission the group's
 */
record Deliberation(List<List<Integer>> solutions, int submission) {
    Deliberation {
        if (solutions.isEmpty() || solutions.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("solutions are " + solutions + "; at least one of at least one participant");
        }
    }

    static void declare(Tallies tallies) {
        tallies.declare("finalAccuracy", "fineGrained", "performanceGain", "diversity", "uniqueTransitions", "stuckTransitions",
                "circularTransitions", "cgGain", "consensus", "participants.initialAccuracy", "participants.finalAccuracy",
                "participants.initialFineGrained", "participants.finalFineGrained", "participants.changed");
    }

    void addTo(Tallies tallies) {
        double initialGrade = 0;
        Set<Integer> last = new HashSet<>();
        for (List<Integer> own : solutions) {
            int initial = first(own);
            int end = last(own);
            initialGrade += Part.fineGrained(initial) / solutions.size();
            last.add(end);
            tallies.add("participants.initialAccuracy", initial == Part.CORRECT);
            tallies.add("participants.finalAccuracy", end == Part.CORRECT);
            tallies.add("participants.initialFineGrained", Part.fineGrained(initial));
            tallies.add("participants.finalFineGrained", Part.fineGrained(end));
            tallies.add("participants.changed", initial != end);
        }
        tallies.add("consensus", last.size() == 1);
        tallies.add("finalAccuracy", submission == Part.CORRECT);
        tallies.add("fineGrained", Part.fineGrained(submission));
        tallies.add("performanceGain", Part.fineGrained(submission) - initialGrade);
        addDiscussion(tallies);
    }

    private void addDiscussion(Tallies tallies) {
        Set<Integer> atStart = new HashSet<>();
        Set<Integer> seen = new HashSet<>();
        Set<List<Integer>> triples = new HashSet<>();
        int stuck = 0;
        int circular = 0;
        for (List<Integer> own : solutions) {
            atStart.add(first(own));
            seen.addAll(own);
            for (int t = 0; t + 2 < own.size(); t++) {
                List<Integer> triple = List.copyOf(own.subList(t, t + 3));
                triples.add(triple);
                boolean returns = triple.get(0).equals(triple.get(2));
                boolean stays = triple.get(0).equals(triple.get(1));
                stuck += returns && stays ? 1 : 0;
                circular += returns && !stays ? 1 : 0;
            }
        }
        tallies.add("diversity", seen.size());
        // Types introduced during the discussion, minus those present at its start.
        tallies.add("cgGain", seen.size() - atStart.size() - atStart.size());
        if (!triples.isEmpty()) {
            tallies.add("uniqueTransitions", triples.size());
            tallies.add("stuckTransitions", stuck);
            tallies.add("circularTransitions", circular);
        }
    }

    /** One case of the three shares for each participant: initial selection, final selection, the pair of them. */
    void addTo(Shares initial, Shares end, Shares transitions) {
        for (List<Integer> own : solutions) {
            String from = Part.letters(first(own));
            String to = Part.letters(last(own));
            initial.add(from);
            end.add(to);
            transitions.add(from + "." + to);
        }
    }

    private static int first(List<Integer> own) {
        return own.get(0);
    }

    private static int last(List<Integer> own) {
        return own.get(own.size() - 1);
    }
}
