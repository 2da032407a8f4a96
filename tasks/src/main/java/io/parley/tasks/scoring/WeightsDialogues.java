package io.parley.tasks.scoring;

import io.parley.core.task.DialogueLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a group deals with the weights of blocks: the common-ground measures of the published evaluation (Nath and Krishnaswamy
 * 2025, arXiv 2510.22462), over the participants alone. A proposition is common ground once all participants hold it; it stays
 * so. Propositions are of three kinds: equality (block = weight, block = block), inequality (≠) and order of two blocks (&gt;). A
 * question about two blocks that differ gives two, one about a weight gives one; red weighs 10 g, so that a block as heavy as red
 * weighs 10 g, and one that is not does not.
 *
 * <p>A dialogue is an episode of the single regime; a round of the record regime is one of one turn.
 */
final class WeightsDialogues {
    /** What the published evaluation divides by. */
    private static final double PUBLISHED_MOST = 37;
    private static final List<String> HIDDEN = List.of("blue", "green", "purple", "yellow");
    private static final String[] SIGNS = {"<", "=", ">"};
    /** On the propositions of a question, in the order of the signs. */
    private static final String[] WORDS = {"support", "oppose", "unsure"};
    private static final Pattern QUESTION =
            Pattern.compile("(red|blue|green|purple|yellow) (red|blue|green|purple|yellow|[1-5]0)");

    private WeightsDialogues() {}

    static void declare(Tallies tallies) {
        tallies.declare("commonGround.size", "commonGround.correctShare", "commonGround.growth", "commonGround.normalised",
                "accuracyAdjusted", "finalAccuracy", "fineGrained", "consensus", "weighings", "visibleShare");
    }

    /** Whether the collaborator weighs, so that what it sees is its own doing. */
    static boolean weighs(Fields log) {
        return log.text("task").equals("weights") && log.oneOf("regime", "record", "single").equals("single");
    }

    static void add(Tallies tallies, Fields log) {
        if (weighs(log)) {
            addDialogue(tallies, log);
            return;
        }
        for (Fields round : log.items(DialogueLog.ROUNDS)) {
            List<Map<String, String>> before = nobodysBeliefs(round.get("stances").items("before").size());
            update(before, round, "before");
            List<Map<String, String>> after = nobodysBeliefs(before.size());
            update(after, round, "after");
            Set<String> ground = common(before);
            ground.addAll(common(after));
            addCommonGround(tallies, ground, round);
            tallies.add("finalAccuracy", onQuestion(round, "submission").equals(onQuestion(round, "solution")));
            tallies.add("consensus", !after.get(0).isEmpty() && new HashSet<>(after).size() == 1);
        }
    }

    private static void addDialogue(Tallies tallies, Fields log) {
        List<Fields> rounds = log.items(DialogueLog.ROUNDS);
        if (rounds.isEmpty()) {
            return;
        }
        List<Map<String, String>> beliefs = new ArrayList<>();
        for (Fields own : log.items("beliefs")) {
            Map<String, String> answers = new TreeMap<>();
            own.node().fieldNames().forEachRemaining(question -> answers.put(checked(own, question), own.oneOf(question, SIGNS)));
            beliefs.add(answers);
        }
        if (beliefs.isEmpty()) {
            throw new IllegalArgumentException(
                    log.get("beliefs").where() + " is []; an object for each participant, at least one");
        }
        Set<String> ground = common(beliefs);
        int weighings = 0;
        for (int r = 0; r < rounds.size(); r++) {
            update(beliefs, rounds.get(r), "after");
            int before = ground.size();
            ground.addAll(common(beliefs));
            if (r > 0) {
                tallies.add("commonGround.growth", ground.size() - before);
                weighings += rounds.get(r).texts("weighings").size();
            }
            tallies.add("visibleShare", rounds.get(r).text("evidence").equals("visible"));
        }
        tallies.add("weighings", weighings);
        Fields last = rounds.get(rounds.size() - 1);
        int correct = addCommonGround(tallies, ground, last);
        tallies.add("commonGround.normalised", ground.size() / PUBLISHED_MOST);
        // Size × (1 − incorrect share).
        tallies.add("accuracyAdjusted", correct);
        List<Double> submission = last.numbers("submission", HIDDEN.size());
        int right = 0;
        for (int block = 0; block < HIDDEN.size(); block++) {
            right += submission.get(block) == weight(last, HIDDEN.get(block)) ? 1 : 0;
        }
        tallies.add("finalAccuracy", right == HIDDEN.size());
        tallies.add("fineGrained", (double) right / HIDDEN.size());
        Set<List<Integer>> found = beliefs.stream()
                .map(own -> HIDDEN.stream().map(block -> found(own, block)).toList())
                .collect(Collectors.toSet());
        tallies.add("consensus", found.size() == 1 && !found.iterator().next().contains(0));
    }

    /** @return the number of correct propositions */
    private static int addCommonGround(Tallies tallies, Set<String> ground, Fields round) {
        tallies.add("commonGround.size", ground.size());
        int correct = 0;
        for (String proposition : ground) {
            boolean holds = holds(proposition, round);
            tallies.add("commonGround.correctShare", holds);
            correct += holds ? 1 : 0;
        }
        return correct;
    }

    private static List<Map<String, String>> nobodysBeliefs(int participants) {
        List<Map<String, String>> beliefs = new ArrayList<>();
        for (int person = 0; person < participants; person++) {
            beliefs.add(new TreeMap<>());
        }
        return beliefs;
    }

    /** What the participants hold about the question of a round, before or after it. */
    private static void update(List<Map<String, String>> beliefs, Fields round, String when) {
        String question = checked(round, round.text("question"));
        List<List<String>> stances = round.get("stances").wordLists(when, SIGNS.length, WORDS);
        if (stances.size() != beliefs.size()) {
            throw new IllegalArgumentException(
                    round.where() + " has stances of " + stances.size() + " participants; there are " + beliefs.size());
        }
        for (int person = 0; person < beliefs.size(); person++) {
            int supported = stances.get(person).indexOf("support");
            if (supported >= 0) {
                beliefs.get(person).put(question, SIGNS[supported]);
            }
        }
    }

    private static List<String> onQuestion(Fields round, String name) {
        return round.words(name, SIGNS.length, WORDS);
    }

    /** @return the question */
    private static String checked(Fields where, String question) {
        if (!QUESTION.matcher(question).matches()) {
            throw new IllegalArgumentException(where.where() + ": '" + question + "' is no question; a block and a block or a "
                    + "weight, such as 'blue green' or 'blue 30'");
        }
        return question;
    }

    /** The propositions that all hold. */
    private static Set<String> common(List<Map<String, String>> beliefs) {
        Set<String> common = propositions(beliefs.get(0));
        beliefs.forEach(own -> common.retainAll(propositions(own)));
        return common;
    }

    private static Set<String> propositions(Map<String, String> beliefs) {
        Set<String> propositions = new LinkedHashSet<>();
        beliefs.forEach((question, sign) -> {
            String[] sides = question.split(" ");
            String relation = sign.equals("=") ? " = " : " ≠ ";
            propositions.add(sides[0] + relation + sides[1]);
            boolean blocks = !isWeight(sides[1]);
            if (blocks && !sign.equals("=")) {
                propositions.add(sign.equals(">") ? sides[0] + " > " + sides[1] : sides[1] + " > " + sides[0]);
            }
            if (sides[1].equals("red")) {
                propositions.add(sides[0] + relation + "10");
            }
        });
        return propositions;
    }

    private static boolean holds(String proposition, Fields round) {
        String[] words = proposition.split(" ");
        int left = weight(round, words[0]);
        int right = isWeight(words[2]) ? Integer.parseInt(words[2]) : weight(round, words[2]);
        return switch (words[1]) {
            case "=" -> left == right;
            case ">" -> left > right;
            default -> left != right;
        };
    }

    private static boolean isWeight(String word) {
        return Character.isDigit(word.charAt(0));
    }

    private static int weight(Fields round, String block) {
        return (int) round.get("weights").number(block);
    }

    /** The only weight that someone's answers about a block, red and the reference weights allow; 0 if it is not one. */
    private static int found(Map<String, String> beliefs, String block) {
        int found = 0;
        for (int grams = 10; grams <= 50; grams += 10) {
            boolean allowed = true;
            for (int reference = 10; reference <= 50; reference += 10) {
                String sign = beliefs.get(block + " " + (reference == 10 ? "red" : String.valueOf(reference)));
                allowed &= sign == null || sign.equals(SIGNS[1 + Integer.signum(grams - reference)]);
            }
            if (allowed && found != 0) {
                return 0;
            }
            found = allowed ? grams : found;
        }
        return found;
    }
}
