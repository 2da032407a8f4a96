package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.WorkerPool;
import java.nio.file.Path;
import java.util.ArrayList;
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

    /** So often the native heap gives back pages that nothing lies on: seldom enough that taking them again costs little. */
    private static final int TRIM_MILLIS = 10_000;

    private static final String THREADS = "ai.djl.pytorch.num_threads";
    /** Settings of the native library, as system properties. */
    private static final Map<String, String> NATIVE = Map.of(
            "ai.djl.pytorch.num_interop_threads", "1",
            "ai.djl.offline", "true",
            "org.slf4j.simpleLogger.defaultLogLevel", "warn");

    private WorkerLauncher() {}

    /** Lets this process compute as workers do, so that the same comes of it; before anything is computed. */
    static void hereAsInWorkers() {
        System.setProperty(THREADS, "1");
        NATIVE.forEach(System::setProperty);
    }

    /** @param plugins the plugin path, as arguments */
    static WorkerPool.Settings settings(int count, String memory, Path logs, List<String> plugins) {
        List<String> command = new ArrayList<>(java(memory, 1));
        command.add(1, "-XX:ErrorFile=" + logs.toAbsolutePath().resolve("crash-%p.log"));
        command.add("worker");
        command.addAll(plugins);
        return new WorkerPool.Settings(count, command, environment());
    }

    /**
     * The command line that arguments are added to.
     *
     * @param threads native threads; one is best for small operations, which do not profit from two as two processes do
     */
    static List<String> java(String memory, int threads) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + memory,
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-UsePerfData",
                // The allocator keeps what is freed, in pieces that the next large array may not fit into. Older JDKs cannot.
                "-XX:+IgnoreUnrecognizedVMOptions",
                "-XX:TrimNativeHeapInterval=" + TRIM_MILLIS,
                // Without handlers a signal ends the process at once, even inside a native computation.
                "-Xrs",
                "-D" + THREADS + "=" + threads));
        NATIVE.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        return command;
    }

    /** What is set for the process beside what it inherits. */
    static Map<String, String> environment() {
        boolean glibc = System.getProperty("os.name").equals("Linux");
        return glibc ? MALLOC : Map.of();
    }
}
