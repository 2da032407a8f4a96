package io.parley.tasks.scoring;

import io.parley.core.task.DialogueLog;
import io.parley.tasks.wason.Kind;
import io.parley.tasks.wason.Part;
import io.parley.tasks.wason.Rule;
import java.util.ArrayList;
import java.util.List;

/**
 * How a group deals with a card selection: the measures of the public evaluation of DeliData dialogues, over the
 * participants alone. A dialogue is one question: an episode of the single regime, a round of the record regime.
 * Selections are compared as sets of {@link Part parts}, so that all rules count alike.
 *
 * <p>A participant's solutions are its selections before the first round and after each round.
 */
final class WasonDialogues {
    private static final String[] WORDS = {"turn", "leave", "unsure"};

    private WasonDialogues() {}

    static void declare(Tallies tallies) {
        Deliberation.declare(tallies);
        tallies.declare("commonGround.size", "commonGround.correctShare", "commonGround.growth");
    }

    static void add(Tallies tallies, Fields log) {
        for (List<Fields> rounds : questions(log)) {
            deliberation(rounds).addTo(tallies);
            for (Fields round : rounds) {
                tallies.add("commonGround.growth",
                        agreed(stances(round, "after")).size() - agreed(stances(round, "before")).size());
            }
            addCommonGround(tallies, rounds.get(rounds.size() - 1));
        }
    }

    static List<Deliberation> deliberations(Fields log) {
        return questions(log).stream().map(WasonDialogues::deliberation).toList();
    }

    /** The rounds of each question. */
    private static List<List<Fields>> questions(Fields log) {
        List<Fields> rounds = log.items(DialogueLog.ROUNDS);
        if (log.oneOf("regime", "record", "single").equals("record")) {
            return rounds.stream().map(List::of).toList();
        }
        return rounds.isEmpty() ? List.of() : List.of(rounds);
    }

    private static Deliberation deliberation(List<Fields> rounds) {
        Fields first = rounds.get(0);
        Fields last = rounds.get(rounds.size() - 1);
        int[] parts = parts(first);
        List<List<Integer>> solutions = new ArrayList<>();
        for (List<String> stances : stances(first, "before")) {
            solutions.add(new ArrayList<>(List.of(select(first, parts, stances))));
        }
        for (Fields round : rounds) {
            List<List<String>> after = stances(round, "after");
            for (int people : new int[] {stances(round, "before").size(), after.size()}) {
                if (people != solutions.size()) {
                    throw new IllegalArgumentException(
                            round.where() + " has stances of " + people + " participants; there are " + solutions.size());
                }
            }
            for (int person = 0; person < after.size(); person++) {
                solutions.get(person).add(select(round, parts, after.get(person)));
            }
        }
        return new Deliberation(solutions, select(last, parts, onCards(last, "submission")));
    }

    /** Those of the participants before or after a round. */
    private static List<List<String>> stances(Fields round, String when) {
        return round.get("stances").wordLists(when, round.items("cards").size(), WORDS);
    }

    private static List<String> onCards(Fields round, String name) {
        return round.words(name, round.items("cards").size(), WORDS);
    }

    private static void addCommonGround(Tallies tallies, Fields last) {
        List<String> solution = onCards(last, "solution");
        List<List<String>> after = stances(last, "after");
        List<Integer> agreed = agreed(after);
        List<String> anyone = after.get(0);
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
