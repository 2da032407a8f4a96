package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What every algorithm may spend. */
public record Budget(
        @JsonPropertyDescription("Responses that an algorithm may sample in training, the same for all; at least 1.")
                Long responses) {
    public Budget {
        responses = responses == null ? 200_000L : responses;
        if (responses < 1) {
            throw new IllegalArgumentException("responses is " + responses + "; at least 1");
        }
    }
}
