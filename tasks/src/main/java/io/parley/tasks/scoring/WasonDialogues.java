package io.parley.tasks.scoring;

import io.parley.core.task.DialogueLog;
import io.parley.tasks.wason.Kind;
import io.parley.tasks.wason.Part;
import io.parley.tasks.wason.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a group deals with a card selection: the measures of the public evaluation of DeliData dialogues, over the
 * participants alone. A dialogue is one question: an episode of the single regime, a round of the record regime.
 * Selections are compared as sets of {@link Part parts}, so that all rules count alike.
 *
 * <p>A participant's solutions are its selections before the first round and after each round.
 */
final class WasonDialogues {
    private WasonDialogues() {}

    static void declare(Tallies tallies) {
        tallies.declare("finalAccuracy", "fineGrained", "performanceGain", "diversity", "uniqueTransitions", "stuckTransitions",
                "circularTransitions", "cgGain", "commonGround.size", "commonGround.correctShare", "commonGround.growth");
    }

    static void add(Tallies tallies, Fields log) {
        List<Fields> rounds = log.items(DialogueLog.ROUNDS);
        if (log.oneOf("regime", "record", "single").equals("single")) {
            addQuestion(tallies, rounds);
        } else {
            rounds.forEach(round -> addQuestion(tallies, List.of(round)));
        }
    }

    private static void addQuestion(Tallies tallies, List<Fields> rounds) {
        if (rounds.isEmpty()) {
            return;
        }
        Fields first = rounds.get(0);
        Fields last = rounds.get(rounds.size() - 1);
        int[] parts = parts(first);
        List<List<Integer>> solutions = new ArrayList<>();
        for (List<String> stances : first.get("stances").lists("before")) {
            solutions.add(new ArrayList<>(List.of(select(first, parts, stances))));
        }
        double initialGrade = solutions.stream().mapToDouble(s -> Part.fineGrained(s.get(0))).average().orElse(0);
        for (Fields round : rounds) {
            List<List<String>> after = round.get("stances").lists("after");
            if (after.size() != solutions.size()) {
                throw new IllegalArgumentException(
                        round.where() + " has stances of " + after.size() + " participants; the first round has " + solutions.size());
            }
            for (int person = 0; person < after.size(); person++) {
                solutions.get(person).add(select(round, parts, after.get(person)));
            }
            tallies.add("commonGround.growth",
                    agreed(after).size() - agreed(round.get("stances").lists("before")).size());
        }
        int submission = select(last, parts, last.texts("submission"));
        tallies.add("finalAccuracy", submission == Part.CORRECT);
        tallies.add("fineGrained", Part.fineGrained(submission));
        tallies.add("performanceGain", Part.fineGrained(submission) - initialGrade);
        addDiscussion(tallies, solutions);
        addCommonGround(tallies, last);
    }

    private static void addDiscussion(Tallies tallies, List<List<Integer>> solutions) {
        Set<Integer> atStart = new HashSet<>();
        Set<Integer> seen = new HashSet<>();
        Set<List<Integer>> triples = new HashSet<>();
        int stuck = 0;
        int circular = 0;
        for (List<Integer> own : solutions) {
            atStart.add(own.get(0));
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

    private static void addCommonGround(Tallies tallies, Fields last) {
        List<String> solution = last.texts("solution");
        List<Integer> agreed = agreed(last.get("stances").lists("after"));
        List<String> anyone = last.get("stances").lists("after").get(0);
        tallies.add("commonGround.size", agreed.size());
        for (int proposition : agreed) {
            tallies.add("commonGround.correctShare", anyone.get(proposition).equals(solution.get(proposition)));
        }
    }

    /** The propositions on which all participants hold the same stance; being unsure is none. */
    private static List<Integer> agreed(List<List<String>> stances) {
        List<Integer> agreed = new ArrayList<>();
        for (int proposition = 0; proposition < stances.get(0).size(); proposition++) {
            int p = proposition;
            String stance = stances.get(0).get(p);
            if (!stance.equals("unsure") && stances.stream().allMatch(s -> s.get(p).equals(stance))) {
                agreed.add(p);
            }
        }
        return agreed;
    }

    /** The part of each card, as a bit. */
    private static int[] parts(Fields round) {
        try {
            Rule rule = Rule.ofText(round.text("rule"));
            return round.texts("cards").stream().mapToInt(symbol -> rule.part(Kind.ofSymbol(symbol)).bit()).toArray();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(round.where() + ": " + e.getMessage(), e);
        }
    }

    private static int select(Fields round, int[] parts, List<String> stances) {
        if (stances.size() != parts.length) {
            throw new IllegalArgumentException(round.where() + ": " + stances + " are not stances on " + parts.length + " cards");
        }
        int selected = 0;
        for (int card = 0; card < parts.length; card++) {
            selected |= stances.get(card).equals("turn") ? parts[card] : 0;
        }
        return selected;
    }
}
