package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginContext;
import io.parley.core.training.MetricsSink;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Memory of the process in a long training: what grows with the number of updates leaks. */
public final class MemoryGrowth {
    private static final double[] MARKS = {0.1, 0.5, 1};

    private MemoryGrowth() {}

    /**
     * Resident memory and, after a collection, heap at 10 %, 50 % and 100 % of the updates. The heap that the JVM has taken from
     * the system is part of what is resident, and may grow towards its limit without anything leaking.
     *
     * @param policyId {@code mlp} or {@code transformer}
     * @param episodes episodes of a rollout, at least 1; a mini-batch is a quarter of its responses
     * @param updates optimiser steps; rounded up to whole rollouts
     */
    public static ObjectNode measure(String policyId, int episodes, int updates, PluginContext context) {
        Quickstart work = new Quickstart(context);
        long responses = work.responses(episodes);
        long miniBatch = work.miniBatch(episodes);
        long perRollout = (responses + miniBatch - 1) / miniBatch * TrainerWork.EPOCHS;
        long rollouts = (updates + perRollout - 1) / perRollout;
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("policy", policyId);
        try (ClockedPolicy policy = new ClockedPolicy(work.policy(policyId))) {
            work.algorithm("ppo", work.ppoConfig(episodes)).train(
                    work.training(rollouts * responses, points(result, policy, rollouts * perRollout)), policy);
        }
        return result;
    }

    /** Adds {@code points} to a result while a training of so many updates runs. */
    static MetricsSink points(ObjectNode result, ClockedPolicy policy, long updates) {
        ArrayNode points = result.putArray("points");
        return (sampled, metrics) -> {
            long steps = policy.read().steps();
            while (points.size() < MARKS.length && steps >= MARKS[points.size()] * updates) {
                points.add(point(steps));
            }
        };
    }

    private static ObjectNode point(long updates) {
        System.gc();
        double mebi = 1 << 20;
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        ObjectNode point = JsonNodeFactory.instance.objectNode()
                .put("updates", updates)
                .put("heapMiB", heap.getUsed() / mebi)
                .put("heapCommittedMiB", heap.getCommitted() / mebi);
        double resident = residentKilobytes();
        return Double.isNaN(resident) ? point : point.put("residentMiB", resident / 1024);
    }

    /** NaN where the system does not tell. */
    private static double residentKilobytes() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
            return lines.stream().filter(line -> line.startsWith("VmRSS:")).findFirst()
                    .map(line -> Double.parseDouble(line.replaceAll("\\D", ""))).orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
