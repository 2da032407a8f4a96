package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line, in this process or in one of its own. */
final class Cli {
    /** Small, without an engine; the fixtures stand in for policy and algorithms. */
    static final String WALK = """
            name: walk
            seeds: [1, 2]
            workers: 2
            tasks: [{id: wason}]
            policy: test-uniform
            start: {id: test-walk}
            budget: {responses: 200}
            algorithms:
              - {label: near, id: test-walk}
              - {label: far, id: test-walk, rate: 0.3}
            evaluation: {episodes: 20, partners: [silent, misleading], dialogues: 2}
            """;

    private Cli() {}

    record Result(int code, String out, String err) {
        /** Refused as bad input is: with exit code 2, what is to be said, and no stack trace. */
        void assertRefused(String... parts) {
            assertEquals(2, code, err);
            for (String part : parts) {
                assertTrue(err.contains(part), () -> "expected: " + part + "\nfound: " + err);
            }
            assertFalse(err.contains("\tat ") || err.contains("java."), err);
        }
    }

    static void refused(String message, String... args) {
        run(args).assertRefused(message);
    }

    static Result run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(code, out.toString(), err.toString());
    }

    /** @param prefix goes before the command, such as a shell that sets limits and then executes its arguments */
    static Process start(Path output, List<String> prefix, String... args) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    }

    static int await(Process process) throws InterruptedException {
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no end after 120 s");
        }
        return process.exitValue();
    }

    static Path write(Path folder, String experiment) throws IOException {
        return Files.writeString(folder.resolve("experiment.yaml"), experiment);
    }
}
