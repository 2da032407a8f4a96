package io.parley.benchmarks.contracts;

import com.google.inject.Guice;
import com.google.inject.Injector;
import io.parley.benchmarks.cli.ParleyModule;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import io.parley.core.random.RandomStreams;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Parley's own providers, each in the two contexts that create plugins. */
final class Parley {
    private static final Injector INJECTOR = Guice.createInjector(new ParleyModule(new Plugins(Parley.class.getClassLoader())));

    private Parley() {}

    /** Who makes the context. */
    enum Host {
        /** An application: {@link PluginContext#standalone}. */
        APPLICATION {
            @Override
            PluginContext context(long seed) {
                return PluginContext.standalone(seed);
            }
        },
        /** The harness: plugins come from Guice, streams from the cell. */
        HARNESS {
            @Override
            PluginContext context(long seed) {
                return PluginContext.of(new RandomStreams(seed), INJECTOR.getInstance(Plugins.class));
            }
        };

        abstract PluginContext context(long seed);
    }

    /** Every provider of a kind that a jar of ours provides, by host; those of the tests left out. */
    static <P extends Provider<?>> Stream<Arguments> providers(Class<P> kind) {
        return Stream.of(Host.values()).flatMap(host -> host.context(0).plugins().all(kind).stream()
                .filter(provider -> !provider.id().startsWith("test-"))
                .map(provider -> Arguments.of(provider, host)));
    }
}
