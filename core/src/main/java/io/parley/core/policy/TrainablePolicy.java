package io.parley.core.policy;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A policy whose parameters can be learnt by gradients. */
public interface TrainablePolicy extends Policy {
    /** Sets the optimiser and forgets its moments and step count. To be called before the first update. */
    void configureOptimizer(OptimizerConfig config);

    /**
     * Opens an update: score, call {@link UpdateScope#backward} on one or more losses, then
     * {@link UpdateScope#step}, then close. One update may be open in a JVM at a time.
     */
    UpdateScope beginUpdate();

    /**
     * How rows are split so that one forward and backward pass fits into memory: lists of indices, in order, each
     * index once. Gradients of the parts add up in one {@link UpdateScope}.
     */
    default List<int[]> microBatches(List<Prompt> prompts, List<Response> responses) {
        int[] all = new int[prompts.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        return List.of(all);
    }

    /**
     * How many tokens each response has as this policy scores it: the lengths of its rows of log-probabilities. By default the
     * rows are scored for it; a policy that need not should say so.
     */
    default int[] responseLengths(List<Prompt> prompts, List<Response> responses) {
        return Arrays.stream(score(prompts, responses, ScoreRequest.logProbs()).logProbs()).mapToInt(row -> row.length).toArray();
    }

    /** The policy as it is now, frozen. It shares every parameter that is not trained. The caller closes it. */
    Policy snapshot();

    /** Number of trained parameters. */
    long parameterCount();

    /**
     * Writes the trained parameters: {@code policy.safetensors} and {@code policy.json} (description, and id and hash
     * of the base where there is one), in the form of {@link PolicyFiles}.
     *
     * @param folder created when absent
     */
    void save(Path folder) throws IOException;

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws IOException if a file is absent, truncated or of another shape or base; the message names the file,
     *     what was found and what was expected, and the policy is left as it was
     */
    void load(Path folder) throws IOException;

    /**
     * Writes the trained parameters and the optimiser's moments and step count, from which training goes on as if it had
     * not been cut off. An optional operation.
     *
     * @param folder created when absent
     * @throws UnsupportedOperationException if the policy cannot; training of it that is cut off begins anew
     */
    default void saveState(Path folder) throws IOException {
        throw new UnsupportedOperationException(getClass().getSimpleName() + " keeps no state of its training");
    }

    /**
     * Reads what {@link #saveState} wrote, once {@link #configureOptimizer} has set the same optimiser.
     *
     * @throws IOException as {@link #load}, and if the optimiser was another; the policy and its optimiser are left as they were
     */
    default void loadState(Path folder) throws IOException {
        throw new UnsupportedOperationException(getClass().getSimpleName() + " keeps no state of its training");
    }
}
