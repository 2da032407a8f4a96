package io.parley.core.plugin;

import java.util.Collection;
import java.util.List;

/** A configuration that cannot be used: its message says what was found, where, and what is allowed. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String path;
    private final String found;
    private final List<String> allowed;

    /**
     * @param path the place inside the configuration, such as {@code algorithms[0].lambda}; may be empty
     * @param message what was found and what is allowed
     */
    public ConfigurationException(String path, String message, Throwable cause) {
        this(path, message, null, List.of(), cause);
    }

    private ConfigurationException(String path, String message, String found, List<String> allowed, Throwable cause) {
        super(path.isEmpty() ? message : path + ": " + message, cause);
        this.path = path;
        this.found = found;
        this.allowed = allowed;
    }

    public ConfigurationException(String path, String message) {
        this(path, message, null);
    }

    /**
     * A name that is not one of those that are there.
     *
     * @param problem what is wrong, such as {@code unknown key 'rte'}; the names that are there are added to it
     * @param advice goes behind them; may be empty
     */
    public static ConfigurationException unknownName(
            String path, String problem, String found, Collection<String> allowed, String advice, Throwable cause) {
        return new ConfigurationException(
                path, problem + "; there are: " + String.join(", ", allowed) + advice, found, List.copyOf(allowed), cause);
    }

    /** The name that is not one of {@link #allowed}; null if the problem is another. */
    public String found() {
        return found;
    }

    /** The names in place of {@link #found}. */
    public List<String> allowed() {
        return allowed;
    }

    /** The place inside the configuration, such as {@code algorithms[0].lambda}; empty for the whole. */
    public String path() {
        return path;
    }

    /** The same problem, seen from the configuration that holds this one at {@code parent}. */
    public ConfigurationException at(String parent) {
        String full = path.isEmpty() ? parent : path.startsWith("[") ? parent + path : parent + "." + path;
        String text = path.isEmpty() ? getMessage() : getMessage().substring(path.length() + 2);
        return new ConfigurationException(full, text, found, allowed, getCause());
    }
}
