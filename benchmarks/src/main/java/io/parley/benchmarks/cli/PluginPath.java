package io.parley.benchmarks.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The option of every command that looks plugins up. */
final class PluginPath {
    private static final String NAME = "--plugin-path";

    @Option(names = NAME, paramLabel = "JAR_OR_FOLDER",
            description = "A plugin's jar, or a folder that holds it with its libraries. May be repeated.")
    private List<Path> entries = new ArrayList<>();

    /** What arguments of any command say, read before the command is made: it is made with its plugins. */
    static List<Path> of(String... args) {
        PluginPath path = new PluginPath();
        try {
            new CommandLine(path).setUnmatchedArgumentsAllowed(true).setUnmatchedOptionsArePositionalParams(true).parseArgs(args);
        } catch (CommandLine.ParameterException e) {
            // The command itself reads the same arguments, and says it with its own usage.
            return List.of();
        }
        return path.entries;
    }

    /** As arguments again. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        entries.forEach(entry -> arguments.addAll(List.of(NAME, entry.toAbsolutePath().normalize().toString())));
        return arguments;
    }
}
