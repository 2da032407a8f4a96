package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.inject.Guice;
import io.parley.benchmarks.cells.CellRunner;
import io.parley.core.files.WholeFile;
import io.parley.core.plugin.Plugins;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Cells that fail, and disks that do. */
class FailureTest {
    @TempDir
    private Path folder;

    @Test
    void aCellThatFailsLeavesTheOthersAlone() throws IOException {
        Path run = folder.resolve("run");
        Cli.Result result = Cli.run("run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString(),
                "--worker-memory", "64m",
                "--set", "seeds=[1]", "--set", "workers=1", "--set", """
                algorithms=[{label: astray, id: test-walk, fault: throw}, {label: halted, id: test-walk, fault: halt},
                  {label: greedy, id: test-walk, fault: memory}, {label: loud, id: test-walk, fault: print},
                  {label: orphan, id: test-walk, start: {fault: halt, millis: 1}}, {label: quiet, id: test-walk}]""");
        assertEquals(1, result.code(), result.err());
        assertTrue(result.err().contains("astray, task wason, seed 1: IllegalStateException: the walk went astray, by 90° "
                + "(log: "), result.err());
        assertTrue(result.err().contains("halted, task wason, seed 1: its worker process ended with exit code 42 (log: "),
                result.err());
        assertTrue(result.err().contains("greedy, task wason, seed 1: its worker process ran out of memory; "
                + "raise --worker-memory"), result.err());
        assertTrue(result.err().contains("3 of 12 cells failed"), result.err());
        assertFalse(result.err().contains("\tat "), result.err());
        // 3 references, 2 starts trained, the first of them judged, loud, orphan and quiet.
        assertEquals(9, Runs.manifests(run).size());
        assertEquals(3, Runs.results(run).at("/provenance/failures").size());
        assertTrue(Files.readString(run.resolve("logs/worker-1.log")).contains("the walk went astray"));
    }

    /** A report says what is known of the run; of itself, it says nothing. */
    @Test
    void aReportKeepsTheTimesReasonsAndMachinesOfTheRun() throws IOException {
        Path run = folder.resolve("run");
        String[] args = {"run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString(),
            "--set", "seeds=[1]", "--set", "workers=1",
            "--set", "algorithms=[{label: astray, id: test-walk, fault: throw}, {label: quiet, id: test-walk}]"};
        assertEquals(1, Cli.run(Runs.begunOrResumed(run, args)).code());
        JsonNode first = Runs.results(run).get("provenance");
        assertTrue(first.at("/failures/0/message").asText().contains("the walk went astray"), first.toString());
        assertTrue(first.get("wallSeconds").asDouble() > 0);
        assertEquals(0, Cli.run("report", run.toString()).code());
        assertEquals(first, Runs.results(run).get("provenance"));

        // One cell is taken away, and another was computed elsewhere.
        Path quiet = Runs.manifests(run).stream().filter(path -> path.toString().contains("/quiet/")).findFirst().orElseThrow();
        Files.move(quiet.getParent(), folder.resolve("quiet"));
        Path start = Runs.manifests(run).stream().filter(path -> path.toString().contains("/test-walk/")).findFirst()
                .orElseThrow();
        ObjectMapper json = new ObjectMapper();
        ObjectNode manifest = (ObjectNode) json.readTree(start.toFile());
        ((ObjectNode) manifest.at("/provenance/machine")).put("processor", "another one");
        json.writeValue(start.toFile(), manifest);
        String said = Cli.run("report", run.toString()).out();
        assertTrue(said.contains("1 of 6 rows are not finished") && said.contains("1 of 6 rows failed"), said);
        JsonNode second = Runs.results(run).get("provenance");
        assertEquals(first.at("/failures/0"), second.at("/failures/0"));
        assertTrue(second.at("/failures/1/message").isNull());
        String machines = second.at("/machine/processor").asText();
        assertTrue(machines.contains("another one") && machines.contains("; "), machines);

        assertEquals(1, Cli.run(Runs.begunOrResumed(run, args)).code());
        JsonNode third = Runs.results(run).get("provenance");
        assertEquals(first.get("started"), third.get("started"));
        assertTrue(Instant.parse(third.get("finished").asText()).isAfter(Instant.parse(first.get("finished").asText())));
        assertFalse(third.has("wallSeconds"), "it was continued");
        assertEquals(1, third.get("failures").size());
    }

    @Test
    void aStartThatFailsIsNamedByItsHeirs() throws IOException {
        Path run = folder.resolve("run");
        Cli.Result result = Cli.run("run", Cli.write(folder, Cli.WALK).toString(), "--out", run.toString(), "--set", "seeds=[1]",
                "--set", "policy=copy-always", "--set", "workers=1");
        assertEquals(1, result.code(), result.err());
        assertTrue(result.err().contains("start, task wason, seed 1: policy: 'copy-always' cannot be trained"), result.err());
        assertTrue(result.err().contains("near, task wason, seed 1: it begins with the policy of 'start, "
                + "task wason, seed 1', which"), result.err());
        assertEquals(3, Runs.manifests(run).size());
    }

    /** What is not what its manifest says is found, said and computed again; it is never read. */
    @Test
    void aTruncatedPolicyIsNeverReadAsWhole() throws IOException {
        Path experiment = Cli.write(folder, Cli.WALK);
        Path run = folder.resolve("run");
        String[] args = {"run", experiment.toString(), "--out", run.toString(), "--set", "seeds=[1]", "--set", "workers=1"};
        assertEquals(0, Cli.run(Runs.begunOrResumed(run, args)).code());
        Map<String, String> content = Runs.content(run);
        Path manifest = Runs.manifests(run).stream().filter(path -> path.toString().contains("/start/")).findFirst()
                .orElseThrow();
        Path start = manifest.getParent();
        Files.write(start.resolve("policy/policy.json"), new byte[1]);

        Path heir = Runs.manifests(run).stream().filter(path -> path.toString().contains("/near/")).findFirst().orElseThrow();
        ObjectMapper json = new ObjectMapper();
        ObjectNode specification = (ObjectNode) json.readTree(heir.toFile()).get("specification");
        Path elsewhere = folder.resolve("elsewhere");
        IOException refused = Assertions.assertThrows(IOException.class,
                () -> new CellRunner(new Plugins(getClass().getClassLoader()))
                .run(specification, Map.of("start", start), elsewhere, share -> { }, () -> false));
        assertTrue(refused.getMessage().contains("policy.json has 1 bytes and is not the file"), refused.getMessage());
        assertFalse(Files.exists(elsewhere));

        Path metrics = heir.resolveSibling("metrics.json");
        byte[] whole = Files.readAllBytes(metrics);
        Files.write(metrics, new byte[1]);
        Cli.Result report = Cli.run("report", run.toString());
        assertEquals(1, report.code(), report.err());
        assertTrue(report.err().contains("metrics.json has 1 bytes") && report.err().contains("compute the cell again with"),
                report.err());
        Files.write(metrics, whole);

        Cli.Result result = Cli.run(Runs.begunOrResumed(run, args));
        assertEquals(0, result.code(), result.err());
        assertTrue(result.err().contains("start, task wason, seed 1 is computed again: "), result.err());
        assertTrue(result.err().contains("1 cells to compute, 6 finished before"), result.err());
        Runs.assertSame(content, Runs.content(run));

        String plan = Files.readString(run.resolve("plan.json"));
        for (int length : new int[] {0, plan.length() / 2}) {
            Files.writeString(run.resolve("plan.json"), plan.substring(0, length));
            Cli.Result refusal = Cli.run("report", run.toString());
            assertEquals(1, refusal.code(), refusal.err());
            assertTrue(refusal.err().matches("parley: .*plan\\.json is not a plan: .*; --resume writes it anew\\s*"),
                    refusal.err());
        }
        assertEquals(0, Cli.run(Runs.begunOrResumed(run, args)).code());
        assertEquals(plan, Files.readString(run.resolve("plan.json")));
    }

    /** As the laboratory throws it, which has no other way. */
    @CommandLine.Command(name = "full")
    private static final class FullDisk implements Runnable {
        @Override
        public void run() {
            IOException full = new IOException("No space left on device");
            throw new UncheckedIOException(WholeFile.cannotWrite(Path.of("laboratory.txt"), full));
        }
    }

    @Test
    void aCommandThatMeetsAFullDiskSaysSoWithoutAStackTrace() {
        StringWriter err = new StringWriter();
        int code = Main.commandLine(Guice.createInjector(new ParleyModule(new Plugins(getClass().getClassLoader()))))
                .addSubcommand(new FullDisk()).setErr(new PrintWriter(err, true)).execute("full");
        assertEquals(1, code);
        assertEquals("parley: the disk is full (cannot write laboratory.txt: No space left on device); make room and try again",
                err.toString().trim());
    }

    /** Workers and the run that reads them agree on UTF-8, whatever the terminal writes. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void whatAWorkerSaysIsReadInAnyLocale() throws IOException, InterruptedException {
        Path run = folder.resolve("run");
        Process process = Cli.start(folder.resolve("output"), List.of("env", "LC_ALL=C"), "run",
                Cli.write(folder, Cli.WALK).toString(), "--out", run.toString(), "--set", "seeds=[1]", "--set", "workers=1",
                "--set", "algorithms=[{label: astray, id: test-walk, fault: throw}]");
        assertEquals(1, Cli.await(process));
        String message = Runs.results(run).at("/provenance/failures/0/message").asText();
        assertTrue(message.contains("the walk went astray, by 90° (log: "), message);
    }

    /** A limit on the size of files stands in for a full disk: both fail a write in the middle. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskFailsCellsAndLosesNothing() throws IOException, InterruptedException {
        Path experiment = Cli.write(folder, Cli.WALK);
        Path run = folder.resolve("run");
        String[] args = {"run", experiment.toString(), "--out", run.toString(), "--set", "algorithms=[]", "--set", "seeds=[1]",
            "--set", "workers=1", "--set", "evaluation.dialogues=20000", "--set", "evaluation.episodes=4000"};
        Process process = Cli.start(folder.resolve("output"), List.of("bash", "-c", "ulimit -f 64; exec \"$@\"", "bash"), args);
        assertEquals(1, Cli.await(process));
        String output = Files.readString(folder.resolve("output"));
        assertTrue(output.contains("the disk is full (File too large)"), output);
        assertTrue(output.contains("3 of 3 cells failed"), output);
        assertFalse(output.contains("\tat "), output);
        assertEquals(List.of(), Runs.manifests(run));

        Cli.Result result = Cli.run(Runs.begunOrResumed(run, args));
        assertEquals(0, result.code(), result.err());
        assertEquals(3, Runs.manifests(run).size());
    }
}
