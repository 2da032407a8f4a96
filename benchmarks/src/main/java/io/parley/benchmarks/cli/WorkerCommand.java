package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.Worker;
import io.parley.core.plugin.Plugins;
import jakarta.inject.Inject;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A worker process of {@link RunCommand}. */
@Command(name = "worker", hidden = true, description = "Runs cells that are given on standard input.")
final class WorkerCommand implements Callable<Integer> {
    @Mixin
    private PluginPath pluginPath;

    private final Plugins plugins;

    @Inject
    WorkerCommand(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() throws InterruptedException {
        // Not the command line's writer, which has the charset of the terminal: a program reads this.
        Worker.serve(plugins, new PrintWriter(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8));
        return 0;
    }
}
