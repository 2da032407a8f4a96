package io.parley.tasks.wason;

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
     * @param before the participants' selections
     * @param earlier those before the last round, of the same question; null when the question is new
     */
    record Asked(
            Split split, RandomStreams streams, long episode, int round, Question question, int[] before, int[] earlier) {}

    /**
     * What a response says.
     *
     * @param code its stances
     * @param parsed whether it could be read
     * @param acts what it does, sentence by sentence; null where responses are no sentences
     */
    record Answer(int code, boolean parsed, List<Act> acts) implements GroupEpisodes.Answer {
        @Override
        public List<String> stances() {
            return Stances.words(code);
        }
    }

    TextSpec spec();

    /** What holds in every round. */
    Segment rules();

    /** Adds the question with its evidence and what the participants say. */
    void ask(Asked asked, boolean visible, List<Segment> segments);

    /** What the partner says, or its silence. */
    Segment intervention(Asked asked, Intervention intervention);

    Segment response(int round, int code, String raw);

    /** Adds how a round was settled, if it was. */
    void settle(int round, boolean settled, Question question, List<Segment> segments);

    /** @throws IllegalArgumentException if it is not in the form that {@link #spec} prescribes */
    Answer read(String response);

    /**
     * What a demonstrator says who takes some stances.
     *
     * @param suggestion code of what the partner suggested, negative when it is silent or left out
     * @param earlier code of the demonstrator's own earlier answer to the same question, negative when there is none
     */
    String answer(int code, int suggestion, int earlier, RandomGenerator random);
}
