package io.parley.testkit;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Provider;
import io.parley.core.plugin.Spi;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every provider promises, whatever it makes. Extend the contract of its kind instead, such as
 * {@link AlgorithmContract}.
 *
 * @param <P> the interface of the provider's kind
 */
public abstract class ProviderContract<P extends Provider<?>> {
    private static final Clause PUBLIC = new Clause(Provider.class,
            "they are public, have a public constructor without arguments, and keep no state");
    private static final Clause FOUND = new Clause(Provider.class, "Providers are found by ServiceLoader");
    private static final Clause ID = new Clause(Provider.class, "lower case, words joined by hyphens");
    private static final Clause DESCRIPTION = new Clause(Provider.class, "One line for people.");
    private static final Clause VERSION = new Clause(Provider.class,
            "the version of the interface that the provider was compiled against");
    private static final Clause DESCRIBED = new Clause(Provider.class, "whose components carry JsonPropertyDescription");
    private static final Clause SAME = new Clause(Provider.class, "it means the same when it is written as JSON and read again");
    private static final Clause UNKNOWN = new Clause(Provider.class, "An unknown key is an error.");
    private static final Clause VALIDATES = new Clause(Provider.class,
            "a record whose compact constructor validates (throwing IllegalArgumentException with what was found and what is "
                    + "allowed)");

    private final Class<?> kind;

    ProviderContract(Class<?> kind) {
        this.kind = kind;
    }

    /** A new provider, the one under test. */
    protected abstract P provider();

    /** The configuration that the tests use: its keys and values as in {@code experiment.yaml}, without the id. */
    protected Map<String, Object> configuration() {
        return Map.of();
    }

    /** Configurations that must be refused, each with a message; beside unknown keys and NaN, which are always tried. */
    protected List<Map<String, Object>> refused() {
        return List.of();
    }

    /** What the provider is given; override it to test under a context of your own. */
    protected PluginContext context(long seed) {
        return PluginContext.standalone(seed);
    }

    /** The provider's id with {@link #configuration}. */
    final PluginSpec spec() {
        return spec(configuration());
    }

    private PluginSpec spec(Map<String, Object> configuration) {
        return new PluginSpec(provider().id(), context(0).mapper().valueToTree(configuration));
    }

    @Test
    void providerIsPublicAndKeepsNoState() {
        Class<?> type = provider().getClass();
        PUBLIC.require(Modifier.isPublic(type.getModifiers()), () -> type.getName() + " is not public");
        try {
            PUBLIC.require(Modifier.isPublic(type.getDeclaredConstructor().getModifiers()),
                    () -> "the constructor of " + type.getName() + " is not public");
        } catch (NoSuchMethodException e) {
            throw PUBLIC.broken(type.getName() + " has no constructor without arguments", e);
        }
        for (Class<?> part = type; part != null; part = part.getSuperclass()) {
            for (Field field : part.getDeclaredFields()) {
                PUBLIC.require(Modifier.isFinal(field.getModifiers()), () -> "the field " + field + " is not final");
            }
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void providerIsFoundByServiceLoader() {
        Class<?> type = provider().getClass();
        FOUND.require(context(0).plugins().all((Class<Provider<?>>) kind).stream().anyMatch(found -> found.getClass() == type),
                () -> "META-INF/services/" + kind.getName() + " does not name " + type.getName());
    }

    @Test
    void idIsLowerCaseWordsJoinedByHyphens() {
        String id = provider().id();
        ID.require(id != null && Pattern.matches("[a-z0-9]+(-[a-z0-9]+)*", id), () -> "the id is '" + id + "'");
    }

    @Test
    void descriptionIsOneLine() {
        String description = provider().description();
        DESCRIPTION.require(description != null && !description.isBlank() && description.lines().count() == 1,
                () -> "the description is '" + description + "'");
    }

    @Test
    void versionIsTheOneCompiledAgainst() {
        int version = provider().spiVersion();
        VERSION.require(version == Spi.VERSION, () -> "spiVersion() is " + version + " and Spi.VERSION " + Spi.VERSION);
    }

    @Test
    void everyKeyHasADescription() {
        for (RecordComponent key : provider().configType().getRecordComponents()) {
            JsonPropertyDescription description = key.getAnnotation(JsonPropertyDescription.class);
            if (description == null) {
                description = key.getAccessor().getAnnotation(JsonPropertyDescription.class);
            }
            if (description == null) {
                description = fieldAnnotation(key);
            }
            DESCRIBED.require(description != null && !description.value().isBlank(),
                    () -> "the key '" + key.getName() + "' has none");
        }
    }

    private static JsonPropertyDescription fieldAnnotation(RecordComponent key) {
        try {
            return key.getDeclaringRecord().getDeclaredField(key.getName()).getAnnotation(JsonPropertyDescription.class);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void configurationMeansTheSameWhenReadAgain() {
        Record config = config();
        ObjectNode written = context(0).mapper().valueToTree(config);
        dropNulls(written);
        try {
            Record again = read((Provider<?>) provider(), new PluginSpec(provider().id(), written), context(0));
            SAME.require(config.equals(again), () -> config + " was written as " + written + " and read as " + again);
        } catch (ConfigurationException e) {
            throw SAME.broken(config + " was written as " + written + " and then refused: " + e.getMessage(), e);
        }
    }

    /** A key that is null after defaults were filled in was left out. */
    private static void dropNulls(JsonNode node) {
        if (node.isObject()) {
            node.properties().removeIf(entry -> entry.getValue().isNull());
        }
        node.forEach(ProviderContract::dropNulls);
    }

    @Test
    void unknownKeysAreRefused() {
        ObjectNode keys = spec().config().deepCopy();
        keys.put("no-such-key", 1);
        PluginSpec spec = new PluginSpec(provider().id(), keys);
        UNKNOWN.refused(ConfigurationException.class, () -> read((Provider<?>) provider(), spec, context(0)),
                "the key 'no-such-key'");
    }

    @Test
    void numbersThatAreNoneAreRefused() throws ReflectiveOperationException {
        Record config = config();
        RecordComponent[] components = provider().configType().getRecordComponents();
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Constructor<? extends Record> constructor = provider().configType().getDeclaredConstructor(types);
        constructor.setAccessible(true);
        for (int i = 0; i < components.length; i++) {
            if (types[i] != Double.class && types[i] != double.class) {
                continue;
            }
            Object[] values = new Object[components.length];
            for (int k = 0; k < values.length; k++) {
                components[k].getAccessor().setAccessible(true);
                values[k] = k == i ? Double.NaN : components[k].getAccessor().invoke(config);
            }
            VALIDATES.refused(IllegalArgumentException.class, () -> {
                try {
                    constructor.newInstance(values);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            }, components[i].getName() + " NaN");
        }
    }

    @TestFactory
    Stream<DynamicTest> refusesWhatItMust() {
        return refused().stream().map(keys -> DynamicTest.dynamicTest(keys.toString(), () -> {
            ConfigurationException refusal = VALIDATES.refused(ConfigurationException.class, () -> make(spec(keys), context(0)),
                    keys.toString());
            VALIDATES.require(refusal.getMessage() != null && !refusal.getMessage().isBlank(), () -> keys
                    + " was refused without a message");
        }));
    }

    /** Makes what the provider provides. */
    abstract Object make(PluginSpec spec, PluginContext context);

    private Record config() {
        return read((Provider<?>) provider(), spec(), context(0));
    }

    private static <C extends Record> C read(Provider<C> provider, PluginSpec spec, PluginContext context) {
        return context.plugins().config(provider, spec);
    }
}
