package io.parley.core.training;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.random.RandomStreams;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The order in which a pass goes through its rows. */
public final class MiniBatches {
    /** From this many rounds on dialogues stay whole unless it is asked otherwise. */
    private static final int LONG_DIALOGUE = 5;

    private static final Set<SegmentKind> DURING = EnumSet.of(SegmentKind.INTERVENTION, SegmentKind.RESPONSE);

    private MiniBatches() {}

    /** Whether mini-batches hold whole dialogues where nobody says: in long ones, where that saves most of the work. */
    public static boolean wholeByDefault(int rounds) {
        return rounds >= LONG_DIALOGUE;
    }

    /**
     * Shuffled mini-batches; every row is in one of them.
     *
     * @param prompts of the rows
     * @param size rows of a mini-batch, at least 1
     * @param whole whether all rows of a dialogue stay together, in their order, so that a policy that reads a dialogue once can
     *     score all of its rounds. A mini-batch then ends with the dialogue that fills it. A row goes on with a dialogue where its
     *     prompt begins with that of an earlier row, the intervention of that row's round aside; of rows with the same prompt
     *     each begins a dialogue of its own
     * @param streams decides the order, with {@code epoch}
     */
    public static List<int[]> shuffled(List<Prompt> prompts, int size, boolean whole, RandomStreams streams, int epoch) {
        List<int[]> units = whole ? dialogues(prompts) : IntStream.range(0, prompts.size()).mapToObj(i -> new int[] {i}).toList();
        List<int[]> batches = new ArrayList<>();
        int[] batch = new int[0];
        for (int unit : streams.permutation(units.size(), "minibatch", epoch, 0, 0)) {
            int[] rows = units.get(unit);
            int filled = batch.length;
            batch = Arrays.copyOf(batch, filled + rows.length);
            System.arraycopy(rows, 0, batch, filled, rows.length);
            if (batch.length >= size) {
                batches.add(batch);
                batch = new int[0];
            }
        }
        if (batch.length > 0) {
            batches.add(batch);
        }
        return batches;
    }

    /** Those rows of a list, in the given order. */
    public static <T> List<T> rows(List<T> list, int... rows) {
        return Arrays.stream(rows).mapToObj(list::get).toList();
    }

    private static List<int[]> dialogues(List<Prompt> prompts) {
        List<List<Integer>> dialogues = new ArrayList<>();
        // By what stood before their last round's intervention; several where dialogues began alike.
        Map<List<Segment>, Deque<List<Integer>>> begun = new HashMap<>();
        for (int row = 0; row < prompts.size(); row++) {
            List<Segment> segments = history(prompts.get(row));
            List<Integer> dialogue = null;
            for (int end = segments.size() - 1; end > 0 && dialogue == null; end--) {
                if (DURING.contains(segments.get(end).kind())) {
                    Deque<List<Integer>> alike = begun.get(segments.subList(0, end));
                    dialogue = alike == null ? null : alike.poll();
                }
            }
            if (dialogue == null) {
                dialogue = new ArrayList<>();
                dialogues.add(dialogue);
            }
            dialogue.add(row);
            begun.computeIfAbsent(segments, history -> new ArrayDeque<>()).add(dialogue);
        }
        return dialogues.stream().map(each -> each.stream().mapToInt(Integer::intValue).toArray()).toList();
    }

    /** A prompt up to its round's intervention, which a later round's may show otherwise. */
    private static List<Segment> history(Prompt prompt) {
        List<Segment> segments = prompt.segments();
        int round = prompt.round();
        int end = 0;
        while (end < segments.size()
                && (segments.get(end).kind() != SegmentKind.INTERVENTION || segments.get(end).round() != round)) {
            end++;
        }
        return segments.subList(0, end);
    }
}
