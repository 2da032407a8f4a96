package io.parley.core.plugin;

/**
 * What every plugin's provider says of itself. Providers are found by {@link java.util.ServiceLoader}: they are
 * public, have a public constructor without arguments, and keep no state.
 *
 * @param <C> the configuration: a record whose compact constructor validates (throwing
 *     {@link IllegalArgumentException} with what was found and what is allowed), fills in a default for every
 *     component that is null, and whose components carry
 *     {@link com.fasterxml.jackson.annotation.JsonPropertyDescription}. An unknown key is an error. Runs keep their
 *     configuration: it means the same when it is written as JSON and read again
 */
public interface Provider<C extends Record> {
    /** The name that configurations use: lower case, words joined by hyphens, unique among providers of one kind. */
    String id();

    /** One line for people. */
    String description();

    /** {@code return Spi.VERSION;}: the version of the interface that the provider was compiled against. */
    int spiVersion();

    /** The class of the configuration record. */
    Class<C> configType();
}
