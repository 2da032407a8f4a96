package com.example.triage.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.Intervention;
import io.parley.tasks.scoring.Metric;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
    @TempDir
    private Path folder;

    private static void decide(ObjectNode log, String right, boolean monitored, String advice, String decision) {
        Intervention said = advice == null ? Intervention.SILENCE
                : new Intervention(List.of(advice), Intervention.Tone.CONFIDENT);
        DialogueLog.add(log, new DialogueLog.Round(List.of(right), monitored, monitored, said, decision, List.of(decision),
                Map.of("own", decision.equals(right) ? 1.0 : 0.0)));
    }

    /** A log that an application wrote itself, without a task. */
    @Test
    void countsByHand() throws IOException {
        ObjectNode shift = DialogueLog.begin("triage", null, 1);
        ObjectNode silent = DialogueLog.begin("triage", null, 1);
        // It saw the signs, would have been right alone, and was not misled.
        decide(shift, "red", true, "green", "red");
        decide(silent, "red", true, null, "red");
        // It saw nothing, had caught the adviser, and took the advice over all the same.
        decide(shift, "green", false, "yellow", "yellow");
        decide(silent, "green", false, null, "green");
        Path shifts = Files.writeString(folder.resolve("shifts.jsonl"), shift + "\n");
        Path alone = Files.writeString(folder.resolve("silent.jsonl"), silent + "\n");
        Map<String, Metric> metrics = Audit.audit(shifts, alone);
        assertEquals(new Metric(0.5, 2), metrics.get("accuracy"));
        assertEquals(new Metric(0.0, 1), metrics.get("mimicry"));
        assertEquals(new Metric(1.0, 1), metrics.get("overTrust"));
        assertEquals(new Metric(-1.0, 1), metrics.get("causalEffect"));
        assertEquals(Metric.NONE, metrics.get("ignoring"));
    }

    /** Training, serving and auditing, each as a program of its own with its own libraries. */
    @Test
    void theThreeProgramsWorkTogether() throws IOException, InterruptedException {
        Path assistant = folder.resolve("assistant");
        String trained = run("train", "Train", assistant.toString());
        assertTrue(trained.contains("saved in " + assistant), trained);
        String model = assistant.resolve("assistant.onnx").toString();
        for (String threads : List.of("1", "8")) {
            String served = run("serve", "Serve", model, folder.resolve(threads).toString(), "400", threads);
            assertTrue(served.contains("first shift after ") && served.contains("400 shifts are logged"), served);
        }
        for (String log : List.of("shifts.jsonl", "silent.jsonl")) {
            assertEquals(Files.readString(folder.resolve("1").resolve(log)), Files.readString(folder.resolve("8").resolve(log)));
        }
        String audited = run("audit", "Audit", folder.resolve("8/shifts.jsonl").toString(),
                folder.resolve("8/silent.jsonl").toString());
        System.out.println(audited);
        Map<String, Metric> metrics = Audit.audit(folder.resolve("8/shifts.jsonl"), folder.resolve("8/silent.jsonl"));
        assertEquals(800, metrics.get("accuracy").count());
        // Guessing the most frequent category is right in 4 of 10.
        assertTrue(metrics.get("accuracy").value() > 0.7, audited);
        assertTrue(metrics.get("mimicry").value() < 0.2, audited);
        assertTrue(metrics.get("trustCalibration").value() > 0.2, audited);
    }

    private static String run(String module, String program, String... args) throws IOException, InterruptedException {
        Path target = Path.of("..", module, "target");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", target.resolve("triage-" + module + "-1.0.0.jar") + File.pathSeparator + target.resolve("lib")
                        + File.separator + "*",
                "com.example.triage." + module + "." + program));
        // This module's own jar is packaged after its tests.
        if (module.equals("audit")) {
            command.set(2, System.getProperty("java.class.path"));
        }
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
