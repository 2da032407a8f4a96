package io.parley.policies.djl;

import io.parley.core.dialogue.Prompt;
import io.parley.core.tokens.FixedLayout;
import java.util.Arrays;

/**
 * Of all features of a layout a task uses few, so they are numbered as they are met: feature f is row r of the tables that
 * networks of this layout keep. Networks that share the numbering agree on the rows. Not thread-safe.
 */
final class FeatureRows {
    private final FixedLayout layout;
    private final int[] rowOfFeature;
    private int[] featureOfRow = new int[256];
    private int rows;
    private int[] canonical = new int[0];

    FeatureRows(FixedLayout layout) {
        this.layout = layout;
        rowOfFeature = new int[layout.features()];
        Arrays.fill(rowOfFeature, -1);
    }

    FixedLayout layout() {
        return layout;
    }

    /** Number of features met so far. */
    int rows() {
        return rows;
    }

    int featureOfRow(int row) {
        return featureOfRow[row];
    }

    /** Row of a feature, from now on if it had none. */
    int rowOf(int feature) {
        int row = rowOfFeature[feature];
        if (row < 0) {
            if (rows == featureOfRow.length) {
                featureOfRow = Arrays.copyOf(featureOfRow, 2 * rows);
            }
            row = rows++;
            rowOfFeature[feature] = row;
            featureOfRow[row] = feature;
        }
        return row;
    }

    /** The rows in the order of their features, which does not depend on what was met first. */
    int[] canonicalRows() {
        if (canonical.length != rows) {
            canonical = Arrays.stream(Arrays.copyOf(featureOfRow, rows)).sorted().map(feature -> rowOfFeature[feature]).toArray();
        }
        return canonical;
    }

    /**
     * The rows of a prompt's words, in the order of the prompt.
     *
     * @throws IllegalArgumentException if a word is unknown or the prompt too long
     */
    int[] encode(Prompt prompt) {
        return prompt.memo(this, this::rowsOf);
    }

    private int[] rowsOf(Prompt prompt) {
        int[] found = layout.features(prompt);
        for (int i = 0; i < found.length; i++) {
            found[i] = rowOf(found[i]);
        }
        return found;
    }
}
