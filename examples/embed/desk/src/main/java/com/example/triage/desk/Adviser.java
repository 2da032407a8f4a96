package com.example.triage.desk;

import io.parley.core.random.RandomStreams;
import io.parley.core.task.Intervention;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.PartnerView;
import java.util.random.RandomGenerator;

/** Advice of mixed quality: two shifts in three have an adviser who is nearly always right, the third one who rarely is. */
public final class Adviser implements InterventionAgent {
    @Override
    public Intervention intervene(PartnerView view, RandomStreams streams) {
        boolean able = streams.stream("adviser", view.episode(), 0, 0).nextDouble() < 2.0 / 3;
        RandomGenerator random = streams.stream("adviser", view.episode(), view.round(), 0);
        if (random.nextDouble() < 0.1) {
            return Intervention.SILENCE;
        }
        boolean right = random.nextDouble() < (able ? 0.95 : 0.1);
        return new Intervention(right ? view.trueSuggestion() : view.falseSuggestion(random), Tone.CONFIDENT);
    }
}
