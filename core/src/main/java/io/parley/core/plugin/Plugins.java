package io.parley.core.plugin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The providers on a class loader and in jars of their own, by kind and id. The one place where plugins are looked up, so
 * that a missing name always gets the same answer: what was asked, what is there, and how to add it.
 *
 * <p>A provider that does not load, or was compiled against another version of the interface, is left out and said in
 * {@link #problems}: the others can be used.
 */
public final class Plugins {
    private final List<ClassLoader> loaders = new ArrayList<>();
    private final ObjectMapper mapper = strictMapper();
    private final Map<Class<?>, Loaded> byKind = new ConcurrentHashMap<>();

    private record Loaded(Map<String, Provider<?>> providers, List<String> problems) {}

    /** @param loader where {@link ServiceLoader} looks */
    public Plugins(ClassLoader loader) {
        this(loader, List.of());
    }

    /**
     * Plugins of a class loader and of jars beside it. Each jar, or folder with a jar and its libraries, gets a class
     * loader of its own; io.parley.core, DJL, Jackson and slf4j come from {@code loader}.
     *
     * @param loader where {@link ServiceLoader} looks, and the parent of the jars' loaders
     * @param pluginPath jars, or folders that hold a jar with its libraries
     * @throws ConfigurationException if a file is absent, is not a whole jar, provides no plugin or bundles
     *     io.parley.core; the path names it
     */
    public Plugins(ClassLoader loader, List<Path> pluginPath) {
        loaders.add(Objects.requireNonNull(loader));
        pluginPath.stream().map(path -> path.toAbsolutePath().normalize()).distinct()
                .forEach(path -> loaders.add(PluginLoader.open(path, loader)));
    }

    /** All providers of one kind, ordered by id. */
    @SuppressWarnings("unchecked")
    public <P extends Provider<?>> Collection<P> all(Class<P> kind) {
        return (Collection<P>) loaded(kind).providers().values();
    }

    /** What is wrong with the providers of one kind that are left out: which, where, and why. */
    public <P extends Provider<?>> List<String> problems(Class<P> kind) {
        return loaded(kind).problems();
    }

    /** The jars of the plugin path, libraries included. */
    public List<Path> jars() {
        return loaders.stream().filter(PluginLoader.class::isInstance)
                .flatMap(own -> ((PluginLoader) own).jars().stream()).toList();
    }

    private <P extends Provider<?>> Loaded loaded(Class<P> kind) {
        return byKind.computeIfAbsent(kind, k -> load(kind));
    }

    /**
     * The provider with an id.
     *
     * @throws ConfigurationException if there is none; the path is {@code id}
     */
    public <P extends Provider<?>> P find(Class<P> kind, String id) {
        for (P provider : all(kind)) {
            if (provider.id().equals(id)) {
                return provider;
            }
        }
        String noun = noun(kind);
        List<String> problems = problems(kind);
        throw ConfigurationException.unknownName("id", "no " + noun + " is called '" + id + "'", id,
                loaded(kind).providers().keySet(),
                ". A jar that provides one goes on the plugin path (--plugin-path) or the class path, with a META-INF/services/"
                        + kind.getName() + " entry" + (problems.isEmpty() ? "" : ". Left out: " + String.join("; ", problems)),
                null);
    }

    /**
     * The configuration of a plugin, validated by its record.
     *
     * @throws ConfigurationException if a key is unknown, a value has the wrong type, or the record refuses it
     */
    public <C extends Record> C config(Provider<C> provider, PluginSpec spec) {
        try {
            return mapper.treeToValue(spec.config(), provider.configType());
        } catch (JsonProcessingException e) {
            throw explain(e);
        }
    }

    /** Turns Jackson's exception into path, what was found and what is allowed. */
    public static ConfigurationException explain(JsonProcessingException e) {
        String path = "";
        if (e instanceof JsonMappingException mapping) {
            StringBuilder where = new StringBuilder();
            for (JsonMappingException.Reference step : mapping.getPath()) {
                if (step.getFieldName() == null) {
                    where.append('[').append(step.getIndex()).append(']');
                } else {
                    where.append(where.isEmpty() ? "" : ".").append(step.getFieldName());
                }
            }
            path = where.toString();
        }
        Throwable cause = e.getCause();
        if (e instanceof UnrecognizedPropertyException unknown) {
            List<String> known = new ArrayList<>();
            unknown.getKnownPropertyIds().forEach(id -> known.add(id.toString()));
            known.sort(null);
            return ConfigurationException.unknownName(
                    path, "unknown key '" + unknown.getPropertyName() + "'", unknown.getPropertyName(), known, "", e);
        }
        if (cause instanceof ConfigurationException inner) {
            return path.isEmpty() ? inner : inner.at(path);
        }
        if (cause instanceof IllegalArgumentException refused) {
            return new ConfigurationException(path, refused.getMessage(), e);
        }
        if (e instanceof InvalidFormatException invalid) {
            return new ConfigurationException(path, "expected " + readable(invalid.getTargetType()) + ", found '"
                    + invalid.getValue() + "'", e);
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return new ConfigurationException(path, "expected " + readable(mismatch.getTargetType()) + found(mismatch), e);
        }
        return new ConfigurationException(path, e.getOriginalMessage(), e);
    }

    private static String found(MismatchedInputException e) {
        JsonToken token = e.getProcessor() instanceof JsonParser parser ? parser.currentToken() : null;
        if (token == JsonToken.START_OBJECT || token == JsonToken.FIELD_NAME) {
            return ", found a mapping";
        }
        if (token == JsonToken.START_ARRAY) {
            return ", found a list";
        }
        if (token == JsonToken.VALUE_NULL) {
            return ", found nothing";
        }
        if (token != null && token.isScalarValue()) {
            try {
                return ", found '" + ((JsonParser) e.getProcessor()).getText() + "'";
            } catch (IOException unreadable) {
                e.addSuppressed(unreadable);
            }
        }
        return " (" + e.getOriginalMessage().replaceAll("`?java\\.[a-z]+\\.", "").replace("`", "") + ")";
    }

    /** A mapper that refuses what it does not know, coerces nothing, and writes the words of an enum as configurations do. */
    public static ObjectMapper strictMapper() {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
                .build();
        mapper.coercionConfigFor(LogicalType.Textual)
                .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
        return mapper;
    }

    private <P extends Provider<?>> Loaded load(Class<P> kind) {
        Loaded loaded = new Loaded(new TreeMap<>(), new ArrayList<>());
        for (ClassLoader loader : loaders) {
            Iterator<P> providers = ServiceLoader.load(kind, loader).iterator();
            boolean more = true;
            while (more) {
                try {
                    more = providers.hasNext();
                    if (more) {
                        add(loaded, kind, providers.next(), loader);
                    }
                } catch (ServiceConfigurationError | LinkageError e) {
                    loaded.problems().add("a provider of " + noun(kind) + of(loader) + " does not load: " + reason(e));
                }
            }
        }
        return new Loaded(loaded.providers(), List.copyOf(loaded.problems()));
    }

    /** @throws ConfigurationException if the id is taken */
    private static void add(Loaded loaded, Class<?> kind, Provider<?> provider, ClassLoader loader) {
        String problem = problem(kind, provider, loader);
        if (problem != null) {
            loaded.problems().add(problem);
            return;
        }
        Provider<?> twin = loaded.providers().putIfAbsent(provider.id(), provider);
        if (twin != null) {
            throw new ConfigurationException("", "two providers of " + noun(kind) + " are called '" + provider.id() + "': "
                    + origin(twin) + " and " + origin(provider) + "; leave one of them out");
        }
    }

    /** What keeps a provider from being used; null if nothing does. */
    private static String problem(Class<?> kind, Provider<?> provider, ClassLoader loader) {
        String type = noun(kind) + " provider " + provider.getClass().getName();
        if (loader instanceof PluginLoader && provider.getClass().getClassLoader() != loader) {
            return type + of(loader) + " is not in the jar that names it: a plugin provides what it brings";
        }
        try {
            if (provider.spiVersion() != Spi.VERSION) {
                return type + of(loader) + " was compiled against version " + provider.spiVersion()
                        + " of the interface; this is version " + Spi.VERSION + ": use a build of the plugin for it";
            }
            if (provider.id() == null || provider.id().isBlank()) {
                return type + of(loader) + " has no id";
            }
            if (provider.configType() == null || provider.description() == null) {
                return type + of(loader) + " has no " + (provider.description() == null ? "description" : "configType")
                        + ": it is null";
            }
            return null;
        } catch (RuntimeException | LinkageError e) {
            return type + of(loader) + " does not say what it is: " + reason(e);
        }
    }

    private static String of(ClassLoader loader) {
        return loader instanceof PluginLoader ? " of " + loader.getName() : "";
    }

    /** The message without the interface's name in front, and what caused it. */
    private static String reason(Throwable e) {
        Throwable cause = e.getCause();
        if (e instanceof ServiceConfigurationError) {
            return e.getMessage().replaceFirst("^[\\w.]+Provider: ", "") + (cause == null ? "" : ": " + reason(cause));
        }
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }

    /**
     * For messages: kind and id, and the jar where the provider comes from the plugin path, such as
     * {@code algorithm 'a' of a.jar}.
     */
    public static <P extends Provider<?>> String name(Class<P> kind, Provider<?> provider) {
        return noun(kind) + " '" + provider.id() + "'" + of(provider.getClass().getClassLoader());
    }

    private static String origin(Provider<?> provider) {
        var source = provider.getClass().getProtectionDomain().getCodeSource();
        return provider.getClass().getName() + (source == null ? "" : " in " + source.getLocation());
    }

    private static String noun(Class<?> kind) {
        return kind.getSimpleName().replaceAll("Provider$", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    private static String readable(Class<?> type) {
        if (type.isEnum()) {
            List<String> names = new ArrayList<>();
            for (Object constant : type.getEnumConstants()) {
                names.add(constant.toString().toLowerCase(Locale.ROOT));
            }
            return "one of " + String.join(", ", names);
        }
        return switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "a whole number";
            case "double", "Double", "float", "Float" -> "a number";
            case "boolean", "Boolean" -> "true or false";
            case "String" -> "a text";
            default -> Collection.class.isAssignableFrom(type) ? "a list"
                    : type.isRecord() ? "a mapping of keys to values" : type.getSimpleName();
        };
    }
}
