package io.parley.benchmarks.cli;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.parley.benchmarks.experiment.ExperimentSchema;
import io.parley.benchmarks.experiment.Planner;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;

/** Wires the command line: the plugins, and what is made of them. */
public final class ParleyModule extends AbstractModule {
    private final Plugins plugins;

    /** @param plugins those that experiments can name */
    public ParleyModule(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    protected void configure() {
        bind(Plugins.class).toInstance(plugins);
    }

    /** For checking configurations: nothing random comes of it. */
    @Provides
    @Singleton
    PluginContext context(Plugins plugins) {
        return PluginContext.of(new RandomStreams(0), plugins);
    }

    @Provides
    @Singleton
    PluginBinder binder(PluginContext context) {
        return new PluginBinder(context);
    }

    @Provides
    @Singleton
    Planner planner(PluginBinder binder) {
        return new Planner(binder);
    }

    @Provides
    @Singleton
    ExperimentSchema schema(PluginContext context) {
        return new ExperimentSchema(context);
    }
}
