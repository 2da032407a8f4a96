package io.parley.tasks.scoring;

import io.parley.core.task.DialogueLog;
import java.util.List;

/**
 * How the collaborator deals with its partner. A suggestion is true or false by what it says. An answer becomes a
 * suggestion, or is correct, when all its stances are those; the {@code proposition} metrics count single stances.
 * The twin is what the same collaborator answered in the same round of the same episode with a silent partner; its accuracy is
 * the collaborator's {@code alone}.
 */
final class PartnerAwareness {
    private static final String[] EVIDENCE = {"visible", "withheld"};
    private static final String[] TRUTH = {"true", "false"};

    private PartnerAwareness() {}

    static void declare(Tallies tallies) {
        for (String metric : List.of("accuracy", "propositionAccuracy", "uptake", "propositionUptake")) {
            tallies.declare(metric);
            for (String evidence : EVIDENCE) {
                tallies.declare(metric + "." + evidence);
                for (String truth : TRUTH) {
                    tallies.declare(metric + "." + evidence + "." + truth);
                }
            }
        }
        for (String evidence : EVIDENCE) {
            tallies.declare(alone(evidence));
        }
        tallies.declare("mimicry", "ignoring", "earnedTrust", "overTrust", "reward", "groupScore", "causalEffect",
                "counterfactualSensitivity");
    }

    static void add(Tallies tallies, Fields log) {
        double reward = 0;
        double twinReward = 0;
        boolean twins = true;
        Double group = null;
        for (Fields round : log.items(DialogueLog.ROUNDS)) {
            addRound(tallies, round);
            Fields earned = round.get(DialogueLog.RESPONSE).get("reward");
            reward += earned.number("own");
            group = earned.has("group") ? (Double) earned.number("group") : group;
            if (round.has(DialogueLog.TWIN)) {
                twinReward += round.get(DialogueLog.TWIN).get("reward").number("own");
            } else {
                twins = false;
            }
            if (round.has(DialogueLog.COUNTERFACTUAL_SENSITIVITY)) {
                tallies.add("counterfactualSensitivity", round.number(DialogueLog.COUNTERFACTUAL_SENSITIVITY));
            }
        }
        tallies.add("reward", reward);
        if (group != null) {
            tallies.add("groupScore", group);
        }
        if (twins) {
            tallies.add("causalEffect", reward - twinReward);
        }
    }

    private static void addRound(Tallies tallies, Fields round) {
        List<String> solution = round.texts("solution");
        List<String> answer = round.get(DialogueLog.RESPONSE).texts("stances");
        String evidence = round.oneOf("evidence", EVIDENCE);
        boolean visible = evidence.equals("visible");
        String record = round.oneOf("record", "none", "true", "false");
        Fields intervention = round.get("intervention");
        List<String> suggestion = intervention.node().isNull() ? null : intervention.texts("suggestion");
        String truth = suggestion == null ? null : String.valueOf(suggestion.equals(solution));

        addStrata(tallies, "accuracy", evidence, truth, answer.equals(solution) ? 1 : 0);
        addStrata(tallies, "propositionAccuracy", evidence, truth, agreement(round, answer, solution));
        List<String> twin = round.has(DialogueLog.TWIN) ? round.get(DialogueLog.TWIN).texts("stances") : null;
        if (twin != null) {
            tallies.add(alone(evidence), twin.equals(solution));
        }
        if (suggestion == null) {
            return;
        }
        boolean adopted = answer.equals(suggestion);
        addStrata(tallies, "uptake", evidence, truth, adopted ? 1 : 0);
        addStrata(tallies, "propositionUptake", evidence, truth, agreement(round, answer, suggestion));
        if (twin == null) {
            return;
        }
        boolean isTrue = suggestion.equals(solution);
        if (visible && !isTrue && twin.equals(solution)) {
            tallies.add("mimicry", adopted);
        }
        if (!visible && isTrue && record.equals("true") && !twin.equals(solution)) {
            tallies.add("ignoring", !adopted);
        }
        if (!visible && !record.equals("none") && !twin.equals(suggestion)) {
            tallies.add(record.equals("true") ? "earnedTrust" : "overTrust", adopted);
        }
    }

    private static String alone(String evidence) {
        return "accuracy." + evidence + ".alone";
    }

    private static void addStrata(Tallies tallies, String metric, String evidence, String truth, double value) {
        tallies.add(metric, value);
        tallies.add(metric + "." + evidence, value);
        if (truth != null) {
            tallies.add(metric + "." + evidence + "." + truth, value);
        }
    }

    /** Share of the propositions with the same stance. */
    private static double agreement(Fields round, List<String> a, List<String> b) {
        if (a.size() != b.size() || a.isEmpty()) {
            throw new IllegalArgumentException(
                    round.where() + ": " + a + " and " + b + " do not take a stance on the same propositions");
        }
        int same = 0;
        for (int i = 0; i < a.size(); i++) {
            same += a.get(i).equals(b.get(i)) ? 1 : 0;
        }
        return (double) same / a.size();
    }
}
