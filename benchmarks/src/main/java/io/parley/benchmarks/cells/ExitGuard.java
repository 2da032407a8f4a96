package io.parley.benchmarks.cells;

import java.util.function.Consumer;

/** Says who called System.exit, which would otherwise end the JVM without a word. */
public final class ExitGuard {
    private static Consumer<String> listener;

    private ExitGuard() {}

    /**
     * Has a listener told when something other than the command line ends the JVM, which goes on ending afterwards.
     *
     * @param told given the method that called System.exit; takes the place of the listener before it
     */
    public static synchronized void watch(Consumer<String> told) {
        if (listener == null) {
            Runtime.getRuntime().addShutdownHook(new Thread(ExitGuard::ending, "exit guard"));
        }
        listener = told;
    }

    private static void ending() {
        for (StackTraceElement[] stack : Thread.getAllStackTraces().values()) {
            StackTraceElement caller = caller(stack);
            if (caller != null && !caller.getClassName().startsWith("io.parley.benchmarks.")) {
                synchronized (ExitGuard.class) {
                    listener.accept(Culprit.name(caller));
                }
            }
        }
    }

    /** What called System.exit or Runtime.exit; null if nothing in this stack did. */
    private static StackTraceElement caller(StackTraceElement[] stack) {
        for (int i = stack.length - 2; i >= 0; i--) {
            String type = stack[i].getClassName();
            if (stack[i].getMethodName().equals("exit")
                    && (type.equals("java.lang.System") || type.equals("java.lang.Runtime"))) {
                return stack[i + 1];
            }
        }
        return null;
    }
}
