package io.parley.core.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.random.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class MiniBatchesTest {
    private static final RandomStreams STREAMS = new RandomStreams(1);

    /**
     * Prompts of dialogues that grow by a round each, in the order of rounds: no two rounds of one dialogue are neighbours.
     *
     * @param alike whether they all begin with the same question, and differ by what is answered
     */
    private static List<Prompt> prompts(int dialogues, int rounds, boolean alike) {
        List<Prompt> prompts = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (int d = 0; d < dialogues; d++) {
                List<Segment> segments = new ArrayList<>(List.of(new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "rules")));
                for (int r = 1; r <= round; r++) {
                    segments.add(new Segment(Role.USER, SegmentKind.QUESTION, r, alike ? "question" : "question " + d));
                    segments.add(new Segment(Role.USER, SegmentKind.INTERVENTION, r, r == round ? "-" : "yes"));
                    if (r < round) {
                        segments.add(new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, r, "answer " + d));
                    }
                }
                prompts.add(new Prompt(segments));
            }
        }
        return prompts;
    }

    @Property(tries = 100)
    void wholeDialoguesStayTogetherAndNothingIsLost(
            @ForAll @IntRange(min = 1, max = 9) int dialogues,
            @ForAll @IntRange(min = 1, max = 6) int rounds,
            @ForAll @IntRange(min = 1, max = 20) int size,
            @ForAll boolean alike) {
        List<int[]> batches = MiniBatches.shuffled(prompts(dialogues, rounds, alike), size, true, STREAMS, 0);
        List<Integer> seen = new ArrayList<>();
        for (int b = 0; b < batches.size(); b++) {
            int[] batch = batches.get(b);
            assertEquals(0, batch.length % rounds);
            assertTrue(batch.length < size + rounds && (b == batches.size() - 1 || batch.length >= size), "rows " + batch.length);
            for (int i = 0; i < batch.length; i++) {
                assertEquals(batch[i / rounds * rounds] + i % rounds * dialogues, batch[i]);
                seen.add(batch[i]);
            }
        }
        assertEquals(dialogues * rounds, seen.stream().distinct().count());
        assertEquals(dialogues * rounds, seen.size());
    }

    @Property(tries = 20)
    void singleRowsAreDealtInTheOrderOfThePermutation(@ForAll @IntRange(min = 1, max = 20) int size) {
        List<int[]> batches = MiniBatches.shuffled(prompts(4, 5, true), size, false, STREAMS, 3);
        assertArrayEquals(
                STREAMS.permutation(20, "minibatch", 3, 0, 0), batches.stream().flatMapToInt(Arrays::stream).toArray());
        assertTrue(batches.stream().limit(batches.size() - 1L).allMatch(batch -> batch.length == size));
    }
}
