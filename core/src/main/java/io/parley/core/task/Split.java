package io.parley.core.task;

/** Which instances of a task episodes are drawn from. The three share no instance. */
public enum Split {
    TRAIN,
    /** Where choices are made. */
    DEV,
    /** Where results are reported. */
    TEST;

    /**
     * The split that an instance belongs to for good: of a hundred, 80 train, 10 dev and 10 test, by a hash of its number.
     *
     * @param number of the instance in its task
     */
    public static Split ofInstance(long number) {
        // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4) with a final fold.
        long hash = (number + 1) * 0x9E3779B97F4A7C15L;
        int bucket = (int) Long.remainderUnsigned((hash ^ hash >>> 29) * 0xBF58476D1CE4E5B9L >>> 20, 100);
        return bucket < 80 ? TRAIN : bucket < 90 ? DEV : TEST;
    }
}
