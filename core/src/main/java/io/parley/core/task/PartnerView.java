package io.parley.core.task;

import io.parley.core.dialogue.Prompt;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What the partner knows of one episode when it is its turn: always the evidence, and what it said before. */
public interface PartnerView {
    /** Index of the episode: the key of its random streams. */
    long episode();

    /** The round, from 1. */
    int round();

    /** The number of rounds. */
    int rounds();

    /**
     * The dialogue as the partner is shown it: as the collaborator's prompt, but always with the evidence, and without
     * an intervention in this round. For a partner that reads, such as a person or a language model.
     */
    Prompt prompt();

    /** The correct stance on each proposition. */
    List<String> trueSuggestion();

    /** A wrong suggestion of the same form as the correct one, uniformly drawn. */
    List<String> falseSuggestion(RandomGenerator random);

    /** What people most often suggest by mistake; it may be correct in some instances. */
    List<String> biasedSuggestion();

    /**
     * What the group holds now, written so that it means the same in every question of the task; such as {@code EV} in
     * {@code wason}, the parts that most participants select. Empty where a task has no such form.
     */
    default Optional<String> position() {
        return Optional.empty();
    }

    /**
     * The suggestion to hold a position in this question.
     *
     * @param position in the form of {@link #position}
     * @throws IllegalArgumentException if it is no position of the task
     * @throws UnsupportedOperationException where a task has no such form
     */
    default List<String> suggestion(String position) {
        throw new UnsupportedOperationException("this task has no positions that mean the same in every question");
    }

    /** Its interventions in the earlier rounds, in order. */
    List<Intervention> earlier();
}
