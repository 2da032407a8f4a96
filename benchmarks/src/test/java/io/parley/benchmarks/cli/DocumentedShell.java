package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.inject.Guice;
import com.google.inject.Injector;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.Planner;
import io.parley.core.plugin.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Commands in the documentation: ours are parsed, planned where they run an experiment, and run where that is cheap. */
final class DocumentedShell {
    private static final String SMALL_MODEL = "../checkpoints/src/test/models/lm-smoke";
    private static final Path ROOT = DocumentationTest.ROOT;
    private static final Pattern WORD =
            Pattern.compile("'([^']*)'|\"([^\"]*)\"|(&&|[|;])|(?<=^|\\s)#.*|((?:[^\\s'\"|;&]|&(?!&))+)");
    private static final Set<String> PHASES = Set.of("clean", "validate", "compile", "test-compile", "test", "package", "verify",
            "install");
    /** Commands of the system that the documentation may use; of their arguments only paths are checked. */
    private static final Set<String> SYSTEM = Set.of("cat", "cd", "cp", "echo", "export", "git", "head", "java", "jq", "ls",
            "mkdir", "pip", "pip3", "python", "python3", "unzip");

    private DocumentedShell() {}

    static void check(String code) throws IOException {
        List<String> command = new ArrayList<>();
        for (String line : code.replace("\\\n", " ").split("\n")) {
            Matcher word = WORD.matcher(line.replaceFirst("^\\$ ", ""));
            while (word.find()) {
                if (word.group(3) != null) {
                    command(command);
                    command.clear();
                } else if (!word.group().startsWith("#")) {
                    command.add(word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group());
                }
            }
            command(command);
            command.clear();
        }
    }

    private static void command(List<String> words) throws IOException {
        List<String> command = new ArrayList<>(words);
        while (!command.isEmpty() && command.get(0).matches("\\w+=.*")) {
            command.remove(0);
        }
        for (int i = command.size() - 1; i >= 0; i--) {
            if (command.get(i).matches("[12]?>>?|<")) {
                command.subList(i, Math.min(command.size(), i + 2)).clear();
            }
        }
        if (!command.isEmpty() && Set.of("do", "then").contains(command.get(0))) {
            command.remove(0);
        }
        if (command.isEmpty() || Set.of("for", "if", "done", "fi").contains(command.get(0))) {
            return;
        }
        String name = command.get(0);
        List<String> arguments = List.copyOf(command.subList(1, command.size()));
        if (name.endsWith("./parley") || name.equals("parley.cmd")) {
            parley(arguments);
        } else if (name.equals("mvn")) {
            maven(arguments);
        } else {
            assertTrue(SYSTEM.contains(name), "'" + name + "' is not a command that can be checked; there are ./parley, "
                    + "mvn and " + SYSTEM);
            paths(arguments);
        }
    }

    private static void parley(List<String> arguments) throws IOException {
        Injector injector = Guice.createInjector(new ParleyModule(new Plugins(Main.class.getClassLoader())));
        CommandLine.ParseResult parsed = Main.commandLine(injector).parseArgs(arguments.toArray(String[]::new));
        paths(arguments);
        boolean help = arguments.contains("--help") || arguments.contains("--version");
        CommandLine.ParseResult command = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
        String name = parsed.hasSubcommand() ? command.commandSpec().name() : "";
        if (help || Set.of("plugins", "schema", "help").contains(name) && !command.hasMatchedOption("--plugin-path")) {
            Cli.Result result = Cli.run(arguments.toArray(String[]::new));
            assertEquals(0, result.code(), result.err());
        } else if (name.equals("run") && !command.hasMatchedOption("--plugin-path")) {
            plan(injector.getInstance(Planner.class), command);
        }
    }

    /** Plans what would be run; a file that the reader is to write cannot be. */
    private static void plan(Planner planner, CommandLine.ParseResult run) {
        String preset = run.matchedOptionValue("--preset", null);
        List<String> given = run.matchedOptionValue("--set", List.of());
        // A reader has a model of their own, and of more layers.
        List<String> settings = given.stream().flatMap(setting -> setting.startsWith("policy.path=")
                ? Stream.of("policy.path=" + SMALL_MODEL, "policy.layers=2") : Stream.of(setting)).toList();
        if (ExperimentSource.LABORATORY.equals(preset)) {
            assertEquals(List.of(), settings.stream().filter(setting -> !setting.startsWith("seeds=")).toList());
        } else if (preset != null) {
            planner.plan(ExperimentSource.preset(preset).with(settings));
        } else if (run.hasMatchedPositional(0)) {
            Path file = ROOT.resolve(run.matchedPositionalValue(0, Path.of("")));
            if (Files.exists(file)) {
                planner.plan(ExperimentSource.file(file).with(settings));
            }
        }
    }

    private static void maven(List<String> arguments) throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (Set.of("-pl", "--projects").contains(word)) {
                for (String module : arguments.get(++i).split(",")) {
                    assertTrue(pom.contains("<module>" + module + "</module>"), "there is no module " + module);
                }
            } else if (Set.of("-f", "--file").contains(word)) {
                paths(List.of(arguments.get(++i)));
            } else if (!word.startsWith("-")) {
                Matcher goal = Pattern.compile("([a-z]+):[a-z-]+").matcher(word);
                boolean known = goal.matches() ? pom.contains("<artifactId>maven-" + goal.group(1) + "-plugin</artifactId>")
                        : PHASES.contains(word);
                assertTrue(known, "'" + word + "' is neither a phase (" + PHASES + ") nor a goal of a plugin in pom.xml");
            }
        }
    }

    /** What begins with a folder of the repository is to exist, unless it is built. */
    private static void paths(List<String> arguments) throws IOException {
        for (String argument : arguments) {
            String path = argument.replaceFirst("^\\./", "").replaceFirst("^--[\\w-]+=", "");
            int slash = path.indexOf('/');
            if (slash > 0 && Files.isRegularFile(ROOT.resolve(path.substring(0, slash)).resolve("pom.xml"))
                    || path.startsWith("docs/")
                    || path.startsWith("examples/")) {
                assertTrue(path.contains("target/") || path.contains("*") || Files.exists(ROOT.resolve(path)),
                        "there is no file " + path);
            }
        }
    }
}
