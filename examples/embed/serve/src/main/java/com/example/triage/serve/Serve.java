package com.example.triage.serve;

import com.example.triage.desk.Adviser;
import com.example.triage.desk.FirstAnswer;
import com.example.triage.desk.Shift;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.policy.Policy;
import io.parley.core.task.Intervention;
import io.parley.policies.onnx.OnnxPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * {@code Serve MODEL FOLDER SHIFTS THREADS}: works shifts on several threads and logs them. Each is also worked without any
 * advice, because agreement cannot be told from influence otherwise.
 */
public final class Serve {
    private Serve() {}

    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        Path folder = Files.createDirectories(Path.of(args[1]));
        int shifts = Integer.parseInt(args[2]);
        ExecutorService threads = Executors.newFixedThreadPool(Integer.parseInt(args[3]));
        try (Policy assistant = OnnxPolicy.load(Path.of(args[0]))) {
            Shift.work(assistant, 0, new Adviser());
            FirstAnswer.print();

            List<Future<ObjectNode>> advised = new ArrayList<>();
            List<Future<ObjectNode>> silent = new ArrayList<>();
            for (int i = 0; i < shifts; i++) {
                long number = i;
                advised.add(threads.submit(() -> Shift.work(assistant, number, new Adviser())));
                silent.add(threads.submit(() -> Shift.work(assistant, number, (view, streams) -> Intervention.SILENCE)));
            }
            write(folder.resolve("shifts.jsonl"), advised);
            write(folder.resolve("silent.jsonl"), silent);
            System.out.println(shifts + " shifts are logged in " + folder);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void write(Path file, List<Future<ObjectNode>> logs)
            throws IOException, InterruptedException, ExecutionException {
        List<String> lines = new ArrayList<>();
        for (Future<ObjectNode> log : logs) {
            lines.add(log.get().toString());
        }
        Files.write(file, lines);
    }
}
