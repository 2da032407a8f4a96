package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.WorkerPool;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** How worker processes are started. */
final class WorkerLauncher {
    /** Large native blocks come and go with every update: without these, glibc gives each back to the system. */
    private static final Map<String, String> MALLOC = Map.of(
            "MALLOC_ARENA_MAX", "1",
            "MALLOC_MMAP_MAX_", "0",
            "MALLOC_TRIM_THRESHOLD_", "100000000000",
            "MALLOC_TOP_PAD_", "268435456");

    private WorkerLauncher() {}

    static WorkerPool.Settings settings(int count, String memory, Path logs) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + memory,
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-UsePerfData",
                "-XX:ErrorFile=" + logs.toAbsolutePath().resolve("crash-%p.log"),
                // Without handlers a signal ends the process at once, even inside a native computation.
                "-Xrs",
                // One native thread: small operations do not profit from two, two processes do.
                "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1",
                "-Dai.djl.pytorch.graph_optimizer=false",
                "-Dai.djl.offline=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), "worker");
        boolean glibc = System.getProperty("os.name").equals("Linux");
        return new WorkerPool.Settings(count, command, glibc ? MALLOC : Map.of());
    }
}
