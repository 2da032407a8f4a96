package io.parley.core.plugin;

/** A configuration that cannot be used: its message says what was found, where, and what is allowed. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String path;

    /**
     * @param path the place inside the configuration, such as {@code algorithms[0].lambda}; may be empty
     * @param message what was found and what is allowed
     */
    public ConfigurationException(String path, String message, Throwable cause) {
        super(path.isEmpty() ? message : path + ": " + message, cause);
        this.path = path;
    }

    public ConfigurationException(String path, String message) {
        this(path, message, null);
    }

    /** The place inside the configuration, such as {@code algorithms[0].lambda}; empty for the whole. */
    public String path() {
        return path;
    }

    /** The same problem, seen from the configuration that holds this one at {@code parent}. */
    public ConfigurationException at(String parent) {
        String full = path.isEmpty() ? parent : path.startsWith("[") ? parent + path : parent + "." + path;
        String text = path.isEmpty() ? getMessage() : getMessage().substring(path.length() + 2);
        return new ConfigurationException(full, text, getCause());
    }
}
