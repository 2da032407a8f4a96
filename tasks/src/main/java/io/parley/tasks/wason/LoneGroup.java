package io.parley.tasks.wason;

import io.parley.core.random.RandomStreams;
import io.parley.tasks.group.GroupConfig;
import io.parley.tasks.group.GroupEpisodes;
import io.parley.tasks.people.People;
import io.parley.tasks.people.Regime;
import java.util.random.RandomGenerator;

/**
 * What a group comes to by itself, as those of DeliData: one question, all see its cards, and there is neither collaborator
 * nor partner. Selections are bits of {@link Part}.
 */
public final class LoneGroup {
    /** Cards in the order of their parts. */
    private static final Discussion.Situation ALONE =
            new Discussion.Situation(new int[] {0, 1, 2, 3}, Part.CORRECT, GroupEpisodes.SILENT, GroupEpisodes.SILENT);

    private final People people;
    private final Discussion discussion;

    public LoneGroup(People people) {
        this.people = people;
        this.discussion = new Discussion(people, Regime.SINGLE);
    }

    /**
     * The participants' selections in the end.
     *
     * @param initial those at first, of at least two
     * @param group the key of this group's streams
     */
    public int[] discuss(int[] initial, RandomStreams streams, long group) {
        int[] personalities = new int[initial.length];
        for (int person = 0; person < initial.length; person++) {
            personalities[person] = people.personality(streams.stream("personality", group, 0, person));
        }
        int[] now = initial;
        for (int round = 1; round <= GroupConfig.DIALOGUE; round++) {
            int[] after = new int[now.length];
            for (int person = 0; person < now.length; person++) {
                RandomGenerator random = streams.stream("discuss", group, round, person);
                after[person] = discussion.next(person, personalities[person], now, ALONE, random);
            }
            now = after;
        }
        return now;
    }
}
