package io.parley.core.training;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.util.List;

/**
 * One response of the collaborator in training.
 *
 * @param prompt the state s
 * @param counterfactuals the counterfactual states of s, in the order in which they were asked for
 * @param response what was sampled, with behaviour log-probabilities and values
 * @param reward what it earned
 * @param stratum kind of state, such as "visible" or "withheld"
 */
public record Turn(
        Prompt prompt, List<Prompt> counterfactuals, Response response, double reward, String stratum) {}
