package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import java.util.List;

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
        List<String> ids = plugins.all(kind).stream().map(Provider::id).toList();
        if (!ids.contains(spec.id())) {
            String near = Suggestions.near(spec.id(), ids);
            try {
                plugins.find(kind, spec.id());
            } catch (ConfigurationException e) {
                String text = e.getMessage().substring(e.path().length() + 2);
                throw new ConfigurationException(e.path(), near.isEmpty() ? text : text.replace("; there are", near + " There are"), e);
            }
        }
        Provider<Record> provider = (Provider<Record>) plugins.find(kind, spec.id());
        try {
            return new Bound<>(provider, plugins.config(provider, spec));
        } catch (ConfigurationException e) {
            throw suggest(e);
        }
    }

    /** The specification with every default written out, so that equal configurations look equal. */
    public <P extends Provider<?>> PluginSpec canonical(Class<P> kind, PluginSpec spec) {
        ObjectNode config = context.mapper().valueToTree(bind(kind, spec).config());
        dropNulls(config);
        return new PluginSpec(spec.id(), config);
    }

    /** What is null after every default was filled in is something that was left out. */
    private static void dropNulls(JsonNode node) {
        if (node.isObject()) {
            node.properties().removeIf(entry -> entry.getValue().isNull());
        }
        node.forEach(PluginBinder::dropNulls);
    }

    /** Makes a plugin, given its kind's {@code create}. */
    @SuppressWarnings("unchecked")
    public <P extends Provider<?>, T> T make(Class<P> kind, PluginSpec spec, Maker<P, Record, T> maker) {
        Bound<Record, Provider<Record>> bound = bind(kind, spec);
        return maker.make((P) bound.provider(), bound.config(), context);
    }

    public PluginContext context() {
        return context;
    }

    /** Adds the nearest name to the message about an unknown key. */
    static ConfigurationException suggest(ConfigurationException e) {
        if (e.getCause() instanceof UnrecognizedPropertyException unknown && unknown.getKnownPropertyIds() != null) {
            String near = Suggestions.near(unknown.getPropertyName(),
                    unknown.getKnownPropertyIds().stream().map(Object::toString).toList());
            if (!near.isEmpty()) {
                String text = e.path().isEmpty() ? e.getMessage() : e.getMessage().substring(e.path().length() + 2);
                return new ConfigurationException(e.path(), text.replace("; there are", near + " There are"), e.getCause());
            }
        }
        return e;
    }
}
