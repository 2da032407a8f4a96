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

    /**
     * (x − mean) / (standard deviation + 1e-8) over all entries together; with fewer than two entries, x − mean.
     * The deviation is the unbiased one.
     */
    public static float[][] whiten(float[][] rows) {
        double mean = mean(rows);
        double squares = 0;
        for (float[] row : rows) {
            for (float x : row) {
                squares += (x - mean) * (x - mean);
            }
        }
        long n = size(rows);
        double scale = n < 2 ? 1 : 1 / (Math.sqrt(squares / (n - 1)) + 1e-8);
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
