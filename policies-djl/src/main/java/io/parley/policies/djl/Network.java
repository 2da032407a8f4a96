package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A parametrised distribution over responses: what differs between the trainable policies of this module. Optimiser,
 * update scope, snapshots and files are written once on top of it.
 */
interface Network extends AutoCloseable {
    /** The provider's id. */
    String id();

    /** What else the file must say for the parameters to make sense (configuration, texts); compared at loading. */
    ObjectNode description();

    /** What the file says beside that, for those who read it without this module; not compared at loading. */
    default ObjectNode remarks() {
        return JsonNodeFactory.instance.objectNode();
    }

    Parameters parameters();

    /** Number of trained numbers. */
    long parameterCount();

    /** As {@link io.parley.core.policy.Policy#sample}. */
    List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams);

    /** As {@link io.parley.core.policy.Policy#score}. */
    Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request);

    /** As {@link io.parley.core.policy.Policy#fit}. */
    List<Prompt> fit(List<Prompt> versions);

    /** Number of tokens of a response. */
    int length(Response response);

    /** As {@link io.parley.core.policy.Policy#chat}. */
    default List<ChatMessage> chat(Prompt prompt) {
        return ChatMessage.of(prompt);
    }

    /** As {@link io.parley.core.policy.TrainablePolicy#microBatches}. */
    List<int[]> microBatches(List<Prompt> prompts, List<Response> responses);

    /** The text of the tokenizer's file, or null for a network that has none. */
    default String tokenizer() {
        return null;
    }

    /** Called after every change of the parameters' values, for what was computed with the former ones. */
    default void parametersChanged() {}

    /**
     * The differentiable passes of one update.
     *
     * @param step steps that the optimiser has taken: what is drawn for an update, such as what is dropped out, follows from it
     */
    Graph graph(NDManager owner, long step);

    /** The same distribution with trained parameters of its own; what is frozen is shared. */
    Network copy();

    /** What the parameter file holds: by default the parameters as they are. */
    default Map<String, NDArray> toFile(NDManager owner) {
        return parameters().byName();
    }

    /**
     * Takes over what {@link #toFile} gave: by default arrays of the names and shapes of the parameters.
     *
     * @param arrays named and shaped as the description beside the file says
     * @throws IOException if they do not fit; nothing is changed then
     */
    default void fromFile(Map<String, NDArray> arrays) throws IOException {
        parameters().requireSame(arrays, parameters().byName().keySet());
        arrays.forEach((name, array) -> array.copyTo(parameters().get(name)));
    }

    /**
     * An array of a parameter's shape, such as a moment of its gradient, in the form in which {@link #toFile} gives the
     * parameter.
     */
    default NDArray toFile(String name, NDArray array, NDManager owner) {
        return array;
    }

    /**
     * The inverse, once {@link #fromFile} has read the parameters.
     *
     * @param written what {@link #toFile(String, NDArray, NDManager)} gave
     * @param arrays what {@link #toFile(NDManager)} gave at the same time
     */
    default NDArray fromFile(String name, NDArray written, Map<String, NDArray> arrays, NDManager owner) {
        return written;
    }

    @Override
    void close();

    /** Forward passes that share one set of leaves. */
    interface Graph {
        ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request);

        /** Says that what was scored so far has been learnt from, so that its memory may go with the next pass. */
        default void spent() {}

        /** Gradients of all backward passes so far, one a parameter in the order of {@link Parameters}; null for none. */
        List<NDArray> gradients();

        /** Sum of the squares of all gradients. */
        double squaredNorm(List<NDArray> gradients);
    }
}
