package io.parley.benchmarks.experiment;

/**
 * Input that cannot be used. The message is for people: it names the file, the path inside it, what was found and what
 * is allowed. The command line prints it and ends with exit code 2.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InputException(String message) {
        super(message);
    }

    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
