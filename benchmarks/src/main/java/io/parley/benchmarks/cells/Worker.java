package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.Plugins;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A worker process: reads one cell a line from its input, runs it, and answers in lines. The end of its input, which is
 * also what the death of its parent looks like, ends it.
 *
 * <p>To it: {@code {"specification": {…}, "inputs": {name: folder}, "folder": "…", "title": "…", "limitSeconds": 600,
 * "checkpointSeconds": 600}}. From it: {@code {"parley": "progress", "share": 0.5}}, {@code {"parley": "note", "message": "…"}},
 * {@code {"parley": "done"}},
 * {@code {"parley": "failed", "message": "…"}} or, when this process ends with the cell,
 * {@code {"parley": "ending", "message": "…"}}. Lines in any other form are somebody's print-out.
 */
public final class Worker {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String END = "";
    private static final long GRACE_SECONDS = 5;

    private final Plugins plugins;
    private final PrintWriter answers;
    private final Thread main = Thread.currentThread();
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final ScheduledExecutorService clock = clock();
    private volatile boolean ended;
    private double reported;

    private Worker(Plugins plugins, PrintWriter answers) {
        this.plugins = plugins;
        this.answers = answers;
    }

    /** One thread for what is due at a time, which keeps no process from ending. */
    static ScheduledExecutorService clock() {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "clock");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Works until the input ends. Standard input belongs to the protocol from here on: plugins find it empty.
     *
     * @param answers standard output in UTF-8, which nothing else may write to
     */
    public static void serve(Plugins plugins, PrintWriter answers) throws InterruptedException {
        Worker worker = new Worker(plugins, answers);
        ExitGuard.watch(caller -> worker.answer(
                answerOf("ending").put("message", caller + " called System.exit, which ended the worker process")));
        InputStream in = System.in;
        System.setIn(InputStream.nullInputStream());
        Thread reader = new Thread(() -> worker.read(in), "requests");
        reader.setDaemon(true);
        reader.start();
        worker.work();
    }

    private void read(InputStream in) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                requests.add(line);
            }
        } catch (IOException e) {
            e.printStackTrace();
        }
        ended = true;
        requests.add(END);
        try {
            TimeUnit.SECONDS.sleep(GRACE_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    private void work() throws InterruptedException {
        for (String line = requests.take(); !line.equals(END) && !ended; line = requests.take()) {
            run(line);
            // Mapped files and tokenizers of a cell's policies lie outside the heap, and go when a full collection finds them.
            System.gc();
        }
    }

    private void run(String line) {
        Future<?> limit = null;
        AtomicBoolean settled = new AtomicBoolean();
        try {
            JsonNode request = JSON.readTree(line);
            System.err.println("== " + request.path("title").asText());
            Map<String, Path> inputs = new HashMap<>();
            request.path("inputs").fields().forEachRemaining(input ->
                    inputs.put(input.getKey(), Path.of(input.getValue().asText())));
            reported = 0;
            limit = limit(request.path("limitSeconds").asDouble(), settled);
            Duration checkpointEvery = Duration.ofMillis(Math.round(1000 * request.path("checkpointSeconds").asDouble()));
            CellRunner runner = new CellRunner(plugins, checkpointEvery, note -> answer(answerOf("note").put("message", note)));
            runner.run(request.path("specification"), inputs, Path.of(request.path("folder").asText()),
                    this::progress, () -> ended);
            if (settled.compareAndSet(false, true)) {
                answer(answerOf("done"));
            }
        } catch (Exception | Error e) {
            if (ended && e instanceof CancellationException) {
                System.err.println("cancelled");
                return;
            }
            e.printStackTrace();
            if (settled.compareAndSet(false, true)) {
                answer(answerOf("failed").put("message", Failures.describe(e)));
            }
        } finally {
            if (limit != null) {
                limit.cancel(false);
            }
        }
    }

    /**
     * Ends this process when its cell takes too long: nothing else stops a thread that does not listen.
     *
     * @param settled set by whoever answers for the cell: it is over once
     */
    private Future<?> limit(double seconds, AtomicBoolean settled) {
        return seconds == 0 ? null : clock.schedule(() -> {
            if (!settled.compareAndSet(false, true)) {
                return;
            }
            StackTraceElement[] stack = main.getStackTrace();
            System.err.println("the cell did not end within its limit; it is");
            for (StackTraceElement frame : stack) {
                System.err.println("\tat " + frame);
            }
            String culprit = Culprit.in(stack);
            answer(answerOf("ending").put("message", WorkerPool.late(seconds) + (culprit == null ? "" : ", in " + culprit)));
            Runtime.getRuntime().halt(1);
        }, Math.round(seconds * 1000), TimeUnit.MILLISECONDS);
    }

    private void progress(double share) {
        if (share - reported >= 0.01) {
            reported = share;
            answer(answerOf("progress").put("share", share));
        }
    }

    private static ObjectNode answerOf(String kind) {
        return JSON.createObjectNode().put("parley", kind);
    }

    /** On a line of its own, even after native code has printed half a line. */
    private synchronized void answer(ObjectNode answer) {
        answers.print("\n" + answer + "\n");
        answers.flush();
    }
}
