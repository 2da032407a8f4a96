package io.parley.core.plugin;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.core.random.RandomStreams;

/** What a plugin is given when it is created. */
public interface PluginContext {
    /** The random streams of this run. */
    RandomStreams streams();

    /** The other plugins. */
    Plugins plugins();

    /** For JSON; refuses unknown keys. */
    ObjectMapper mapper();

    /** A context for an application without the harness, with the plugins of the current thread's class loader. */
    static PluginContext standalone(long seed) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        return of(new RandomStreams(seed), new Plugins(loader == null ? PluginContext.class.getClassLoader() : loader));
    }

    /** A context from its parts. */
    static PluginContext of(RandomStreams streams, Plugins plugins) {
        ObjectMapper mapper = Plugins.strictMapper();
        return new PluginContext() {
            @Override
            public RandomStreams streams() {
                return streams;
            }

            @Override
            public Plugins plugins() {
                return plugins;
            }

            @Override
            public ObjectMapper mapper() {
                return mapper;
            }
        };
    }
}
