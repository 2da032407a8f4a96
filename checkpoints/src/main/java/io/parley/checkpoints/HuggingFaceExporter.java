package io.parley.checkpoints;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyExporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code hf}: the whole model, its adapter merged, as transformers reads it. */
public final class HuggingFaceExporter implements PolicyExporter<HuggingFaceExporter.Config> {
    /** Where the base is, and of which type the weights are to be. */
    public record Config(
            @JsonPropertyDescription("Folder of the base; left out, where it lay in training.") String base,
            @JsonPropertyDescription("Type of the weights: float32, float16 or bfloat16; left out, each has that which it has "
                    + "in the base.")
                    String dtype) {
        public Config {
            if (dtype != null && Dtype.ofTorch(dtype).filter(Dtype::isWeight).isEmpty()) {
                throw new IllegalArgumentException("dtype is '" + dtype + "'; there are: " + Dtype.weights());
            }
        }
    }

    @Override
    public String id() {
        return "hf";
    }

    @Override
    public String description() {
        return "A folder with the whole model of a causal-lm, its adapter merged, which transformers loads.";
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
        Dtype dtype = config.dtype() == null ? null : Dtype.ofTorch(config.dtype()).orElseThrow();
        WholeFolder.write(target, folder -> {
            model.base().write(folder, dtype, name -> model.merged(name)
                    .as(dtype == null ? model.base().tensor(name).dtype() : dtype));
            model.describe(folder, provenance);
        });
        List<String> notes = model.notes();
        Stream<Dtype> types = dtype != null ? Stream.of(dtype)
                : model.base().tensors().values().stream().map(Tensor::dtype).distinct();
        String rounded = types.filter(type -> type != Dtype.F32).map(Dtype::torchName).collect(Collectors.joining(" and "));
        if (!rounded.isEmpty()) {
            notes.add("What was trained in float32 is rounded to " + rounded + "; dtype=float32 keeps it.");
        }
        return notes;
    }
}
