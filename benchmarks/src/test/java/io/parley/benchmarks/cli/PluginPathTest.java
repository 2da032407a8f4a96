package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins in jars of their own: sound ones, and everything that can be wrong with one. */
class PluginPathTest {
    /** Samples what it may, and learns nothing. */
    private static final String POLITE = """
            Rollout rollout = Rollout.sample(context, policy, 0, 10, SamplingConfig.standard(), List.of());
            context.metrics().record(rollout.turns().size(), Map.of("reward", 0.0));
            """;

    @TempDir
    private Path folder;

    private static PluginJar polite() {
        return new PluginJar().algorithm("Polite", POLITE);
    }

    @Test
    void aPluginIsListedRunAndSaidInTheProvenance() throws Exception {
        Path jar = polite().liar().write(folder.resolve("polite-7.1.jar"));
        String hash = HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));

        Cli.Result listed = Cli.run("plugins", "--json", "--plugin-path", jar.toString());
        assertEquals(0, listed.code(), listed.err());
        JsonNode entry = Stream.of(new ObjectMapper().readValue(listed.out(), JsonNode[].class))
                .filter(node -> node.get("id").asText().equals("polite")).findFirst().orElseThrow();
        assertEquals("""
                {"kind":"algorithm","id":"polite","origin":{"jar":"polite-7.1.jar","version":"7.1","hash":"%s"},\
                "description":"Of a stranger."}"""
                .formatted(hash.substring(0, 12)), entry.toString());
        assertTrue(Cli.run("plugins", "--plugin-path=" + jar).out()
                .contains("(polite-7.1.jar, version 7.1, hash " + hash.substring(0, 12)));
        assertTrue(Cli.run("schema", "--plugin-path", jar.toString()).out().contains("\"algorithm-polite\""));

        Path run = folder.resolve("run");
        Cli.Result result = run(run, List.of(jar), "{id: polite}", "--set", "evaluation.partners=[silent, misleading, liar]");
        assertEquals(0, result.code(), result.err());
        assertEquals("", notes(result.err()));
        JsonNode results = Runs.results(run);
        assertEquals("7.1+" + hash.substring(0, 12), results.at("/provenance/plugins/Algorithm polite").asText());
        assertEquals(hash, results.at("/provenance/inputs/polite-7.1.jar").asText());
        JsonNode copy = metrics(results, "copy-always");
        assertEquals(1, copy.get("mimicry@liar").asDouble());
        // Three rounds of an episode and two partners that are pooled: the liar's cases are not among them.
        assertEquals(counts(results, "copy-always", "accuracy@silent") + counts(results, "copy-always", "accuracy@misleading"),
                counts(results, "copy-always", "accuracy"));
        assertEquals(10 * 2, counts(results, "polite", "responses"));
        assertEquals(0, Cli.run("run", "--resume", "--out", run.toString(), "--plugin-path", jar.toString()).code());
        Cli.Result forgotten = Cli.run("run", "--resume", "--out", run.toString());
        assertEquals(2, forgotten.code());
        assertTrue(forgotten.err().contains("no algorithm is called 'polite'"), forgotten.err());
        assertTrue(forgotten.err().contains("goes on the plugin path (--plugin-path)"), forgotten.err());
    }

    /** Both plugins have a class of the same name; one has it in a jar beside its own. */
    @Test
    void twoPluginsKeepTheirLibrariesApart() throws IOException {
        Path library = new PluginJar().source("org.lib.Version", library(2)).write(folder.resolve("lib-2.jar"));
        String create = "throw new IllegalArgumentException(\"library \" + org.lib.Version.NUMBER());";
        Path one = new PluginJar().source("org.lib.Version", library(1)).algorithm("One", "", create)
                .write(folder.resolve("one.jar"));
        Path two = Files.createDirectories(folder.resolve("two"));
        new PluginJar().algorithm("Two", "", create).write(two.resolve("two.jar"), library);
        Files.copy(library, two.resolve("lib-2.jar"));

        assertEquals("library 1", create(List.of(one, two), "one"));
        assertEquals("library 2", create(List.of(one, two), "two"));
        assertEquals("library 1", create(List.of(two, one), "one"));
        String alone = create(List.of(new PluginJar().algorithm("Two", "", create).write(folder.resolve("alone.jar"), library)),
                "two");
        assertEquals("algorithm 'two' of alone.jar cannot be made: NoClassDefFoundError: org/lib/Version", alone);
    }

    private static String library(int number) {
        return "package org.lib; public final class Version { public static int NUMBER() { return " + number + "; } }";
    }

    /** What is said of the creation of an algorithm. */
    private String create(List<Path> jars, String id) throws IOException {
        Cli.Result result = run(folder.resolve("none"), jars, "{id: " + id + "}");
        assertEquals(2, result.code(), result.err());
        return result.err().replaceFirst("(?s).*algorithms\\[0\\]: ", "").strip();
    }

    @Test
    void filesThatAreNoPlugins() throws IOException {
        Path whole = polite().write(folder.resolve("polite.jar"));
        byte[] bytes = Files.readAllBytes(whole);
        refused("there is no such file or folder", folder.resolve("none.jar"));
        refused("is not a jar, or is cut short (", Files.writeString(folder.resolve("text.jar"), "not a jar"));
        refused("is not a jar, or is cut short (",
                Files.write(folder.resolve("cut.jar"), Arrays.copyOf(bytes, bytes.length * 2 / 3)));
        refused("is not a jar, or is cut short (", Files.write(folder.resolve("empty.jar"), new byte[0]));
        refused("holds no jar", Files.createDirectories(folder.resolve("bare")));
        refused("provides no plugin: a plugin's jar names its providers in META-INF/services/<interface>",
                new PluginJar().source("org.lib.Version", library(1)).write(folder.resolve("library.jar")));
        refused("META-INF/services/io.parley.core.training.AlgorithmProvidr: there is no such interface",
                polite().provides("io.parley.core.training.AlgorithmProvidr", "org.stranger.Polite")
                        .write(folder.resolve("typo.jar")));
        refused("META-INF/services/io.parley.core.training.Rollout: this is not an interface of plugins",
                polite().provides("io.parley.core.training.Rollout", "org.stranger.Polite").write(folder.resolve("wrong.jar")));
        refused("bundles io.parley.core, which the plugin and its host have to share: leave it out (scope 'provided'",
                polite().source("io.parley.core.plugin.Spi", "package io.parley.core.plugin; "
                        + "public final class Spi { public static final int VERSION = 1; }")
                        .write(folder.resolve("fat.jar")));
    }

    private void refused(String problem, Path path) throws IOException {
        Path run = folder.resolve("none");
        Cli.Result result = run(run, List.of(path), "{id: test-walk}");
        assertEquals(2, result.code(), result.err());
        assertTrue(result.err().startsWith("parley: plugin path, " + path + ": " + problem), result.err());
        assertFalse(result.err().contains("\tat "), result.err());
        assertFalse(Files.exists(run));
    }

    @Test
    void whatDoesNotLoadIsLeftOutAndSaid() throws IOException {
        Path jar = polite()
                .provides("io.parley.core.training.AlgorithmProvider", "org.stranger.Absent")
                .algorithm("Angry", "public Angry() { throw new IllegalStateException(\"not today\"); }", "return null;")
                .algorithm("Future", "public int spiVersion() { return Spi.VERSION + 1; }", "return null;")
                .algorithm("Nameless", "public String id() { return null; }", "return null;")
                .algorithm("Torn", "", "return null;").without("Torn$Config")
                .provides("io.parley.core.task.TaskProvider", "org.stranger.Polite")
                .provides("io.parley.core.training.RewardFunctionProvider", "io.parley.core.training.WeightedReward")
                .write(folder.resolve("broken.jar"));
        List<String> problems = List.of(
                "a provider of algorithm of broken.jar does not load: Provider org.stranger.Absent not found",
                "a provider of algorithm of broken.jar does not load: Provider org.stranger.Angry could not be instantiated: "
                        + "IllegalStateException: not today",
                "algorithm provider org.stranger.Future of broken.jar was compiled against version 2 of the "
                        + "interface; this is version 1",
                "algorithm provider org.stranger.Nameless of broken.jar has no id",
                "algorithm provider org.stranger.Torn of broken.jar does not say what it is: NoClassDefFoundError: "
                        + "org/stranger/Torn$Config",
                "a provider of task of broken.jar does not load: org.stranger.Polite not a subtype",
                "reward function provider io.parley.core.training.WeightedReward of broken.jar is not in the jar that names it");

        Cli.Result listed = Cli.run("plugins", "--plugin-path", jar.toString());
        assertEquals(2, listed.code());
        assertTrue(listed.out().contains("polite"), listed.out());
        problems.forEach(problem -> assertTrue(listed.err().contains("parley: left out: " + problem),
                problem + "\n" + listed.err()));
        assertEquals(problems.size(), listed.err().lines().count(), listed.err());

        Path run = folder.resolve("run");
        Cli.Result result = run(run, List.of(jar), "{id: polite}");
        assertEquals(0, result.code(), result.err());
        problems.forEach(problem -> assertTrue(notes(result.err()).contains("note: left out: " + problem), result.err()));
        Cli.Result named = run(folder.resolve("none"), List.of(jar), "{id: angry}");
        assertEquals(2, named.code());
        assertTrue(named.err().contains("no algorithm is called 'angry'"), named.err());
        assertTrue(named.err().contains("not today"), named.err());
    }

    private static String notes(String err) {
        return String.join("\n", err.lines().filter(line -> line.startsWith("note:")).toList());
    }

    @Test
    void anIdThatIsTakenNamesBothJars() throws IOException {
        Path one = polite().write(folder.resolve("one.jar"));
        Path two = polite().write(folder.resolve("two.jar"));
        Cli.Result result = run(folder.resolve("none"), List.of(one, two), "{id: polite}");
        assertEquals(2, result.code(), result.err());
        assertTrue(result.err().contains("two providers of algorithm are called 'polite'"), result.err());
        assertTrue(result.err().contains("one.jar") && result.err().contains("two.jar"), result.err());
        Path ours = new PluginJar().algorithm("Ppo", POLITE).write(folder.resolve("ours.jar"));
        assertTrue(run(folder.resolve("none"), List.of(ours), "{id: ppo}").err().contains("ours.jar"));
        // The same file by two names is one plugin.
        assertEquals(0, Cli.run("plugins", "--plugin-path", one.toString(), "--plugin-path", folder + "/./one.jar").code());
    }

    @Test
    void whatCannotBeMadeIsRefusedBeforeAnythingRuns() throws IOException {
        Path jar = polite()
                .algorithm("Nothing", "", "return null;")
                .algorithm("Thrower", "", "throw new IllegalStateException(\"no way\");")
                .write(folder.resolve("made.jar"));
        assertEquals("rate is -1.0; above 0", create(List.of(jar), "polite, rate: -1"));
        assertEquals("algorithm 'nothing' of made.jar cannot be made: its provider returns null",
                create(List.of(jar), "nothing"));
        assertEquals("algorithm 'thrower' of made.jar cannot be made: IllegalStateException: no way",
                create(List.of(jar), "thrower"));
    }

    @Test
    void whatGoesWrongInTrainingFailsItsCellAlone() throws IOException {
        Path jar = polite()
                .algorithm("Astray", "throw new IllegalStateException(\"lost\");")
                .algorithm("Deep", "throw new StackOverflowError();")
                .algorithm("Quitter", "throw new java.util.concurrent.CancellationException(\"enough\");")
                .algorithm("Leaver", "System.exit(0);")
                .algorithm("Endless", POLITE + "Path file = Path.of(System.getProperty(\"java.io.tmpdir\"), "
                        + "\"nan\" + context.hashCode());"
                        + "try { Files.createDirectories(file); Files.writeString(file.resolve(\"policy.json\"), "
                        + "\"NaN\"); policy.load(file);"
                        + "} catch (java.io.IOException e) { throw new java.io.UncheckedIOException(e); }")
                .algorithm("Loud", "System.out.print(\"{\\\"parley\\\": \\\"failed\\\"}\\n{\\\"parley\\\": "
                        + "\\\"done\\\"}\\nhalf a line\");"
                        + "try { if (System.in.read() >= 0) throw new IllegalStateException(\"read a request\");"
                        + "} catch (java.io.IOException e) { throw new java.io.UncheckedIOException(e); }" + POLITE)
                .write(folder.resolve("faulty.jar"));
        Path run = folder.resolve("run");
        Cli.Result result = run(run, List.of(jar), "{id: astray}, {id: deep}, {id: quitter}, {id: leaver}, {id: "
                + "endless}, {id: loud}, {id: polite}");
        assertEquals(1, result.code(), result.err());
        for (String message : List.of(
                "astray, task wason, seed 1: IllegalStateException: lost (in org.stranger.Astray.lambda$create$0 of "
                        + "faulty.jar) (log: ",
                "deep, task wason, seed 1: StackOverflowError (in org.stranger.Deep.lambda$create$0 of faulty.jar) (log: ",
                "quitter, task wason, seed 1: CancellationException: enough (in org.stranger.Quitter.lambda$create$0 of "
                        + "faulty.jar) (log: ",
                "leaver, task wason, seed 1: org.stranger.Leaver.lambda$create$0 of faulty.jar called System.exit, "
                        + "which ended the worker process",
                "endless, task wason, seed 1: the policy that algorithm 'endless' of faulty.jar trained gives a "
                        + "log-probability of NaN: its parameters are not finite numbers")) {
            assertTrue(result.err().contains(message), message + "\n" + result.err());
        }
        assertTrue(result.err().contains("5 of 12 cells failed"), result.err());
        assertEquals(7, Runs.manifests(run).size());
        assertTrue(metrics(Runs.results(run), "loud").has("mimicry"));
        assertTrue(Files.readString(run.resolve("logs/worker-1.log")).contains("half a line"));
        assertEquals(5, Runs.results(run).at("/provenance/failures").size());
    }

    @Test
    void aCellThatHangsIsStopped() throws IOException {
        Path jar = polite().algorithm("Stuck", "while (true) { try { Thread.sleep(1000); } catch (InterruptedException e) { } }")
                .write(folder.resolve("stuck.jar"));
        Path run = folder.resolve("run");
        // Long for a cell of this size, on a machine that has other work too.
        Cli.Result result = run(run, List.of(jar), "{id: stuck}, {id: polite}", "--set", "cellMinutes=0.2");
        assertEquals(1, result.code(), result.err());
        assertTrue(result.err().contains("stuck, task wason, seed 1: it did not end within cellMinutes, 0.2, and was stopped, "
                + "in org.stranger.Stuck.lambda$create$0 of stuck.jar (log: "), result.err());
        assertTrue(result.err().contains("1 of 7 cells failed"), result.err());
        assertTrue(Files.readString(run.resolve("logs/worker-1.log")).contains("stuck.jar//org.stranger.Stuck"));

        // Nothing is lost: what finished is kept, and the limit may be changed.
        var finished = Runs.finished(run);
        Cli.Result again = Cli.run("run", "--resume", "--out", run.toString(), "--plugin-path", jar.toString(),
                "--set", "cellMinutes=0.001");
        assertEquals(1, again.code(), again.err());
        assertTrue(again.err().contains("1 cells to compute, 6 finished before"), again.err());
        assertTrue(again.err().contains("cellMinutes, 0.001, and was stopped"), again.err());
        assertEquals(finished, Runs.finished(run));
    }

    /** In processes of their own: what is printed belongs to the command, and whoever ends it is named. */
    @Test
    void thePlannersProcessIsNotThePlugins() throws IOException, InterruptedException {
        Path loud = new PluginJar().algorithm("Loud", "public Loud() { System.out.println(\"hello\"); }", "return null;")
                .write(folder.resolve("loud.jar"));
        Path output = folder.resolve("output");
        assertEquals(0, await(output, "plugins", "--json", "--plugin-path", loud.toString()));
        assertTrue(new ObjectMapper().readTree(Files.readString(output)).size() > 20);

        Path leaver = new PluginJar().algorithm("Leaver", "public Leaver() { System.exit(0); }", "return null;")
                .write(folder.resolve("leaver.jar"));
        assertEquals(2, await(output, "plugins", "--plugin-path", leaver.toString()));
        assertTrue(Files.readString(folder.resolve("errors")).contains(
                "parley: org.stranger.Leaver.<init> of leaver.jar called System.exit; a plugin must not"));
    }

    private int await(Path output, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(WorkerLauncher.java("512m", 1));
        command.addAll(List.of(args));
        return Cli.await(new ProcessBuilder(command).redirectOutput(output.toFile())
                .redirectError(folder.resolve("errors").toFile()).start());
    }

    private Cli.Result run(Path out, List<Path> jars, String algorithms, String... more) throws IOException {
        List<String> args = new ArrayList<>(List.of("run", Cli.write(folder, Cli.WALK).toString(), "--out", out.toString(),
                "--set", "seeds=[1]", "--set", "workers=1", "--set", "algorithms=[" + algorithms + "]"));
        jars.forEach(jar -> args.addAll(List.of("--plugin-path", jar.toString())));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    private static JsonNode metrics(JsonNode results, String algorithm) {
        return cell(results, algorithm).get("metrics");
    }

    private static long counts(JsonNode results, String algorithm, String metric) {
        return cell(results, algorithm).get("counts").get(metric).asLong();
    }

    private static JsonNode cell(JsonNode results, String algorithm) {
        for (JsonNode cell : results.get("cells")) {
            if (cell.get("algorithm").asText().equals(algorithm)) {
                return cell;
            }
        }
        throw new AssertionError("no row " + algorithm);
    }
}
