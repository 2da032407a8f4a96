package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code parley} in a checkout of its own, with a Maven and a Java that say what they were asked for. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {
    @TempDir
    private Path home;
    private Path source;
    private Path classpath;

    @BeforeEach
    void checkout() throws IOException {
        program("parley", Files.readString(Path.of("../parley")));
        program("bin/mvn", """
                #!/bin/sh
                echo built >>builds
                sleep 0.5
                echo lib.jar >benchmarks/target/classpath
                """);
        program("bin/java", """
                #!/bin/sh
                echo "$@"
                case "$*" in
                  *" slow") touch begun; while [ ! -e end ]; do sleep 0.05; done
                esac
                """);
        Files.createFile(home.resolve("pom.xml"));
        source = Files.createFile(Files.createDirectories(home.resolve("core/src/main")).resolve("Some.java"));
        Files.createFile(home.resolve("core/pom.xml"));
        classpath = home.resolve("benchmarks/target/classpath");
    }

    @Test
    void oneOfTwoBuildsAndBothRunFromTheJarOfThisBuild() throws IOException, InterruptedException {
        Path former = home.resolve("benchmarks/target/parley-benchmarks-0.0.1.jar");
        Files.createDirectories(former.getParent());
        Files.createFile(former);
        List<Process> both = List.of(start("one"), start("two"));
        String jar = home.resolve("benchmarks/target/parley-benchmarks.jar").toString();
        for (Process process : both) {
            assertEquals(0, Cli.await(process));
        }
        for (String name : List.of("one", "two")) {
            assertTrue(said(name).contains("-cp " + jar + ":lib.jar io.parley.benchmarks.cli.Main " + name), said(name));
        }
        assertEquals(1, builds());
    }

    @Test
    void nothingIsBuiltUnderACommandThatRuns() throws IOException, InterruptedException {
        Process slow = start("slow");
        for (int i = 0; !Files.exists(home.resolve("begun")); i++) {
            assertTrue(i < 600, "waited for 30 s");
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertEquals(0, Cli.await(start("beside")));
        Files.setLastModifiedTime(classpath, FileTime.from(Instant.now().minusSeconds(60)));
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().minusSeconds(30)));
        assertEquals(2, Cli.await(start("refused")));
        assertTrue(said("refused").contains("another command is running from these jars"), said("refused"));
        assertTrue(slow.isAlive());
        assertEquals(1, builds());

        Files.createFile(home.resolve("end"));
        assertEquals(0, Cli.await(slow));
        assertEquals(0, Cli.await(start("after")));
        assertEquals(2, builds());
    }

    private Process start(String argument) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(home.resolve("parley").toString(), argument)
                .directory(home.toFile()).redirectErrorStream(true).redirectOutput(home.resolve("said-" + argument).toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().merge("PATH", home.resolve("bin").toString(), (path, own) -> own + ":" + path);
        return builder.start();
    }

    private String said(String argument) throws IOException {
        return Files.readString(home.resolve("said-" + argument));
    }

    private int builds() throws IOException {
        return Files.readAllLines(home.resolve("builds")).size();
    }

    private void program(String name, String text) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
