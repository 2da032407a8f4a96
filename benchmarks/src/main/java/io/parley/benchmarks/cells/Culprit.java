package io.parley.benchmarks.cells;

import java.util.Set;

/** Whose code a stack trace points to: the class loader of a plugin's jar has the jar's name. */
final class Culprit {
    private static final Set<String> HOSTS = Set.of("app", "platform");

    private Culprit() {}

    /** The innermost method of a plugin's jar, such as {@code org.me.Reinforce.train of reinforce.jar}; null if there is none. */
    static String in(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            if (isPlugin(frame)) {
                return name(frame);
            }
        }
        return null;
    }

    /** The same, of an exception or what caused it. */
    static String in(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            String found = in(t.getStackTrace());
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** A method, and the jar where it is a plugin's. */
    static String name(StackTraceElement frame) {
        return frame.getClassName() + "." + frame.getMethodName() + (isPlugin(frame) ? " of " + frame.getClassLoaderName() : "");
    }

    private static boolean isPlugin(StackTraceElement frame) {
        return frame.getClassLoaderName() != null && !HOSTS.contains(frame.getClassLoaderName());
    }
}
