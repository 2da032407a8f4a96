package io.parley.benchmarks.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginContext;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TrainerBenchTest {
    private static final TrainerWork TINY = new TrainerWork(16, 8, 1, 1, 16, 1, 6, 3, 8, 4, "float32");
    private static final TrainerWork TINY_DIALOGUE = new TrainerWork(16, 8, 1, 1, 16, 3, 6, 3, 4, 6, "bfloat16");

    @Test
    void iterationsDoTheWorkThatIsDefined() throws IOException {
        PluginContext context = PluginContext.standalone(1);
        for (TrainerWork work : new TrainerWork[] {TINY, TINY_DIALOGUE}) {
            ObjectNode ppo = TrainerBench.measure("ppo-tiny", work, 2, context);
            assertEquals(work.responses(), ppo.at("/work/responses").asInt());
            assertEquals(4 * work.responses(), ppo.at("/work/updateRows").asInt());
            assertEquals(4 * work.responses() / work.miniBatch(), ppo.at("/work/steps").asInt());
            assertTrue(ppo.get("responsesPerSecond").asDouble() > 0 && Double.isFinite(ppo.get("updateGflops").asDouble()));
        }
        double pairs = TrainerBench.measure("dpo-tiny", TINY, 2, context).get("pairsPerSecond").asDouble();
        assertTrue(pairs > 0 && Double.isFinite(pairs));
    }

    /** The count agrees with one by hand: 16 words of vocabulary, of which 4 are the decoder's own. */
    @Test
    void operationsAreTwoForEachWeightThatMultiplies() {
        int layer = 4 * 8 * 8 + 3 * 8 * 16;
        assertEquals(2.0 * (layer + 8 * 16) * 9, Operations.decoder(TINY.decoder(), new RandomWordsTask(TINY).text(), 9));
    }
}
