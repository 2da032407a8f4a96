package io.parley.core.training;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.util.Map;

/** The reward of one response: a plain function. */
@FunctionalInterface
public interface RewardFunction {
    /** @param parts the task's named parts of this round */
    double reward(Prompt prompt, Response response, Map<String, Double> parts);
}
