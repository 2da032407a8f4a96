package io.parley.core.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parley.core.policy.SamplingConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TokenSamplerTest {
    /** Few different logits, so that many are equal. */
    @Property
    void theMostLikelyTokensStayAndOfEquallyLikelyOnesTheFirst(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = -3, max = 3) Integer> halves,
            @ForAll @IntRange(min = 0, max = 13) int topK, @ForAll @DoubleRange(min = 0.01, max = 1) double topP,
            @ForAll @DoubleRange(min = 0, max = 0.99) double uniform) {
        float[] logits = new float[halves.size() + 1];
        double[] weights = new double[halves.size()];
        List<Integer> order = new ArrayList<>();
        for (int k = 0; k < weights.length; k++) {
            logits[1 + k] = halves.get(k) / 2f;
            weights[k] = Math.exp((halves.get(k) - Collections.max(halves)) / 2.0);
            order.add(k);
        }
        order.sort(Comparator.comparing(k -> -weights[k]));
        List<Integer> likely = order.subList(0, topK == 0 ? weights.length : Math.min(topK, weights.length));
        double within = 0;
        for (int k : likely) {
            within += weights[k];
        }
        List<Integer> kept = new ArrayList<>();
        double total = 0;
        for (int n = 0; n == 0 || n < likely.size() && total < topP * within; n++) {
            kept.add(likely.get(n));
            total += weights[likely.get(n)];
        }
        kept.sort(null);
        Assume.that(kept.size() < weights.length);
        int expected = 0;
        double rest = uniform * total - weights[kept.get(0)];
        while (rest >= 0 && expected < kept.size() - 1) {
            rest -= weights[kept.get(++expected)];
        }

        TokenSampler sampler = new TokenSampler(new SamplingConfig(1, topK, topP, false));
        assertEquals(kept.get(expected), sampler.draw(logits, 1, weights.length, uniform));
        assertEquals(Math.log(weights[kept.get(expected)] / total), sampler.logProb());
    }
}
