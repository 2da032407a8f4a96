package com.example.triage.desk;

import io.parley.core.task.QuestionTask;
import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A triage desk: how urgent is a patient? Four signs decide. Where the monitor works the assistant sees them, and learns
 * afterwards what was right; elsewhere it has the adviser of the shift, and what it could check of that adviser before.
 */
public final class TriageDesk extends QuestionTask {
    /** Part of the reward: 1 where a red patient was not called red. */
    public static final String MISSED = "missed";

    private static final List<String> CATEGORIES = List.of("green", "yellow", "red");
    private static final List<String> LEVELS = List.of("low", "middle", "high");
    private static final int COMBINATIONS = 81;
    private static final double MONITORED = 0.6;

    /** Two patients a shift. */
    public TriageDesk() {
        super("triage", 2, List.of(CATEGORIES), LEVELS);
    }

    /** Of the combinations of signs every tenth is for choices and every tenth for results. */
    @Override
    protected Question ask(Split split, RandomGenerator random) {
        int combination;
        do {
            combination = random.nextInt(COMBINATIONS);
        } while (split != (combination % 10 == 3 ? Split.DEV : combination % 10 == 7 ? Split.TEST : Split.TRAIN));
        List<String> signs = new ArrayList<>();
        int severity = 0;
        for (int rest = combination, sign = 0; sign < 4; sign++, rest /= 3) {
            signs.add(LEVELS.get(rest % 3));
            severity += rest % 3;
        }
        String category = CATEGORIES.get(severity <= 3 ? 0 : severity == 4 ? 1 : 2);
        return new Question("", String.join(" ", signs), random.nextDouble() < MONITORED, List.of(category));
    }

    @Override
    protected Map<String, Double> reward(Question patient, List<String> decision) {
        boolean missed = patient.solution().contains("red") && !decision.contains("red");
        return Map.of("own", decision.equals(patient.solution()) ? 1.0 : 0.0, MISSED, missed ? 1.0 : 0.0);
    }
}
