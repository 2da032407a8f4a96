package io.parley.benchmarks.cells;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;

/** Time of this process since it was made, and what was spent before. */
final class Stopwatch {
    private final Instant started = Instant.now();
    private final long cpu = processCpu();
    private double earlierWall;
    private double earlierCpu;

    private static long processCpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    void add(double wallSeconds, double cpuSeconds) {
        earlierWall += wallSeconds;
        earlierCpu += cpuSeconds;
    }

    Instant started() {
        return started;
    }

    double wallSeconds() {
        return earlierWall + Duration.between(started, Instant.now()).toNanos() / 1e9;
    }

    double cpuSeconds() {
        return earlierCpu + (processCpu() - cpu) / 1e9;
    }
}
