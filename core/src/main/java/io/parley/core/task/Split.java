package io.parley.core.task;

/** Which instances of a task episodes are drawn from. The three share no instance. */
public enum Split {
    TRAIN,
    /** Where choices are made. */
    DEV,
    /** Where results are reported. */
    TEST
}
