package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Kills runs and continues them. */
@DisabledOnOs(OS.WINDOWS)
class KillTest {
    private static final String[] SLOW =
            {"--set", "algorithms.near.millis=40", "--set", "algorithms.far.millis=40", "--set", "start.millis=100"};

    @TempDir
    private Path folder;

    @Test
    void aKilledRunContinuesToTheSameMetrics() throws IOException, InterruptedException {
        Map<String, String> expected = undisturbed();
        Path run = folder.resolve("run");
        // The parent, while the starts are trained; while algorithms are; near the end.
        for (int finished : new int[] {0, 4, 9}) {
            Map<String, String> before = Runs.finished(run);
            Process parent = start(run);
            waitFor(() -> Runs.manifests(run).size() >= finished && partial(run));
            List<ProcessHandle> workers = parent.descendants().toList();
            assertEquals(2, workers.size());
            parent.destroyForcibly();
            waitFor(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
            before.forEach((cell, manifest) -> assertEquals(manifest, read(run.resolve(cell)), cell + " was computed twice"));
        }
        Map<String, String> before = Runs.finished(run);
        assertEquals(0, Cli.await(start(run)));
        Runs.assertSame(expected, Runs.content(run));
        before.forEach((cell, manifest) -> assertEquals(manifest, read(run.resolve(cell)), cell + " was computed twice"));
        assertTrue(Runs.results(run).at("/provenance/failures").isEmpty());
    }

    /** Killed again and again within one training, which is longer than the time it is given. */
    @Test
    void aKilledCellGoesOnWithinItsTraining() throws IOException, InterruptedException {
        String[] slow = {"--set", "seeds=[1]", "--set", "workers=1", "--set", "budget.responses=2000",
            "--set", "algorithms=[{label: near, id: test-walk, millis: 10}]"};
        Path undisturbed = folder.resolve("undisturbed");
        assertEquals(0,
                Cli.run(concat(new String[] {"run", Cli.write(folder, Cli.WALK).toString(), "--out", undisturbed.toString()},
                slow)).code());
        Path run = folder.resolve("run");
        String[] args = concat(new String[] {"run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString(),
            "--set", "checkpointMinutes=0"}, slow);
        int newest = 0;
        for (int kill = 0; kill < 3; kill++) {
            Process parent = Cli.start(folder.resolve("output"), List.of(), Runs.begunOrResumed(run, args));
            int before = newest;
            waitFor(() -> newestCheckpoint(run) >= before + 10);
            List<ProcessHandle> workers = parent.descendants().toList();
            parent.destroyForcibly();
            workers.forEach(ProcessHandle::destroyForcibly);
            waitFor(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
            newest = newestCheckpoint(run);
        }
        assertEquals(0, Cli.await(Cli.start(folder.resolve("output"), List.of(), Runs.begunOrResumed(run, args))));
        assertTrue(Files.readString(folder.resolve("output"))
                .contains("note: near, task wason, seed 1: goes on from .1.checkpoint-"));
        assertEquals(0, newestCheckpoint(run));
        Runs.assertSame(Runs.content(undisturbed), Runs.content(run));
    }

    /** The number of the newest checkpoint of the algorithm's cell; 0 if there is none. */
    private static int newestCheckpoint(Path run) throws IOException {
        if (!Files.exists(run.resolve("cells/near"))) {
            return 0;
        }
        try (var walk = Files.walk(run.resolve("cells/near"), 2)) {
            return walk.map(path -> path.getFileName().toString()).filter(name -> name.matches("\\.1\\.checkpoint-\\d+"))
                    .mapToInt(name -> Integer.parseInt(name.substring(name.lastIndexOf('-') + 1))).max().orElse(0);
        } catch (UncheckedIOException e) {
            return 0;
        }
    }

    @Test
    void aKilledWorkerFailsItsCellOnly() throws IOException, InterruptedException {
        Map<String, String> expected = undisturbed();
        Path run = folder.resolve("run");
        Process parent = start(run);
        // The parent has said that both starts are there, so that nothing hangs on the cell that is lost.
        waitFor(() -> {
            String said = Files.readString(folder.resolve("output"));
            return said.contains("start, task wason, seed 1;") && said.contains("start, task wason, seed 2;") && partial(run);
        });
        parent.descendants().findFirst().orElseThrow().destroyForcibly();
        assertEquals(1, Cli.await(parent));
        String output = Files.readString(folder.resolve("output"));
        assertTrue(output.contains("FAILED"), output);
        assertTrue(output.contains("was killed (signal 9)"), output);
        assertTrue(output.contains("logs/worker-"), output);
        assertTrue(output.contains("1 of 14 cells failed"), output);
        assertEquals(13, Runs.manifests(run).size());
        assertEquals(1, Runs.results(run).at("/provenance/failures").size());

        assertEquals(0, Cli.await(start(run)));
        Runs.assertSame(expected, Runs.content(run));
    }

    @Test
    void interruptedIsToldApart() throws IOException, InterruptedException {
        Path run = folder.resolve("run");
        Process parent = start(run);
        waitFor(() -> partial(run));
        // A shell may have started this JVM with the signal ignored, which its children inherit.
        boolean ignored = ignoresInterrupts(parent);
        new ProcessBuilder("kill", ignored ? "-TERM" : "-INT", Long.toString(parent.pid())).start().waitFor();
        assertEquals(ignored ? 143 : 130, Cli.await(parent));
        String output = Files.readString(folder.resolve("output"));
        assertTrue(output.contains("interrupted: what is finished is kept; continue with --resume"), output);
        assertTrue(!output.contains("FAILED"), output);
    }

    private static boolean ignoresInterrupts(Process process) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return false;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 2) != 0);
    }

    private Map<String, String> undisturbed() throws IOException {
        Path run = folder.resolve("undisturbed");
        String[] args = {"run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString()};

        assertEquals(0, Cli.run(concat(args, SLOW)).code());
        return Runs.content(run);
    }

    private Process start(Path run) throws IOException {
        String[] args = {"run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString()};
        return Cli.start(folder.resolve("output"), List.of(), Runs.begunOrResumed(run, concat(args, SLOW)));
    }

    private static String[] concat(String[] a, String[] b) {
        String[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    /** Whether a cell is being computed. */
    private static boolean partial(Path run) throws IOException {
        if (!Files.exists(run.resolve("cells"))) {
            return false;
        }
        try (var walk = Files.walk(run.resolve("cells"), 3)) {
            return walk.anyMatch(path -> path.getFileName().toString().contains(".partial-"));
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void waitFor(Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < end, "waited for 60 s");
            Thread.sleep(5);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
