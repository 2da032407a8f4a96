package io.parley.benchmarks.cells;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.Plan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs the cells of a plan in worker processes, each after the one it builds on. A process takes cell after cell, because
 * starting one costs seconds; one that dies fails its cell and is replaced.
 */
public final class WorkerPool {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RunFolder run;
    private final Settings settings;
    private final Progress progress;

    private final Set<Plan.Cell> waiting = new LinkedHashSet<>();
    private final Set<String> finished = new HashSet<>();
    private final Map<Plan.Cell, String> failed = new LinkedHashMap<>();
    private final List<WorkerProcess> processes = new ArrayList<>();
    private final ScheduledExecutorService clock = Worker.clock();
    private boolean stopping;

    /**
     * How workers are started.
     *
     * @param count number of processes, at least 1
     * @param command what starts one, log folder aside
     * @param environment set for each
     */
    public record Settings(int count, List<String> command, Map<String, String> environment) {}

    public WorkerPool(RunFolder run, Settings settings, Progress progress) {
        this.run = run;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Computes every cell that is not finished.
     *
     * @return what went wrong, by cell; empty when all is well
     */
    public Map<Plan.Cell, String> run() throws InterruptedException {
        for (Plan.Cell cell : run.plan().cells()) {
            if (run.isWhole(cell)) {
                finished.add(cell.folder());
            } else {
                waiting.add(cell);
            }
        }
        if (waiting.isEmpty()) {
            return Map.of();
        }
        progress.begin(waiting, finished.size());
        Thread stopper = new Thread(this::stop, "stop workers");
        Runtime.getRuntime().addShutdownHook(stopper);
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i <= Math.min(settings.count(), waiting.size()); i++) {
            int number = i;
            Thread thread = new Thread(() -> serve(number), "worker " + number);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        synchronized (this) {
            if (stopping) {
                // The JVM is ending: what is not finished did not fail.
                Thread.currentThread().join();
            }
        }
        Runtime.getRuntime().removeShutdownHook(stopper);
        progress.end();
        return failed;
    }

    private void serve(int number) {
        WorkerProcess worker = null;
        try {
            for (Plan.Cell cell = take(); cell != null; cell = take()) {
                String problem;
                try {
                    if (worker == null || !worker.alive()) {
                        worker = start(number);
                    }
                    problem = worker.run(cell);
                } catch (IOException e) {
                    problem = "no worker process: " + Failures.describe(e);
                }
                done(cell, problem);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (worker != null) {
                worker.close();
            }
        }
    }

    private synchronized WorkerProcess start(int number) throws IOException {
        if (stopping) {
            throw new IOException("the run is ending");
        }
        WorkerProcess worker = new WorkerProcess(run.logs().resolve("worker-" + number + ".log"));
        processes.add(worker);
        return worker;
    }

    /** The next cell whose input is there; null when none is left. */
    private synchronized Plan.Cell take() throws InterruptedException {
        while (!waiting.isEmpty() && !stopping) {
            for (Plan.Cell cell : waiting) {
                if (cell.start() == null || finished.contains(cell.start())) {
                    waiting.remove(cell);
                    progress.advanced(cell, 0);
                    return cell;
                }
            }
            wait();
        }
        return null;
    }

    private synchronized void done(Plan.Cell cell, String problem) {
        if (stopping) {
            return;
        }
        if (problem == null) {
            finished.add(cell.folder());
            progress.finished(cell);
        } else {
            fail(cell, problem);
        }
        notifyAll();
    }

    private void fail(Plan.Cell cell, String problem) {
        failed.put(cell, problem);
        progress.failed(cell, problem);
        for (Plan.Cell heir : List.copyOf(waiting)) {
            if (cell.folder().equals(heir.start())) {
                waiting.remove(heir);
                fail(heir, "it begins with the policy of '" + cell.title() + "', which failed: " + problem);
            }
        }
    }

    /** In words for people, a sentence without its end. */
    static String late(double seconds) {
        double minutes = seconds / 60;
        return "it did not end within cellMinutes, "
                + (minutes == Math.rint(minutes) ? String.valueOf((long) minutes) : String.valueOf(minutes))
                + ", and was stopped";
    }

    private synchronized void stop() {
        stopping = true;
        processes.forEach(WorkerProcess::kill);
        progress.end();
        notifyAll();
    }

    /** The parent's side of a worker. */
    private final class WorkerProcess {
        private final Process process;
        private final Path log;
        private final OutputStream requests;
        private final BufferedReader answers;
        private volatile boolean late;

        WorkerProcess(Path log) throws IOException {
            this.log = log;
            ProcessBuilder builder = new ProcessBuilder(settings.command())
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(settings.environment());
            process = builder.start();
            requests = process.getOutputStream();
            answers = process.inputReader(StandardCharsets.UTF_8);
        }

        boolean alive() {
            return process.isAlive();
        }

        void kill() {
            process.destroyForcibly();
        }

        void close() {
            try {
                requests.close();
            } catch (IOException e) {
                kill();
            }
        }

        /** @return what went wrong; null if nothing did */
        String run(Plan.Cell cell) throws IOException, InterruptedException {
            ObjectNode request = JSON.createObjectNode();
            request.put("title", cell.title());
            request.put("folder", run.folder(cell).toAbsolutePath().toString());
            request.set("specification", JSON.valueToTree(cell.specification()));
            ObjectNode inputs = request.putObject("inputs");
            if (cell.start() != null) {
                inputs.put(CellRunner.START, run.path().resolve(cell.start()).toAbsolutePath().toString());
            }
            request.put("checkpointSeconds", 60 * run.plan().experiment().checkpointMinutes());
            Double minutes = run.plan().experiment().cellMinutes();
            if (minutes == null) {
                return ask(cell, request);
            }
            request.put("limitSeconds", 60 * minutes);
            // The process ends itself and says where it was; this is for one that cannot.
            Future<?> limit = clock.schedule(() -> {
                late = true;
                kill();
            }, Math.round(60_000 * minutes) + GRACE_MILLIS, TimeUnit.MILLISECONDS);
            try {
                return ask(cell, request);
            } finally {
                limit.cancel(false);
            }
        }

        private String ask(Plan.Cell cell, ObjectNode request) throws InterruptedException, IOException {
            try {
                requests.write((request + "\n").getBytes(StandardCharsets.UTF_8));
                requests.flush();
            } catch (IOException e) {
                return died();
            }
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                JsonNode answer = parse(line);
                switch (answer.path("parley").asText()) {
                    case "done" -> {
                        return null;
                    }
                    case "failed" -> {
                        return answer.path("message").asText() + " (log: " + log + ")";
                    }
                    case "ending" -> {
                        kill();
                        process.waitFor();
                        return answer.path("message").asText() + " (log: " + log + ")";
                    }
                    case "note" -> progress.noted(cell, answer.path("message").asText());
                    case "progress" -> progress.advanced(cell, answer.path("share").asDouble());
                    default -> { }
                }
            }
            return died();
        }

        private JsonNode parse(String line) {
            try {
                return JSON.readTree(line);
            } catch (JsonProcessingException e) {
                return JSON.missingNode();
            }
        }

        private String died() throws InterruptedException {
            int code = process.waitFor();
            if (late) {
                return late(60 * run.plan().experiment().cellMinutes()) + " (log: " + log + ")";
            }
            String how = switch (code) {
                case OUT_OF_MEMORY -> "ran out of memory; raise --worker-memory, or run fewer workers with --set workers=1";
                case 128 + 9 -> "was killed (signal 9), perhaps because the machine ran out of memory: "
                        + "run fewer workers with --set workers=1";
                default -> code > 128 ? "was killed (signal " + (code - 128) + ")" : "ended with exit code " + code;
            };
            return "its worker process " + how + " (log: " + log + ")";
        }
    }

    private static final long GRACE_MILLIS = 30_000;

    /** Exit code of a JVM under -XX:+ExitOnOutOfMemoryError. */
    private static final int OUT_OF_MEMORY = 3;
}
