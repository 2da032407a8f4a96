package io.parley.checkpoints;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyExporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code peft}: the adapter that was trained, as PEFT reads it. */
public final class PeftExporter implements PolicyExporter<PeftExporter.Config> {
    /** Where the base is. */
    public record Config(@JsonPropertyDescription("Folder of the base; left out, where it lay in training.") String base) {}

    @Override
    public String id() {
        return "peft";
    }

    @Override
    public String description() {
        return "A folder with the adapter of a causal-lm, which PEFT loads onto its base.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public List<String> export(Config config, Path policy, ObjectNode provenance, Path target) throws IOException {
        TrainedModel model = TrainedModel.read(policy, config.base() == null ? null : Path.of(config.base()));
        if (model.adapter() == null) {
            throw new IOException(policy + ": all weights were trained (train: full), so that there is no adapter; --to hf "
                    + "writes the weights");
        }
        WholeFolder.write(target, folder -> {
            model.adapter().write(folder);
            model.describe(folder, provenance);
        });
        return model.notes();
    }
}
