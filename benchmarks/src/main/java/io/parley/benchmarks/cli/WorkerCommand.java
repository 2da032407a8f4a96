package io.parley.benchmarks.cli;

import io.parley.benchmarks.cells.Worker;
import io.parley.core.plugin.Plugins;
import jakarta.inject.Inject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** A worker process of {@link RunCommand}. */
@Command(name = "worker", hidden = true, description = "Runs cells that are given on standard input.")
final class WorkerCommand implements Callable<Integer> {
    private final Plugins plugins;

    @Inject
    WorkerCommand(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() throws InterruptedException {
        Worker.serve(plugins);
        return 0;
    }
}
