package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Cores that this process and all others kept busy, so that a disturbed measurement can be told. */
final class Meter {
    private final long wall = System.nanoTime();
    private final double own = ownSeconds();
    private final double machine = machineSeconds();

    /** Adds {@code ownCores} and, where the system tells, {@code otherCores} since this meter was made. */
    void addTo(ObjectNode result) {
        double seconds = (System.nanoTime() - wall) / 1e9;
        double mine = ownSeconds() - own;
        double all = machineSeconds() - machine;
        put(result, "ownCores", mine / seconds);
        put(result, "otherCores", (all - mine) / seconds);
    }

    private static void put(ObjectNode result, String name, double value) {
        if (Double.isFinite(value)) {
            result.put(name, value);
        }
    }

    /** Processor time of this process until now; NaN where the system does not tell. */
    static double ownSeconds() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() / 1e9
                : Double.NaN;
    }

    /** Linux counts in hundredths of a second; NaN elsewhere. */
    private static double machineSeconds() {
        try {
            String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+");
            double ticks = 0;
            for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
                ticks += Double.parseDouble(fields[i]);
            }
            return ticks / 100;
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
