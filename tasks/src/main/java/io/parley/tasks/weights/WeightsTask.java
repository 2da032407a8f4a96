package io.parley.tasks.weights;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;

/**
 * {@code weights}: the weights task (Khebour et al. 2024, "Common Ground Tracking in Multimodal Dialogue") with collaborators.
 */
public final class WeightsTask implements TaskProvider<WeightsConfig> {
    @Override
    public String id() {
        return "weights";
    }

    @Override
    public String description() {
        return "Blocks and a scale: how do the weights of blocks compare, as far as the weighings tell?";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<WeightsConfig> configType() {
        return WeightsConfig.class;
    }

    @Override
    public Task create(WeightsConfig config, PluginContext context) {
        return new Weights(config, context);
    }
}
