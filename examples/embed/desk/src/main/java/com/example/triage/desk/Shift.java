package com.example.triage.desk;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Split;
import java.util.List;

/** A shift at the desk, with any assistant. */
public final class Shift {
    /** The most likely decision, always. */
    private static final SamplingConfig SURE = new SamplingConfig(0, 0, 1, false);
    private static final RandomStreams STREAMS = new RandomStreams(11);

    private Shift() {}

    /** Works a shift; its log says what came of it, and is kept for the audit. */
    public static ObjectNode work(Policy assistant, long number, InterventionAgent adviser) {
        Episodes shift = new TriageDesk().begin(new EpisodeRequest(Split.TEST, number, 1, adviser, STREAMS));
        while (!shift.done()) {
            shift.step(assistant.sample(shift.prompts(), SURE, List.of(STREAMS.stream("decision", number, shift.round(), 0))));
        }
        return shift.log().get(0);
    }
}
