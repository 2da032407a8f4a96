package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.Plugins;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A worker process: reads one cell a line from its input, runs it, and answers in lines. The end of its input, which is
 * also what the death of its parent looks like, ends it.
 *
 * <p>To it: {@code {"specification": {…}, "inputs": {name: folder}, "folder": "…", "title": "…"}}. From it:
 * {@code {"parley": "progress", "share": 0.5}}, {@code {"parley": "done"}} or
 * {@code {"parley": "failed", "message": "…"}}. Lines in any other form are somebody's print-out.
 */
public final class Worker {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String END = "";
    private static final long GRACE_SECONDS = 5;

    private final CellRunner runner;
    private final PrintStream answers;
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private volatile boolean ended;
    private double reported;

    private Worker(CellRunner runner, PrintStream answers) {
        this.runner = runner;
        this.answers = answers;
    }

    /** Works until the input ends. Standard output belongs to the protocol: what plugins print goes to standard error. */
    public static void serve(Plugins plugins) throws InterruptedException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Worker worker = new Worker(new CellRunner(plugins), answers);
        Thread reader = new Thread(() -> worker.read(System.in), "requests");
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
        }
    }

    private void run(String line) {
        try {
            JsonNode request = JSON.readTree(line);
            System.err.println("== " + request.path("title").asText());
            Map<String, Path> inputs = new HashMap<>();
            request.path("inputs").fields().forEachRemaining(input -> inputs.put(input.getKey(), Path.of(input.getValue().asText())));
            reported = 0;
            runner.run(request.path("specification"), inputs, Path.of(request.path("folder").asText()), this::progress, () -> ended);
            answer(answerOf("done"));
        } catch (CancellationException e) {
            System.err.println("cancelled");
        } catch (IOException | RuntimeException | LinkageError e) {
            e.printStackTrace();
            answer(answerOf("failed").put("message", Failures.describe(e)));
        }
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

    private void answer(ObjectNode answer) {
        answers.println(answer);
        answers.flush();
    }
}
