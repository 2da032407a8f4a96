package io.parley.tasks.weights;

import java.util.Arrays;
import java.util.function.IntPredicate;

/** A set of {@link Assignment assignments}, one bit each: those that some evidence leaves possible. Immutable. */
final class Worlds {
    static final Worlds ALL = where(assignment -> true);

    private final long[] bits;

    private Worlds(long[] bits) {
        this.bits = bits;
    }

    static Worlds where(IntPredicate possible) {
        long[] bits = new long[(Assignment.COUNT + Long.SIZE - 1) / Long.SIZE];
        for (int assignment = 0; assignment < Assignment.COUNT; assignment++) {
            if (possible.test(assignment)) {
                bits[assignment / Long.SIZE] |= 1L << assignment;
            }
        }
        return new Worlds(bits);
    }

    Worlds and(Worlds other) {
        long[] both = new long[bits.length];
        for (int i = 0; i < both.length; i++) {
            both[i] = bits[i] & other.bits[i];
        }
        return new Worlds(both);
    }

    int count() {
        return countBoth(this, this);
    }

    /** Number of assignments in both. */
    static int countBoth(Worlds one, Worlds other) {
        int count = 0;
        for (int i = 0; i < one.bits.length; i++) {
            count += Long.bitCount(one.bits[i] & other.bits[i]);
        }
        return count;
    }

    boolean meets(Worlds other) {
        for (int i = 0; i < bits.length; i++) {
            if ((bits[i] & other.bits[i]) != 0) {
                return true;
            }
        }
        return false;
    }

    /** The n-th assignment, from 0, of fewer than {@link #count}. */
    int member(int n) {
        int rest = n;
        for (int i = 0; ; i++) {
            int here = Long.bitCount(bits[i]);
            if (rest < here) {
                long word = bits[i];
                for (; rest > 0; rest--) {
                    word &= word - 1;
                }
                return i * Long.SIZE + Long.numberOfTrailingZeros(word);
            }
            rest -= here;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Worlds that && Arrays.equals(bits, that.bits);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bits);
    }
}
