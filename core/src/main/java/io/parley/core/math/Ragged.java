package io.parley.core.math;

/** Moments over rows of different lengths, one entry a token. */
public final class Ragged {
    private Ragged() {}

    /** Number of entries. */
    public static long size(float[][] rows) {
        long n = 0;
        for (float[] row : rows) {
            n += row.length;
        }
        return n;
    }

    /** Mean of all entries; NaN when there are none. */
    public static double mean(float[][] rows) {
        double sum = 0;
        for (float[] row : rows) {
            for (float x : row) {
                sum += x;
            }
        }
        return sum / size(rows);
    }

    /** Standard deviation of all entries together, the unbiased one; 0 when there are fewer than two. */
    public static double deviation(float[][] rows) {
        double mean = mean(rows);
        double squares = 0;
        for (float[] row : rows) {
            for (float x : row) {
                squares += (x - mean) * (x - mean);
            }
        }
        long n = size(rows);
        return n < 2 ? 0 : Math.sqrt(squares / (n - 1));
    }

    /** (x − mean)·scale of all entries together: whitened when {@code scale} is one over their deviation. */
    public static float[][] centre(float[][] rows, double scale) {
        double mean = mean(rows);
        float[][] result = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            result[i] = new float[rows[i].length];
            for (int t = 0; t < rows[i].length; t++) {
                result[i][t] = (float) ((rows[i][t] - mean) * scale);
            }
        }
        return result;
    }
}
