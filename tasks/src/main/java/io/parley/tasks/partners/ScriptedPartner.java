package io.parley.tasks.partners;

import io.parley.core.random.RandomStreams;
import io.parley.core.task.Intervention;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.PartnerView;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A partner that decides by a fixed habit. Silence and tone are drawn from the same streams whatever the habit is, so
 * that two partners of one episode differ in what they say and in nothing else.
 */
class ScriptedPartner implements InterventionAgent {
    /** What a partner says when it speaks. */
    interface Habit {
        /** @param random a generator for this round alone */
        List<String> suggestion(PartnerView view, RandomStreams streams, RandomGenerator random);
    }

    /** A habit of which only the truth of the suggestions has to be said. */
    interface Truth extends Habit {
        boolean tellsTruth(PartnerView view, RandomStreams streams);

        @Override
        default List<String> suggestion(PartnerView view, RandomStreams streams, RandomGenerator random) {
            return tellsTruth(view, streams) ? view.trueSuggestion() : view.falseSuggestion(random);
        }
    }

    private final double silent;
    private final Tone tone;
    private final Habit habit;

    /** @param tone its only tone, or null for one that is drawn */
    ScriptedPartner(double silent, Tone tone, Habit habit) {
        this.silent = silent;
        this.tone = tone;
        this.habit = habit;
    }

    /** A scripted partner whose habits are known to those who ask. */
    static ScriptedPartner known(Tone tone, TruthPrior prior, Truth habit) {
        class Known extends ScriptedPartner implements TruthPrior.Known {
            Known() {
                super(prior.silent(), tone, habit);
            }

            @Override
            public TruthPrior prior() {
                return prior;
            }
        }

        return new Known();
    }

    @Override
    public Intervention intervene(PartnerView view, RandomStreams streams) {
        RandomGenerator random = streams.stream("partner", view.episode(), view.round(), 0);
        if (random.nextDouble() < silent) {
            return Intervention.SILENCE;
        }
        Tone drawn = random.nextBoolean() ? Tone.CONFIDENT : Tone.HESITANT;
        return new Intervention(habit.suggestion(view, streams, random), tone == null ? drawn : tone);
    }

    /** The number that decides what kind of partner this is in an episode, in [0, 1). */
    static double mood(PartnerView view, RandomStreams streams) {
        return streams.stream("partner", view.episode(), 0, 0).nextDouble();
    }

    /** The number that decides whether this round is true, in [0, 1). */
    static double whim(PartnerView view, RandomStreams streams) {
        return streams.stream("partner", view.episode(), view.round(), 1).nextDouble();
    }
}
