package io.parley.tasks.demonstrations;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parley.core.dialogue.Prompt;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.Task;
import io.parley.core.training.MiniBatches;
import io.parley.tasks.wason.Play;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mini-batches find the dialogues of the tasks again, many of which begin with the same question. */
class WholeDialoguesTest {
    private static final int ROUNDS = 15;
    private static final int DIALOGUES = 200;

    @ParameterizedTest
    @CsvSource({"wason, none", "wason, full", "weights, none", "weights, full"})
    void aMiniBatchHoldsTheRoundsOfADialogue(String id, String press) {
        Task task = Play.task("{'id': '" + id + "', 'regime': 'single', 'press': '" + press + "', 'rounds': " + ROUNDS + "}");
        List<Counterfactual> counterfactuals = List.of(
                Play.counterfactual("mask"), Play.counterfactual("{'id': 'mask', 'turns': 'all'}"), Play.counterfactual("prefix"));
        RandomStreams streams = new RandomStreams(1);
        List<Prompt> prompts = task.demonstrations(new DemonstrationRequest(
                        DIALOGUES * ROUNDS, 0.3, Play.partner("{'id': 'mixed', 'silent': 0.15}"), counterfactuals, streams))
                .stream().map(Demonstration::prompt).toList();
        List<int[]> batches = MiniBatches.shuffled(prompts, 1, true, streams, 0);
        assertEquals(DIALOGUES, batches.size());
        for (int[] batch : batches) {
            assertArrayEquals(IntStream.range(batch[0], batch[0] + ROUNDS).toArray(), batch);
            assertEquals(0, batch[0] % ROUNDS);
        }
    }
}
