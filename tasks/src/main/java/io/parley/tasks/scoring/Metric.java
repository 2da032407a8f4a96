package io.parley.tasks.scoring;

/**
 * A measured mean.
 *
 * @param value null if and only if there was nothing to measure
 * @param count number of cases that the mean is over
 */
public record Metric(Double value, long count) {
    /** Nothing to measure. */
    public static final Metric NONE = new Metric(null, 0);

    public Metric {
        if ((value == null) != (count == 0) || value != null && !Double.isFinite(value)) {
            throw new IllegalArgumentException("value is " + value + " with count " + count
                    + "; a finite number, or null with count 0");
        }
    }
}
