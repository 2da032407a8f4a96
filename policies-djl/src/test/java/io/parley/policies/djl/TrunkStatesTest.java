package io.parley.policies.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.LoraConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrunkStatesTest {
    private static final Path MODELS = Path.of("../checkpoints/src/test/models");

    /** A state that follows from the tokens up to it, as the trunk's do. */
    private static float state(int[] tokens, int count) {
        return Arrays.hashCode(Arrays.copyOf(tokens, count)) % 1000;
    }

    private static PretrainedBase base(Checkpoint checkpoint) throws IOException {
        return new PretrainedBase(checkpoint, Precision.FLOAT32, new LoraConfig(2, 4, 0, List.of("q_proj"), false, List.of(1)));
    }

    /** Room for half of the sequences: older ones are written over, again and again. */
    @Test
    void whatIsKeptIsWhatWouldBeComputed() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("llama3"));
        int width = checkpoint.config().hidden();
        PretrainedBase base = base(checkpoint);
        Random random = new Random(1);
        int[] computed = {0};
        int batches = 400;
        try (NDManager manager = Torch.newManager()) {
            TrunkStates states = new TrunkStates(base.script(), manager, 40);
            for (int batch = 0; batch < batches; batch++) {
                List<int[]> prompts = new ArrayList<>();
                List<int[]> responses = new ArrayList<>();
                int columns = 1;
                for (int row = 0; row <= random.nextInt(3); row++) {
                    // Few, so that some come again while they are kept.
                    int which = random.nextInt(12);
                    int[] prompt = new Random(which / 2).ints(2 + 3 * (which / 2), 0, 9).toArray();
                    int[] response = new Random(which).ints(1 + which % 4, 0, 9).toArray();
                    prompts.add(prompt);
                    responses.add(response);
                    columns = Math.max(columns, response.length);
                }
                PackedRows packed = new PackedRows(prompts);
                float[][] expected = new float[packed.groups() * packed.prefixLength() + packed.slots() * columns][width];
                boolean[] real = new boolean[expected.length];
                for (int g = 0; g < packed.groups(); g++) {
                    for (int t = 0; t < packed.member(g).length - 1; t++) {
                        Arrays.fill(expected[g * packed.prefixLength() + t], state(packed.member(g), t + 1));
                        real[g * packed.prefixLength() + t] = true;
                    }
                }
                for (int s = 0; s < packed.slots(); s++) {
                    int[] prompt = packed.prompt(s);
                    int[] response = responses.get(packed.row(s));
                    int[] whole = Arrays.copyOf(prompt, prompt.length + response.length);
                    System.arraycopy(response, 0, whole, prompt.length, response.length);
                    for (int t = 0; t < response.length; t++) {
                        int at = packed.groups() * packed.prefixLength() + s * columns + t;
                        Arrays.fill(expected[at], state(whole, prompt.length + t));
                        real[at] = true;
                    }
                }
                try (NDManager scratch = manager.newSubManager()) {
                    NDArray found = states.of(packed, responses, columns, scratch, () -> {
                        computed[0]++;
                        float[] flat = new float[expected.length * width];
                        for (int i = 0; i < expected.length; i++) {
                            System.arraycopy(expected[i], 0, flat, i * width, width);
                        }
                        return scratch.create(flat, new Shape(expected.length, width));
                    });
                    float[] numbers = found.toFloatArray();
                    for (int i = 0; i < expected.length; i++) {
                        for (int k = 0; k < width; k++) {
                            assertEquals(real[i] ? expected[i][k] : 0, numbers[i * width + k], "batch " + batch + ", row " + i);
                        }
                    }
                }
            }
        }
        assertTrue(computed[0] > batches / 10 && computed[0] < batches * 9 / 10, "computed " + computed[0] + " of " + batches);
        base.release();
    }

    /** What is left at the array's end is too little for the third sequence: with it, three take all the room there is. */
    @Test
    void oneCallTakesNothingAwayThatItHasPlaced() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("llama3"));
        int width = checkpoint.config().hidden();
        int positions = 12;
        int[] prompt = new Random(1).ints(9, 0, 9).toArray();
        int[] prefix = Arrays.copyOf(prompt, 8);
        PretrainedBase base = base(checkpoint);
        try (NDManager manager = Torch.newManager()) {
            TrunkStates states = new TrunkStates(base.script(), manager, 20);
            NDArray array = manager.arange((float) 4 * positions * width).reshape(4, 1, positions, width);
            states.keep(manager, array, new int[] {0}, 0, List.of(new int[9]), new int[] {0});
            // Prompt and response of a row, 8 tokens and 1, at 10 to 18; 8 at 1 to 8; and 2, which would stand at 9 and 10.
            states.keep(manager, array, new int[] {0, 1, 2, 3}, 0, List.of(prefix, prompt, new int[] {8, 8, 8, 8, 8, 8, 8, 8},
                    new int[] {7, 7}), new int[] {0, 8, 0, 0});
            NDArray found = states.of(new PackedRows(List.of(prompt)), List.of(new int[] {1}), 1, manager, () -> {
                throw new AssertionError("is not there any more");
            });
            float[] all = array.toFloatArray();
            float[] wanted = Arrays.copyOf(all, 9 * width);
            System.arraycopy(all, positions * width, wanted, 8 * width, width);
            assertArrayEquals(wanted, found.toFloatArray());
        }
        base.release();
    }

    /** Room for as many tokens as the dialogue has in the end. */
    @Test
    void aDialogueThatGrowsIsKeptOnce() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(MODELS.resolve("llama3"));
        int width = checkpoint.config().hidden();
        int rounds = 15;
        int[] dialogue = new Random(1).ints(7 * rounds, 0, 9).toArray();
        List<int[]> prompts = new ArrayList<>();
        List<int[]> responses = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            prompts.add(Arrays.copyOf(dialogue, 7 * round + 4));
            responses.add(Arrays.copyOfRange(dialogue, 7 * round + 4, 7 * round + 7));
        }
        PretrainedBase base = base(checkpoint);
        try (NDManager manager = Torch.newManager()) {
            TrunkStates states = new TrunkStates(base.script(), manager, dialogue.length - 1);
            for (int round = 0; round < rounds; round++) {
                int[] prompt = prompts.get(round);
                float[] flat = new float[(prompt.length + 2) * width];
                for (int i = 0; i < flat.length; i++) {
                    flat[i] = state(dialogue, i / width + 1);
                }
                states.of(new PackedRows(List.of(prompt)), List.of(responses.get(round)), 3, manager,
                        () -> manager.create(flat, new Shape(prompt.length + 2, width)));
            }
            PackedRows packed = new PackedRows(prompts);
            float[] found = states.of(packed, responses, 3, manager, () -> {
                throw new AssertionError("something is not there any more");
            }).toFloatArray();
            for (int t = 0; t < packed.member(0).length - 1; t++) {
                assertEquals(state(dialogue, t + 1), found[t * width]);
            }
            for (int s = 0; s < rounds; s++) {
                for (int t = 0; t < 3; t++) {
                    assertEquals(state(dialogue, packed.prompt(s).length + t),
                            found[(packed.prefixLength() + 3 * s + t) * width]);
                }
            }
        }
        base.release();
    }
}
