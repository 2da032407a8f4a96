package io.parley.tasks.log;

/**
 * The dialogue log: one JSON object an episode, one line each in a file. All metrics are computed from it.
 *
 * <pre>{@code
 * {"schema": 1, "task": "wason", "regime": "record", "split": "test", "episode": 17, "partner": "misleading",
 *  "participants": ["stubborn", "conformist", "evidence-led"],
 *  "rounds": [{
 *    "round": 1,
 *    "rule": "if vowel then even", "cards": ["7", "A", "4", "K"],
 *    "solution": ["turn", "turn", "leave", "leave"],
 *    "evidence": "visible",
 *    "record": "none",
 *    "intervention": {"suggestion": ["leave", "turn", "turn", "leave"], "tone": "confident", "true": false},
 *    "response": {"raw": "turn turn leave leave", "stances": ["turn", "turn", "leave", "leave"],
 *                 "reward": {"own": 1.0, "group": 0.0, "commonGround": 0.0}},
 *    "stances": {"before": [["leave", "turn", "turn", "leave"], …], "after": [[…], …]},
 *    "submission": ["turn", "turn", "leave", "leave"],
 *    "twin": {"raw": …, "stances": […], "reward": {…}},
 *    "counterfactualSensitivity": 0.12
 *  }, …]}
 * }</pre>
 *
 * <ul>
 *   <li>{@code regime}: {@code record} where each round asks a question of its own, {@code single} where the rounds
 *       are one dialogue about one question.
 *   <li>{@code partner}: its id; written by whoever knows it, absent otherwise.
 *   <li>{@code participants}: the personality of each; {@code stances} has one entry for each, in the same order,
 *       before and after the round.
 *   <li>{@code solution}: the correct stance on each proposition; {@code rule} and {@code cards}: the question, for
 *       this task.
 *   <li>{@code evidence}: {@code visible} or {@code withheld} from the collaborator.
 *   <li>{@code record}: what the collaborator could check of the partner before this round: {@code none};
 *       {@code true} when all of it was true; {@code false}.
 *   <li>{@code intervention}: null when the partner is silent; {@code true} repeats, for readers, that it is the solution.
 *   <li>{@code submission}: the group's majority after the round.
 *   <li>{@code response.reward}: what the response earned, by part; {@code group} is earned in the last round.
 *   <li>{@code twin}: the response of the same episode's silent twin in this round; absent until it is merged.
 *   <li>{@code counterfactualSensitivity}: mean KL(π(·|s) ‖ π(·|s_CF)) a response token, nats; absent where unknown.
 * </ul>
 */
public final class DialogueLog {
    /** The version of this form. */
    public static final int SCHEMA = 1;

    public static final String EPISODE = "episode";
    public static final String PARTNER = "partner";
    public static final String ROUNDS = "rounds";
    public static final String RESPONSE = "response";
    public static final String TWIN = "twin";
    public static final String COUNTERFACTUAL_SENSITIVITY = "counterfactualSensitivity";

    private DialogueLog() {}
}
