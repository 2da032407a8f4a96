package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.task.Episodes;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.MetricsSink;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How fast a task's simulator is without a policy, and what share of a training with {@code ppo} and {@code mlp} it takes. */
public final class SimulatorShare {
    /** Responses of a rollout, about: as many as the preset {@code quickstart} has. */
    private static final int ROLLOUT = 1024;
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();
    private static final Map<String, PluginSpec> TASKS = new LinkedHashMap<>();

    static {
        TASKS.put("wason-record", PluginSpec.of("wason", Map.of("regime", "record", "rounds", 2, "visible", List.of(0.8, 0.3))));
        TASKS.put("wason-single", PluginSpec.of("wason", Map.of("regime", "single", "rounds", 15)));
        TASKS.put("weights-record",
                PluginSpec.of("weights", Map.of("regime", "record", "rounds", 2, "visible", List.of(0.8, 0.3))));
        TASKS.put("weights-single", PluginSpec.of("weights", Map.of("regime", "single", "rounds", 15)));
    }

    /** What {@link #measure} takes. */
    public static final List<String> NAMES = List.copyOf(TASKS.keySet());

    private SimulatorShare() {}

    /**
     * {@code roundsPerSecond}: median over repetitions, in processor time of one thread, every response the same. {@code share}:
     * median over iterations of a training, of the seconds of the clock that pass in the task's episodes.
     *
     * @param name one of {@link #NAMES}
     * @param iterations repetitions and iterations that count, at least 1; a third as many go before them
     */
    public static ObjectNode measure(String name, int iterations, PluginContext context) {
        ClockedTask task = new ClockedTask(context.plugins().find(TaskProvider.class, TASKS.get(name).id())
                .configured(TASKS.get(name), context));
        Quickstart work = new Quickstart(context, task);
        int episodes = Math.max(1, ROLLOUT / task.rounds());
        int warmUp = iterations / 3 + 1;
        Meter meter = new Meter();
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("name", name).put("episodes", episodes);
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < warmUp + iterations; i++) {
            rates.add(roundsPerSecond(work, task, episodes));
        }
        result.put("roundsPerSecond", Median.of(rates.subList(warmUp, rates.size()), rate -> rate));
        List<Double> shares = new ArrayList<>();
        double[] last = {now(), task.seconds()};
        MetricsSink sink = (responses, metrics) -> {
            double[] end = {now(), task.seconds()};
            shares.add((end[1] - last[1]) / (end[0] - last[0]));
            last[0] = now();
            last[1] = task.seconds();
        };
        try (TrainablePolicy policy = work.policy("mlp")) {
            last[0] = now();
            work.algorithm("ppo", work.ppoConfig(episodes))
                    .train(work.training((long) work.responses(episodes) * (warmUp + iterations), sink), policy);
        }
        result.put("share", Median.of(shares.subList(warmUp, shares.size()), share -> share));
        meter.addTo(result);
        return result;
    }

    private static double roundsPerSecond(Quickstart work, ClockedTask task, int episodes) {
        String answer = ((ResponseFormat.Choices) task.text().format()).positions().stream().map(words -> words.get(0))
                .collect(Collectors.joining(" "));
        List<Response> responses = Collections.nCopies(episodes, Response.of(answer));
        long rounds = 0;
        long start = THREAD.getCurrentThreadCpuTime();
        long spent = 0;
        for (long first = 0; spent < 300_000_000L; first += episodes) {
            Episodes played = work.begin(first, episodes);
            while (!played.done()) {
                played.step(responses);
                rounds += episodes;
            }
            spent = THREAD.getCurrentThreadCpuTime() - start;
        }
        return rounds * 1e9 / spent;
    }

    private static double now() {
        return System.nanoTime() / 1e9;
    }
}
