package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.TrainingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Iterations of an algorithm that samples, scores and updates, one point of its learning curve each. */
final class PpoIterations {
    private PpoIterations() {}

    /** Operations of a forward pass over some responses. */
    @FunctionalInterface
    interface Forward {
        /** @param words words of the prompts and the responses */
        double operations(long responses, long words);
    }

    /**
     * Trains and measures: medians over the iterations after the warm-up.
     *
     * @param training the context of a training run, by budget and sink
     * @param responses responses of an iteration
     */
    static ObjectNode measure(AlignmentAlgorithm algorithm, ClockedPolicy policy,
            BiFunction<Long, MetricsSink, TrainingContext> training,
            int responses, int warmUp, int iterations, Forward forward) {
        List<ClockedPolicy.Totals> spent = new ArrayList<>();
        ClockedPolicy.Totals[] last = {policy.read()};
        Meter[] meter = new Meter[1];
        MetricsSink sink = (sampled, metrics) -> {
            ClockedPolicy.Totals now = policy.read();
            spent.add(now.since(last[0]));
            if (spent.size() == warmUp) {
                meter[0] = new Meter();
            }
            last[0] = policy.read();
        };
        algorithm.train(training.apply((long) responses * (warmUp + iterations), sink), policy);
        List<ClockedPolicy.Totals> kept = spent.subList(warmUp, spent.size());

        ObjectNode result = JsonNodeFactory.instance.objectNode().put("iterations", kept.size());
        result.put("responsesPerSecond", Median.of(kept, t -> t.responses() / t.now()));
        result.put("rolloutResponsesPerSecond", Median.of(kept, t -> t.responses() / t.sampled()));
        result.put("updateTokensPerSecond", Median.of(kept, t -> t.words() * passes(t) / t.update()));
        result.put("updateGflops",
                Median.of(kept, t -> 3 * forward.operations(t.responses(), t.words()) * passes(t) / t.update() / 1e9));
        result.putObject("seconds")
                .put("total", Median.of(kept, ClockedPolicy.Totals::now))
                .put("totalLeast", kept.stream().mapToDouble(ClockedPolicy.Totals::now).min().orElseThrow())
                .put("rollout", Median.of(kept, ClockedPolicy.Totals::sampled))
                .put("sample", Median.of(kept, ClockedPolicy.Totals::sample))
                .put("score", Median.of(kept, ClockedPolicy.Totals::score))
                .put("update", Median.of(kept, ClockedPolicy.Totals::update))
                .put("forward", Median.of(kept, ClockedPolicy.Totals::forward))
                .put("backward", Median.of(kept, ClockedPolicy.Totals::backward))
                .put("step", Median.of(kept, ClockedPolicy.Totals::step));
        result.set("work", kept.get(0).work());
        meter[0].addTo(result);
        return result;
    }

    private static double passes(ClockedPolicy.Totals totals) {
        return (double) totals.updateRows() / totals.responses();
    }
}
