package io.parley.policies.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.LoraConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {
    private static final Path MODEL = Path.of("../checkpoints/src/test/models/llama3");
    private static final int CAPACITY = 32;

    private static KeyValueCache empty(PretrainedBase base, NDManager manager, int groups) {
        return new KeyValueCache(base.script(), manager, 1, new Shape(groups, 1, CAPACITY, 1), 0, Precision.FLOAT32);
    }

    /** The beginning of a dialogue. */
    private static int[] prompt(int dialogue, int length) {
        int[] ids = new Random(dialogue).ints(length, 0, 9).toArray();
        ids[0] = dialogue;
        return ids;
    }

    /** Room for two parts of two dialogues; in the next round they are sampled three together. */
    @Test
    void whatIsKeptIsFoundAndWhatWasTooMuchIsNot() throws IOException {
        PretrainedBase base = new PretrainedBase(Checkpoint.open(MODEL), Precision.FLOAT32,
                new LoraConfig(2, 4, 0, List.of("q_proj"), false, List.of()));
        PrefixCache prefixes = new PrefixCache(2 * 2 * (2L * CAPACITY * Float.BYTES));
        try (NDManager manager = Torch.newManager()) {
            prefixes.begin();
            for (int part = 0; part < 3; part++) {
                int first = 2 * part;
                PackedRows packed = new PackedRows(List.of(prompt(first, 11), prompt(first + 1, 13)));
                KeyValueCache cache = empty(base, manager, 2);
                assertEquals(0, prefixes.fill(manager, cache, packed));
                float[] keys = new float[2 * CAPACITY];
                for (int i = 0; i < keys.length; i++) {
                    keys[i] = 1000 * packed.member(i / CAPACITY)[0] + i % CAPACITY;
                }
                cache.keys().get(0).set(keys);
                cache.holds(packed);
                prefixes.keep(cache);
            }
            prefixes.end();

            prefixes.begin();
            PackedRows packed = new PackedRows(List.of(prompt(3, 20), prompt(1, 20), prompt(0, 20)));
            KeyValueCache cache = empty(base, manager, 3);
            assertEquals(10, prefixes.fill(manager, cache, packed));
            float[] keys = cache.keys().get(0).toFloatArray();
            for (int g = 0; g < 3; g++) {
                float[] wanted = new float[10];
                for (int t = 0; t < wanted.length; t++) {
                    wanted[t] = 1000 * packed.member(g)[0] + t;
                }
                assertArrayEquals(wanted, Arrays.copyOfRange(keys, g * CAPACITY, g * CAPACITY + 10));
            }
            assertEquals(0, prefixes.fill(manager, empty(base, manager, 2),
                    new PackedRows(List.of(prompt(2, 20), prompt(4, 20)))), "the last part was too much");
            prefixes.end();
        }
        base.release();
    }

    @Test
    void aCacheThatCannotBeMadeGivesItsMemoryBack() throws IOException {
        PretrainedBase base = new PretrainedBase(Checkpoint.open(MODEL), Precision.FLOAT32,
                new LoraConfig(2, 4, 0, List.of("q_proj"), false, List.of()));
        // 64 MB, which malloc takes from the system and gives back.
        Shape keys = new Shape(1, 1, 1 << 24, 1);
        try (NDManager manager = Torch.newManager()) {
            long before = NetworkPolicyTest.residentKilobytes();
            for (int i = 0; i < 4; i++) {
                assertThrows(EngineException.class,
                        () -> new KeyValueCache(base.script(), manager, 1, keys, 1L << 50, Precision.FLOAT32));
            }
            // Each has made keys and values before it finds no room for hidden states.
            long after = NetworkPolicyTest.residentKilobytes();
            assertTrue(after - before < 200_000, before + " kB, then " + after + " kB");
        }
        base.release();
    }
}
