package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.Worker;
import io.parley.core.plugin.Plugins;
import jakarta.inject.Inject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A worker process of {@link RunCommand}. */
@Command(name = "worker", hidden = true, description = "Runs cells that are given on standard input.")
final class WorkerCommand implements Callable<Integer> {
    @Mixin
    private PluginPath pluginPath;

    @Spec
    private CommandSpec spec;

    private final Plugins plugins;

    @Inject
    WorkerCommand(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() throws InterruptedException {
        Worker.serve(plugins, spec.commandLine().getOut());
        return 0;
    }
}
