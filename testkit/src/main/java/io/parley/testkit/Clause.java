package io.parley.testkit;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.AssertionFailedError;

/**
 * A sentence of a contract.
 *
 * @param owner the type whose documentation says it
 * @param sentence its words, as they stand there
 */
record Clause(Class<?> owner, String sentence) {
    void require(boolean holds, Supplier<String> seen) {
        if (!holds) {
            throw broken(seen.get(), null);
        }
    }

    /** @param what is compared, such as {@code "the prompt of episode 3, round 2"} */
    void same(Object expected, Object found, String what) {
        if (!Objects.deepEquals(expected, found)) {
            throw broken(what + " was " + text(expected) + " and then " + text(found), null);
        }
    }

    /** @param tolerance the largest difference of two numbers */
    void close(float[][] expected, float[][] found, double tolerance, String what) {
        require(expected != null && found != null && expected.length == found.length, () -> what + " is "
                + (found == null ? "absent" : found.length + " rows") + " in place of "
                        + (expected == null ? "none" : expected.length + " rows"));
        for (int i = 0; i < expected.length; i++) {
            int row = i;
            require(expected[i].length == found[i].length,
                    () -> what + ", row " + row + " has " + found[row].length + " entries in place of " + expected[row].length);
            for (int t = 0; t < expected[i].length; t++) {
                int token = t;
                // Equal infinities have no difference.
                require(expected[i][t] == found[i][t] || Math.abs(expected[i][t] - found[i][t]) <= tolerance,
                        () -> what + ", row " + row + ", token " + token + " was " + expected[row][token] + " and then "
                                + found[row][token]);
            }
        }
    }

    /** @param what was asked, such as {@code "one prompt and two responses"} */
    <E extends Throwable> E refused(Class<E> type, Executable action, String what) {
        try {
            action.execute();
        } catch (Throwable thrown) {
            if (type.isInstance(thrown)) {
                return type.cast(thrown);
            }
            throw broken(what + " gave " + thrown + " in place of a " + type.getSimpleName(), thrown);
        }
        throw broken(what + " was accepted", null);
    }

    AssertionFailedError broken(String seen, Throwable cause) {
        return new AssertionFailedError(owner.getSimpleName() + " says: \"" + sentence + "\" Seen: " + seen, cause);
    }

    private static String text(Object value) {
        String text = value instanceof Object[] array ? Arrays.deepToString(array) : String.valueOf(value);
        return text.length() > 400 ? text.substring(0, 400) + " …" : text;
    }
}
