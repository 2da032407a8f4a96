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
 * The providers on a class loader, by kind and id. The one place where plugins are looked up, so that a missing
 * name always gets the same answer: what was asked, what is there, and how to add it.
 */
public final class Plugins {
    private final ClassLoader loader;
    private final ObjectMapper mapper = strictMapper();
    private final Map<Class<?>, Map<String, Provider<?>>> byKind = new ConcurrentHashMap<>();

    /** @param loader where {@link ServiceLoader} looks */
    public Plugins(ClassLoader loader) {
        this.loader = Objects.requireNonNull(loader);
    }

    /** All providers of one kind, ordered by id. */
    @SuppressWarnings("unchecked")
    public <P extends Provider<?>> Collection<P> all(Class<P> kind) {
        return (Collection<P>) byKind.computeIfAbsent(kind, k -> load(kind)).values();
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
        throw ConfigurationException.unknownName("id", "no " + noun + " is called '" + id + "'", id, byKind.get(kind).keySet(),
                ". A jar that provides one goes on the class path, with a META-INF/services/" + kind.getName() + " entry", null);
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

    private <P extends Provider<?>> Map<String, Provider<?>> load(Class<P> kind) {
        Map<String, Provider<?>> found = new TreeMap<>();
        Iterator<P> providers = ServiceLoader.load(kind, loader).iterator();
        while (true) {
            P provider;
            try {
                if (!providers.hasNext()) {
                    return found;
                }
                provider = providers.next();
            } catch (ServiceConfigurationError | LinkageError e) {
                throw new ConfigurationException("", "a provider of " + noun(kind) + " does not load: " + e.getMessage(), e);
            }
            if (provider.spiVersion() != Spi.VERSION) {
                throw new ConfigurationException("", noun(kind) + " '" + provider.id() + "' was compiled against version "
                        + provider.spiVersion() + " of the interface; this is version " + Spi.VERSION);
            }
            Provider<?> twin = found.putIfAbsent(provider.id(), provider);
            if (twin != null) {
                throw new ConfigurationException("", "two providers of " + noun(kind) + " are called '" + provider.id() + "': "
                        + origin(twin) + " and " + origin(provider));
            }
        }
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
