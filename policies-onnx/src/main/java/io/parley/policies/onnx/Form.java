package io.parley.policies.onnx;

import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.policy.SamplingConfig;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What differs between frozen policies: how prompts and responses become inputs of the graph, and its outputs words. Immutable.
 */
interface Form {
    /**
     * Whether the policy can answer a task.
     *
     * @return what stands against it; null if nothing does
     */
    String objection(TextSpec text);

    /** What stands against a task whose responses have another form; null if nothing does. */
    static String otherFormat(TextSpec task, ResponseFormat format) {
        if (task.format().equals(format)) {
            return null;
        }
        if (format instanceof ResponseFormat.Choices own && task.format() instanceof ResponseFormat.Choices wanted
                && own.positions().size() == wanted.positions().size()) {
            int i = 0;
            while (own.positions().get(i).equals(wanted.positions().get(i))) {
                i++;
            }
            return "word " + (i + 1) + " of its answers is out of " + own.positions().get(i) + ", the task wants one of "
                    + wanted.positions().get(i);
        }
        return "it answers in " + inWords(format) + ", the task wants " + inWords(task.format());
    }

    /** A form of responses, for messages. */
    static String inWords(ResponseFormat format) {
        if (format instanceof ResponseFormat.FreeText free) {
            String stop = String.join("' or '", free.stop()).replace("\n", "\\n");
            return "free text of at most " + free.maxTokens() + " tokens"
                    + (stop.isEmpty() ? "" : " that ends at '" + stop + "'");
        }
        int positions = ((ResponseFormat.Choices) format).positions().size();
        return positions + (positions == 1 ? " word" : " words") + " out of lists";
    }

    /** What stands against a task that has words beyond these; null if nothing does. */
    static String unknownWord(TextSpec task, Collection<String> words) {
        Set<String> known = new HashSet<>(words);
        return task.words().stream()
                .filter(word -> !known.contains(word))
                .findFirst()
                .map(word -> "it does not know the task's word '" + word + "'")
                .orElse(null);
    }

    /**
     * Whether another policy can be the target of a divergence of this one: its distributions are over the same tokens, and have
     * as many outputs.
     *
     * @return what it has that stands against it; null if nothing does
     */
    String targetObjection(Form other);

    /** How many responses' distributions may be held at once, at least 1. */
    int rows();

    /** As {@link io.parley.core.policy.Policy#fit}. */
    List<Prompt> fit(List<Prompt> versions);

    /** As {@link io.parley.core.policy.Policy#chat}. */
    default List<ChatMessage> chat(Prompt prompt) {
        return ChatMessage.of(prompt);
    }

    /** As {@link io.parley.core.policy.Policy#sample}. */
    List<Response> sample(
            OnnxSession.Run run, List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams);

    /** What the graph gives for the tokens of each response. */
    List<Spoken> speak(OnnxSession.Run run, List<Prompt> prompts, List<Response> responses);

    /**
     * A response that was given to the graph.
     *
     * @param tokens index of each token among the logits
     * @param logits of each token's distribution; very negative where a token is not allowed
     * @param values estimate before each token
     */
    record Spoken(int[] tokens, float[][] logits, float[] values) {}
}
