package io.parley.tasks.wason;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;

/** {@code wason}: Wason's card selection task (1968) as a group deliberation. */
public final class WasonTask implements TaskProvider<WasonConfig> {
    @Override
    public String id() {
        return "wason";
    }

    @Override
    public String description() {
        return "Card selection: which cards must be turned to find out whether a conditional rule holds?";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<WasonConfig> configType() {
        return WasonConfig.class;
    }

    @Override
    public Task create(WasonConfig config, PluginContext context) {
        return new Wason(config, context);
    }
}
