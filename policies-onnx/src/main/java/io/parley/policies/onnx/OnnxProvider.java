package io.parley.policies.onnx;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.training.DataFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** {@code onnx}: a policy that was exported, frozen. */
public final class OnnxProvider implements PolicyProvider<OnnxProvider.Config> {
    /** Which file. */
    public record Config(
            @JsonPropertyDescription("Required: the ONNX file; a relative path counts from the working folder.") String path,
            @JsonPropertyDescription("SHA-256 of the file; left out, it is what the file has now. Another file is refused.")
                    String sha256,
            @JsonPropertyDescription("Threads that compute one call, at least 1; left out, 1.") Integer threads) {
        public Config {
            threads = threads == null ? 1 : threads;
            if (threads < 1) {
                throw new IllegalArgumentException("threads is " + threads + "; at least 1");
            }
            if (path == null || path.isBlank()) {
                throw new IllegalArgumentException("path is not given; name an ONNX file that ./parley export wrote");
            }
            DataFile known = new DataFile("path", path, sha256);
            path = known.file();
            sha256 = known.sha256();
        }
    }

    @Override
    public String id() {
        return "onnx";
    }

    @Override
    public String description() {
        return "A policy that was exported, frozen, on ONNX Runtime; it cannot be trained.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    /** {@inheritDoc} It stands in the file beside the graph, which ONNX Runtime need not load for it. */
    @Override
    public Optional<ObjectNode> provenance(Config config) {
        return Optional.of(read(config).provenance()).filter(said -> !said.isEmpty());
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    /** What the file says beside its graph is enough; ONNX Runtime loads it for {@link #create} alone. */
    @Override
    public void check(Config config, TextSpec text, PluginContext context) {
        fileFor(config, text);
    }

    @Override
    public OnnxPolicy create(Config config, TextSpec text, PluginContext context) {
        OnnxFile file = fileFor(config, text);
        try {
            return OnnxPolicy.load(file, Path.of(config.path()), config.threads());
        } catch (IOException e) {
            throw new ConfigurationException("path", e.getMessage(), e);
        }
    }

    /** What the file says, whose policy can serve these texts. */
    private static OnnxFile fileFor(Config config, TextSpec text) {
        OnnxFile file = read(config);
        String objection = file.form().objection(text);
        if (objection != null) {
            throw new ConfigurationException("path", config.path() + " was trained for other texts: " + objection
                    + "; name the task that it was trained for, or one with the same texts");
        }
        return file;
    }

    private static OnnxFile read(Config config) {
        try {
            return OnnxFile.read(Path.of(config.path()));
        } catch (IOException e) {
            throw new ConfigurationException("path", e.getMessage(), e);
        }
    }
}
