package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import io.parley.core.policy.PolicyProvider;
import java.lang.reflect.RecordComponent;
import java.util.Optional;

/** Finds the providers that an experiment names and validates their configurations, with the nearest name for a wrong one. */
public final class PluginBinder {
    private final PluginContext context;

    /** @param context given to what is created; its plugins are the ones looked up */
    public PluginBinder(PluginContext context) {
        this.context = context;
    }

    /** A provider with its validated configuration. */
    public record Bound<C extends Record, P extends Provider<C>>(P provider, C config) {}

    /** Makes the plugin of a {@link Bound}. */
    @FunctionalInterface
    public interface Maker<P, C, T> {
        T make(P provider, C config, PluginContext context);
    }

    /** @throws ConfigurationException if there is no such plugin or its configuration is refused */
    @SuppressWarnings("unchecked")
    public <P extends Provider<?>> Bound<Record, Provider<Record>> bind(Class<P> kind, PluginSpec spec) {
        Plugins plugins = context.plugins();
        try {
            Provider<Record> provider = (Provider<Record>) plugins.find(kind, spec.id());
            try {
                return new Bound<>(provider, plugins.config(provider, spec));
            } catch (LinkageError e) {
                throw broken(kind, provider, "cannot be configured", e);
            }
        } catch (ConfigurationException e) {
            throw suggest(e);
        }
    }

    /**
     * The specification with every default written out, so that equal configurations look equal. Of a plugin inside, such as an
     * algorithm's {@code preferences}, that is done where it reads files, so that what they hold is told apart.
     */
    public <P extends Provider<?>> PluginSpec canonical(Class<P> kind, PluginSpec spec) {
        Record bound = bind(kind, spec).config();
        ObjectNode config = context.mapper().valueToTree(bound);
        dropNulls(config);
        for (RecordComponent key : bound.getClass().getRecordComponents()) {
            for (PluginKind inside : PluginKind.values()) {
                JsonNode written = config.get(key.getName());
                if (written != null && key.getType() == PluginSpec.class && key.getName().equals(inside.label())) {
                    PluginSpec canonical = inside(inside, PluginSpec.fromJson(written));
                    if (canonical.config().has(CellSpecification.HASH)) {
                        config.set(key.getName(), canonical.toJson());
                    }
                }
            }
        }
        return new PluginSpec(spec.id(), config);
    }

    private PluginSpec inside(PluginKind kind, PluginSpec spec) {
        try {
            return canonical(kind.type(), spec);
        } catch (ConfigurationException e) {
            throw e.at(kind.label());
        }
    }

    /** What is null after every default was filled in is something that was left out. */
    private static void dropNulls(JsonNode node) {
        if (node.isObject()) {
            node.properties().removeIf(entry -> entry.getValue().isNull());
        }
        node.forEach(PluginBinder::dropNulls);
    }

    /**
     * Makes a plugin, given its kind's {@code create}.
     *
     * @throws ConfigurationException if the configuration is refused, or the plugin makes nothing of it
     */
    @SuppressWarnings("unchecked")
    public <P extends Provider<?>, T> T make(Class<P> kind, PluginSpec spec, Maker<P, Record, T> maker) {
        Bound<Record, Provider<Record>> bound = bind(kind, spec);
        T made;
        try {
            made = maker.make((P) bound.provider(), bound.config(), context);
        } catch (ConfigurationException | IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw broken(kind, bound.provider(), "cannot be made", e);
        }
        if (made == null) {
            throw new ConfigurationException("",
                    Plugins.name(kind, bound.provider()) + " cannot be made: its provider returns null");
        }
        return made;
    }

    /** What an exported policy was trained as; empty where its file does not say. */
    @SuppressWarnings("unchecked")
    public Optional<CellSpecification> trainedAs(PluginSpec policy) {
        return make(PolicyProvider.class, policy,
                        (provider, config, own) -> ((PolicyProvider<Record>) provider).provenance(config))
                .flatMap(CellSpecification::ofProvenance);
    }

    private static <P extends Provider<?>> ConfigurationException broken(
            Class<P> kind, Provider<?> provider, String what, Throwable e) {
        return new ConfigurationException("", Plugins.name(kind, provider) + " " + what + ": " + e.getClass().getSimpleName()
                + (e.getMessage() == null ? "" : ": " + e.getMessage()), e);
    }

    public PluginContext context() {
        return context;
    }

    /** Adds the nearest name to the message about an unknown one. */
    static ConfigurationException suggest(ConfigurationException e) {
        String near = e.found() == null ? "" : Suggestions.near(e.found(), e.allowed());
        if (near.isEmpty()) {
            return e;
        }
        String text = e.path().isEmpty() ? e.getMessage() : e.getMessage().substring(e.path().length() + 2);
        return new ConfigurationException(e.path(), text.replace("; there are", near + " There are"), e.getCause());
    }
}
