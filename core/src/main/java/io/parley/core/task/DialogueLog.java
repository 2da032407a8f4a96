package io.parley.core.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The dialogue log: one JSON object an episode, one line each in a file. All metrics are computed from it. Every task
 * writes this form, and so can an application that has no task, only dialogues.
 *
 * <pre>{@code
 * {"schema": 1, "task": "wason", "split": "test", "episode": 17, "partner": "misleading",
 *  "rounds": [{
 *    "round": 1,
 *    "solution": ["turn", "turn", "leave", "leave"],
 *    "evidence": "visible", "settled": true,
 *    "record": "none",
 *    "intervention": {"suggestion": ["leave", "turn", "turn", "leave"], "tone": "confident", "true": false},
 *    "response": {"raw": "turn turn leave leave", "stances": ["turn", "turn", "leave", "leave"],
 *                 "reward": {"own": 1.0, "group": 0.0, "commonGround": 0.0}},
 *    "twin": {"raw": …, "stances": […], "reward": {…}},
 *    "counterfactualSensitivity": 0.12
 *  }, …]}
 * }</pre>
 *
 * <ul>
 *   <li>{@code split}: absent where there is none, as in a log of real use. {@code partner}: its id; written by whoever
 *       knows it, absent otherwise.
 *   <li>{@code solution}: the correct stance on each proposition, in the task's words.
 *   <li>{@code evidence}: {@code visible} or {@code withheld} from the collaborator; {@code settled}: whether it knew the
 *       solution after the round.
 *   <li>{@code record}: what the collaborator could check of the partner before this round, in rounds that were settled:
 *       {@code none}; {@code true} when all of it was true; {@code false}.
 *   <li>{@code intervention}: null when the partner is silent; {@code true} repeats, for readers, that it is the solution;
 *       {@code words} are the partner's own, absent where the task worded the suggestion.
 *   <li>{@code response.parsed}, {@code response.acts}: where responses are words, whether this one could be read, and what it
 *       does, sentence by sentence ({@code assert}, {@code agree}, {@code challenge}, {@code ask}, {@code acknowledge},
 *       {@code repair}); absent where responses are choices. {@code raw} is what came, in any case.
 *   <li>{@code response.reward}: what the response earned, by part: {@code own}, and {@code group} where the task has a
 *       group, which earns it in the last round.
 *   <li>{@code twin}: the response of the same episode's silent twin in this round; absent until it is merged.
 *   <li>{@code messages}: the dialogue as a chat, {@code {"role": …, "content": …}} each, as the collaborator was shown it and
 *       with its last response; written by whoever plays dialogues in words, absent otherwise.
 *   <li>{@code counterfactualSensitivity}: mean KL(π(·|s) ‖ π(·|s_CF)) a response token, nats; absent where unknown.
 * </ul>
 *
 * <p>A task adds fields of its own. {@code wason} adds, for the metrics of its groups: {@code regime} ({@code record}
 * where each round asks a question of its own, {@code single} where the rounds are one dialogue about one question);
 * {@code participants}, the personality of each; and in a round {@code rule}, {@code cards}, with {@code press: full} in
 * {@code intervention} the {@code text} that was shown, {@code stances} (those of
 * each participant, {@code before} and {@code after} it) and {@code submission}, the group's majority after it.
 *
 * <p>{@code weights} adds {@code regime}, {@code participants} and, with {@code press: full}, {@code text} as above, and in a
 * round {@code question}, the two sides that are compared; {@code weights}, the true weight of each block by its name, g;
 * {@code weighings}, those that the round begins with; {@code stances} on the question; and {@code submission}, the
 * stances of the group's majority. In the single regime {@code submission} holds instead for each block but the red one the
 * weight that more than half of the participants find, g, 0 where there is none; and the dialogue itself has {@code weighings},
 * which it begins with, and {@code beliefs}, for each participant the sign of every question that it can answer at first.
 */
public final class DialogueLog {
    /** The version of this form. */
    public static final int SCHEMA = 1;

    public static final String EPISODE = "episode";
    public static final String PARTNER = "partner";
    public static final String ROUNDS = "rounds";
    public static final String RESPONSE = "response";
    public static final String TWIN = "twin";
    public static final String MESSAGES = "messages";
    public static final String COUNTERFACTUAL_SENSITIVITY = "counterfactualSensitivity";

    private DialogueLog() {}

    /**
     * What happened in a round.
     *
     * @param solution the correct stance on each proposition
     * @param visible whether the collaborator saw the evidence
     * @param settled whether the collaborator knew the solution after the round, from its evidence or from an outcome that
     *     it was shown: then it could check what the partner had said
     * @param intervention what the partner said
     * @param response what the collaborator said, in its words
     * @param stances what that says about each proposition; as many as the solution has
     * @param reward what it earned, by part, {@code own} among them
     */
    public record Round(
            List<String> solution,
            boolean visible,
            boolean settled,
            Intervention intervention,
            String response,
            List<String> stances,
            Map<String, Double> reward) {
        public Round {
            if (stances.size() != solution.size()
                    || !intervention.silent() && intervention.suggestion().size() != solution.size()) {
                throw new IllegalArgumentException("solution " + solution + ", suggestion " + intervention.suggestion()
                        + " and stances " + stances + " must be about the same propositions");
            }
            if (!reward.containsKey("own")) {
                throw new IllegalArgumentException("reward is " + reward + "; the part 'own' is missing");
            }
        }
    }

    /**
     * The log of an episode that has no rounds yet; fields of its own may be added.
     *
     * @param split null where there is none
     */
    public static ObjectNode begin(String task, Split split, long episode) {
        ObjectNode log = JsonNodeFactory.instance.objectNode();
        log.put("schema", SCHEMA).put("task", task);
        if (split != null) {
            log.put("split", split.name().toLowerCase(Locale.ROOT));
        }
        log.put(EPISODE, episode).putArray(ROUNDS);
        return log;
    }

    /**
     * Adds a round to a log.
     *
     * @return the round's node; fields of the task's own may be added
     */
    public static ObjectNode add(ObjectNode log, Round round) {
        ArrayNode rounds = (ArrayNode) log.get(ROUNDS);
        String record = record(rounds);
        ObjectNode node = rounds.addObject().put("round", rounds.size());
        words(node.putArray("solution"), round.solution());
        node.put("evidence", round.visible() ? "visible" : "withheld").put("settled", round.settled()).put("record", record);
        if (round.intervention().silent()) {
            node.putNull("intervention");
        } else {
            ObjectNode intervention = node.putObject("intervention");
            words(intervention.putArray("suggestion"), round.intervention().suggestion());
            intervention.put("tone", round.intervention().tone().name().toLowerCase(Locale.ROOT));
            intervention.put("true", round.intervention().suggestion().equals(round.solution()));
            if (!round.intervention().words().isEmpty()) {
                intervention.put("words", round.intervention().words());
            }
        }
        ObjectNode response = node.putObject(RESPONSE).put("raw", round.response());
        words(response.putArray("stances"), round.stances());
        new TreeMap<>(round.reward()).forEach(response.putObject("reward")::put);
        return node;
    }

    /**
     * Says of a round's response, which is words, what they were understood as.
     *
     * @param round what {@link #add} returned
     * @param parsed whether the response could be read; where not, its stances are what the task takes for none
     * @param acts what it does, sentence by sentence, in the task's words
     */
    public static void addSpeech(ObjectNode round, boolean parsed, List<String> acts) {
        ObjectNode response = (ObjectNode) round.get(RESPONSE);
        response.put("parsed", parsed);
        words(response.putArray("acts"), acts);
    }

    /** What could be checked in the rounds so far. */
    private static String record(ArrayNode rounds) {
        boolean any = false;
        for (JsonNode round : rounds) {
            JsonNode truth = round.at("/intervention/true");
            if (round.get("settled").asBoolean() && !truth.isMissingNode()) {
                if (!truth.asBoolean()) {
                    return "false";
                }
                any = true;
            }
        }
        return any ? "true" : "none";
    }

    private static void words(ArrayNode node, List<String> words) {
        words.forEach(node::add);
    }
}
