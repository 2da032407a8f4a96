package io.parley.core.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes a saved policy in another form, which is also its id; found by {@link java.util.ServiceLoader} as providers are. */
public interface PolicyExporter<C extends Record> extends Provider<C> {
    /**
     * Writes one policy.
     *
     * @param policy the folder that {@link TrainablePolicy#save} wrote; only read
     * @param provenance where the policy comes from; kept with what is written
     * @param target the file or folder to write; it does not exist, and is either whole afterwards or not there
     * @return what the form does not hold of the policy, or is to be known of what was written: sentences for people; may be
     *     none
     * @throws IOException if a file is absent, damaged or cannot be written, or the policy is of a kind that has no such form;
     *     the message names the file, what was found and what is allowed
     */
    List<String> export(C config, Path policy, ObjectNode provenance, Path target) throws IOException;

    /**
     * The same, from a configuration that is still to be read.
     *
     * @throws io.parley.core.plugin.ConfigurationException if it cannot be read; the path is the one inside {@code spec}
     */
    default List<String> configured(PluginSpec spec, Plugins plugins, Path policy, ObjectNode provenance, Path target)
            throws IOException {
        return export(plugins.config(this, spec), policy, provenance, target);
    }
}
