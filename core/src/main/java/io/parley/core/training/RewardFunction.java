package io.parley.core.training;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.util.Map;

/** The reward of one response: a plain function. The same arguments give the same number, whenever and wherever it is asked. */
@FunctionalInterface
public interface RewardFunction {
    /**
     * The reward, a finite number.
     *
     * @param parts the task's named parts of this round; not to be changed
     */
    double reward(Prompt prompt, Response response, Map<String, Double> parts);
}
