package io.parley.benchmarks.cells;

/** A plugin gave something that nothing can be done with; the message names plugin and thing. */
final class PluginException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PluginException(String message) {
        super(message);
    }
}
