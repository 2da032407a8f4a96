package io.parley.core.dialogue;

import java.util.List;

/** What a response may look like. */
public sealed interface ResponseFormat {

    /**
     * One word for each position, out of a list of its own (the no-press setting).
     *
     * @param positions the words allowed at each position; every list has at least two
     */
    record Choices(List<List<String>> positions) implements ResponseFormat {
        public Choices {
            positions = positions.stream().map(List::copyOf).toList();
            if (positions.isEmpty() || positions.stream().anyMatch(p -> p.size() < 2)) {
                throw new IllegalArgumentException("a choice needs at least one position and two words at each, got "
                        + positions);
            }
        }
    }

    /**
     * Free words (the full-press setting).
     *
     * @param maxTokens the most tokens of one response, at least 1
     * @param stop texts that end a response when the policy has no end token of its own; not part of the response
     */
    record FreeText(int maxTokens, List<String> stop) implements ResponseFormat {
        public FreeText {
            stop = List.copyOf(stop);
            if (maxTokens < 1) {
                throw new IllegalArgumentException("maxTokens is " + maxTokens + "; at least 1");
            }
        }
    }
}
