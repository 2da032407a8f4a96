package io.parley.core.task;

import io.parley.core.dialogue.Prompt;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes the counterfactual state s_CF of a dialogue: the same dialogue with the intervention's influence cut. */
public interface Counterfactual {
    /**
     * The counterfactual prompts, one a row. The round that is asked stays the same, and nothing but interventions and
     * notices in the system segments differs. A prompt whose partner is silent may come back as it is; a
     * counterfactual that does not draw leaves what it has cut already as it is. The prompts and their list are left as they are.
     *
     * @param prompts current prompts; rows may serve as each other's donors
     * @param random for counterfactuals that draw: the same generator gives the same prompts, and no other component's
     *     numbers depend on it
     */
    List<Prompt> cut(List<Prompt> prompts, RandomGenerator random);

    /** Whether the interventions of every round are cut, or only the current round's. */
    boolean cutsEveryRound();

    /** The words that it may append to the system segments, in order; empty when it appends none. */
    default List<String> notice() {
        return List.of();
    }
}
