package io.parley.benchmarks.cli;

import com.google.inject.Guice;
import com.google.inject.Injector;
import io.parley.benchmarks.cells.ExitGuard;
import io.parley.benchmarks.cells.Failures;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.Plugins;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 done, 1 a cell or a measurement failed, 2 bad input, 130 interrupted. */
@Command(
        name = "parley",
        description = "Trains, compares and audits partner-aware collaborators.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done", "1:a cell or a measurement failed, or what came of it could not be written; the rest is there",
            "2:bad input, or an output file that cannot be written", "130:interrupted"
        },
        subcommands = {
            RunCommand.class, AuditCommand.class, ReportCommand.class, ScoreCommand.class, CalibrateCommand.class,
            PlayCommand.class, PluginsCommand.class, SchemaCommand.class, BenchCommand.class, ExportCommand.class,
            LaboratoryCommand.class, WorkerCommand.class, HelpCommand.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /**
     * Runs the command line and ends the JVM with its exit code. Standard output belongs to the command: what plugins
     * print goes to standard error.
     */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        System.setOut(System.err);
        ExitGuard.watch(caller -> {
            err.println("parley: " + caller + " called System.exit; a plugin must not");
            Runtime.getRuntime().halt(CommandLine.ExitCode.USAGE);
        });
        System.exit(execute(out, err, args));
    }

    /** Runs the command line with the plugins that its arguments name. */
    static int execute(PrintWriter out, PrintWriter err, String... args) {
        Plugins plugins;
        try {
            plugins = new Plugins(Main.class.getClassLoader(), PluginPath.of(args));
        } catch (ConfigurationException e) {
            err.println("parley: " + e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        return commandLine(Guice.createInjector(new ParleyModule(plugins))).setOut(out).setErr(err).execute(args);
    }

    /** The command line, its commands made by Guice. */
    static CommandLine commandLine(Injector injector) {
        CommandLine line = new CommandLine(Main.class, new GuiceFactory(injector));
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            if (e instanceof InputException || e instanceof ConfigurationException) {
                PrintWriter err = command.getErr();
                err.println("parley: " + e.getMessage());
                err.flush();
                return CommandLine.ExitCode.USAGE;
            }
            Exception cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
            if (cause instanceof IOException) {
                command.getErr().println("parley: " + Failures.describe(cause));
                return CommandLine.ExitCode.SOFTWARE;
            }
            throw e;
        });
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }

    /** Guice makes our classes, picocli its own. */
    private record GuiceFactory(Injector injector) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            return type.getPackageName().equals(Main.class.getPackageName())
                    ? injector.getInstance(type)
                    : CommandLine.defaultFactory().create(type);
        }
    }

    /** The version that the jar was built as. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"parley " + (version == null ? "(not packaged)" : version) + ", Java " + Runtime.version()};
        }
    }
}
