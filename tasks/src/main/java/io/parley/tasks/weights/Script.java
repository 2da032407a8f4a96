package io.parley.tasks.weights;

import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Intervention;
import io.parley.core.task.Split;
import io.parley.tasks.group.GroupEpisodes;
import io.parley.tasks.language.Act;
import java.util.List;
import java.util.random.RandomGenerator;

/** How a dialogue is put into segments, and what a response says. */
interface Script {
    /**
     * What everyone but the partner brings into a round of an episode.
     *
     * @param shown what this round shows for the first time; an entry is null where nothing was weighed
     * @param before the participants' beliefs
     */
    record Scene(
            Split split,
            RandomStreams streams,
            long episode,
            int round,
            Question question,
            List<Weighing> shown,
            long[] before) {}

    /**
     * What a response says.
     *
     * @param parsed whether it could be read
     * @param acts what it does, sentence by sentence; null where responses are no sentences
     */
    record Answer(Action action, boolean parsed, List<Act> acts) implements GroupEpisodes.Answer {
        @Override
        public List<String> stances() {
            return Stances.words(action.stances());
        }
    }

    TextSpec spec();

    /** What holds in every round. */
    List<Segment> begin(List<Weighing> proof);

    /** Adds the question with what was weighed. */
    void ask(Scene scene, List<Segment> segments);

    /** Adds what the participants say. */
    void hear(Scene scene, List<Segment> segments);

    /** What the partner says, or its silence. */
    Segment intervention(Scene scene, Intervention intervention);

    Segment response(int round, Action action, String raw);

    /**
     * Adds how a round was settled, if it was.
     *
     * @param answer null if it was not
     */
    void settle(int round, Question question, Relation answer, List<Segment> segments);

    /** @throws IllegalArgumentException if it is not in the form that {@link #spec} prescribes */
    Answer read(String response, Question question);

    /**
     * What a demonstrator says.
     *
     * @param suggestion code of what the partner suggested, negative when it is silent or left out
     * @param earlier code of the demonstrator's own earlier answer to the same question, negative when there is none
     */
    String answer(Question question, Action action, int suggestion, int earlier, RandomGenerator random);
}
