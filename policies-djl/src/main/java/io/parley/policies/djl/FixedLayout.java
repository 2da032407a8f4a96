package io.parley.policies.djl;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.TextSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;

/**
 * Places of the words of a fixed-layout prompt: system words are counted from their beginning, dialogue words from
 * their end. A word at a place is a <em>feature</em>, place × words + word; the features of a prompt are those of its
 * words, and empty places have none.
 *
 * <p>Of all features a task uses few, so they are numbered as they are met: feature f is row r of the tables that
 * networks of this layout keep. Networks that share a layout agree on the rows. Not thread-safe.
 */
final class FixedLayout {
    private static final int TEXTS_KEPT = 1 << 16;

    private final TextSpec text;
    private final Map<String, Integer> words = new HashMap<>();
    private final Map<String, int[]> wordsOfText = new HashMap<>();
    private final int[] rowOfFeature;
    private int[] featureOfRow = new int[256];
    private int rows;
    private int[] canonical = new int[0];

    FixedLayout(TextSpec text) {
        this.text = text;
        for (String word : text.words()) {
            words.put(word, words.size());
        }
        rowOfFeature = new int[Math.multiplyExact(places(), words.size())];
        Arrays.fill(rowOfFeature, -1);
    }

    /** Number of places. */
    int places() {
        return text.maxSystemWords() + text.maxDialogueWords();
    }

    /** Number of features that a prompt can have. */
    int features() {
        return rowOfFeature.length;
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

    /** Whether a prompt has no more words than there are places. */
    boolean fits(Prompt prompt) {
        return length(prompt, true) <= text.maxSystemWords() && length(prompt, false) <= text.maxDialogueWords();
    }

    /** How long a prompt is and may be. */
    String limit(Prompt prompt) {
        return "the prompt has " + length(prompt, true) + " system words and " + length(prompt, false) + " dialogue words; at most "
                + text.maxSystemWords() + " and " + text.maxDialogueWords() + " fit";
    }

    private int length(Prompt prompt, boolean system) {
        int length = 0;
        for (Segment segment : prompt.segments()) {
            if ((segment.role() == Role.SYSTEM) == system) {
                length += wordsOf(segment).length;
            }
        }
        return length;
    }

    private int[] rowsOf(Prompt prompt) {
        if (!fits(prompt)) {
            throw new IllegalArgumentException(
                    limit(prompt) + ": shorten it with Policy.fit, or count a counterfactual's notice in TextSpec.withNotices");
        }
        int system = length(prompt, true);
        int dialogue = length(prompt, false);
        int[] result = new int[system + dialogue];
        int n = 0;
        int systemPlace = 0;
        int dialoguePlace = places() - dialogue;
        for (Segment segment : prompt.segments()) {
            boolean isSystem = segment.role() == Role.SYSTEM;
            for (int word : wordsOf(segment)) {
                int place = isSystem ? systemPlace++ : dialoguePlace++;
                result[n++] = rowOf(place * words.size() + word);
            }
        }
        return result;
    }

    private int[] wordsOf(Segment segment) {
        int[] known = wordsOfText.get(segment.text());
        if (known == null) {
            List<Integer> found = new ArrayList<>();
            for (StringTokenizer tokens = new StringTokenizer(segment.text()); tokens.hasMoreTokens(); ) {
                String token = tokens.nextToken();
                Integer word = words.get(token);
                if (word == null) {
                    throw new IllegalArgumentException("the word '" + token + "' of the " + segment.kind() + " segment '"
                            + segment.text() + "' is not among the " + words.size() + " words of the task's TextSpec");
                }
                found.add(word);
            }
            known = found.stream().mapToInt(Integer::intValue).toArray();
            if (wordsOfText.size() == TEXTS_KEPT) {
                wordsOfText.clear();
            }
            wordsOfText.put(segment.text(), known);
        }
        return known;
    }
}
