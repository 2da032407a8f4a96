package io.parley.core.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.Provider;
import java.io.IOException;
import java.nio.file.Path;

/** Writes a saved policy in another form, which is also its id; found by {@link java.util.ServiceLoader} as providers are. */
public interface PolicyExporter extends Provider<NoConfig> {
    @Override
    default Class<NoConfig> configType() {
        return NoConfig.class;
    }

    /**
     * Writes one policy.
     *
     * @param policy the folder that {@link TrainablePolicy#save} wrote; only read
     * @param provenance where the policy comes from; kept with what is written
     * @param target what to write; it does not exist, and is either whole afterwards or not there
     * @throws IOException if a file is absent, damaged or cannot be written, or the policy is of a kind that has no such form;
     *     the message names the file, what was found and what is allowed
     */
    void export(Path policy, ObjectNode provenance, Path target) throws IOException;
}
