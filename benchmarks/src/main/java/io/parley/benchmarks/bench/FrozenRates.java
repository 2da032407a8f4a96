package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyExporter;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.TrainablePolicy;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * How fast a policy answers, on the engine that trained it and frozen on ONNX Runtime: the time of one call for one prompt and
 * for many. Both answer the same prompts with the same random streams; no prompt is asked twice, so that nothing is remembered.
 */
public final class FrozenRates {
    private static final int[] SIZES = {1, 64};
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    private FrozenRates() {}

    /**
     * Median times: of the clock, and of the processor in the calling thread, which says more on a machine that is busy and holds
     * where one thread computes a call.
     *
     * @param policyId {@code mlp} or {@code transformer}
     * @param calls calls of each size that count, at least 1; a third as many go before them
     */
    public static ObjectNode measure(String policyId, int calls, PluginContext context) throws IOException {
        Quickstart work = new Quickstart(context);
        Path folder = Files.createTempDirectory("parley-frozen");
        Path saved = folder.resolve("policy");
        Path file = folder.resolve("policy.onnx");
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("policy", policyId).put("calls", calls);
        try (TrainablePolicy trained = work.policy(policyId)) {
            trained.save(saved);
            context.plugins().find(PolicyExporter.class, "onnx").configured(
                    PluginSpec.of("onnx"), context.plugins(), saved, JsonNodeFactory.instance.objectNode(), file);
            PluginSpec spec = new PluginSpec("onnx", JsonNodeFactory.instance.objectNode().put("path", file.toString()));
            try (Policy frozen = context.plugins().find(PolicyProvider.class, "onnx").configured(spec, work.text(), context)) {
                result.put("parameters", trained.parameterCount()).put("bytes", Files.size(file));
                Meter meter = new Meter();
                for (int size : SIZES) {
                    result.withArray("sizes").add(
                            compare(Map.of("trained", trained, "frozen", frozen), work, size, calls, context));
                }
                meter.addTo(result);
            }
        } finally {
            for (Path path : List.of(saved.resolve("policy.json"), saved.resolve("policy.safetensors"), saved, file, folder)) {
                Files.deleteIfExists(path);
            }
        }
        return result;
    }

    private static ObjectNode compare(
            Map<String, Policy> policies, Quickstart work, int size, int calls, PluginContext context) {
        int warmUp = calls / 3 + 1;
        List<Prompt> prompts = work.prompts((warmUp + calls) * size);
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("prompts", size);
        Map<String, List<Response>> answers = new TreeMap<>();
        policies.forEach((name, policy) -> {
            List<Double> seconds = new ArrayList<>();
            List<Double> cpuSeconds = new ArrayList<>();
            List<Response> all = new ArrayList<>();
            for (int i = 0; i < warmUp + calls; i++) {
                // Prompts of their own: what an engine has derived from a prompt is kept with it.
                List<Prompt> asked = prompts.subList(i * size, (i + 1) * size).stream()
                        .map(p -> new Prompt(p.segments())).toList();
                List<RandomGenerator> streams = new ArrayList<>();
                for (int row = 0; row < size; row++) {
                    streams.add(context.streams().stream("answer", i, 0, row));
                }
                long cpu = THREAD.getCurrentThreadCpuTime();
                long start = System.nanoTime();
                List<Response> answered = policy.sample(asked, SamplingConfig.standard(), streams);
                if (i >= warmUp) {
                    seconds.add((System.nanoTime() - start) / 1e9);
                    cpuSeconds.add((THREAD.getCurrentThreadCpuTime() - cpu) / 1e9);
                    all.addAll(answered);
                }
            }
            answers.put(name, all);
            double median = Median.of(seconds, s -> s);
            result.putObject(name)
                    .put("microseconds", 1e6 * median)
                    .put("cpuMicroseconds", 1e6 * Median.of(cpuSeconds, s -> s))
                    .put("responsesPerSecond", size / median);
        });
        result.put("sameResponses", answers.get("trained").stream().map(Response::text).toList()
                .equals(answers.get("frozen").stream().map(Response::text).toList()));
        return result;
    }
}
