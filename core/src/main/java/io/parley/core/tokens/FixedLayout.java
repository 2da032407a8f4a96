package io.parley.core.tokens;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.random.RandomStreams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Places of the words of a fixed-layout prompt: system words are counted from their beginning, dialogue words from
 * their end. A word at a place is a <em>feature</em>, place × words + word; the features of a prompt are those of its
 * words, and empty places have none. Thread-safe.
 */
public final class FixedLayout {
    private static final int TEXTS_KEPT = 1 << 13;

    private final TextSpec text;
    private final int features;
    private final Map<String, Integer> words = new HashMap<>();
    private final Map<String, int[]> wordsOfText = new ConcurrentHashMap<>();

    /** @throws ArithmeticException if there are more features than an int counts */
    public FixedLayout(TextSpec text) {
        this.text = text;
        for (String word : text.words()) {
            words.put(word, words.size());
        }
        features = Math.multiplyExact(places(), words.size());
    }

    /** Number of places. */
    public int places() {
        return text.maxSystemWords() + text.maxDialogueWords();
    }

    /** Number of words that may stand at a place. */
    public int words() {
        return words.size();
    }

    /** Number of features that a prompt can have. */
    public int features() {
        return features;
    }

    /**
     * The features of a prompt's words, in the order of the prompt.
     *
     * @throws IllegalArgumentException if a word is unknown or the prompt too long
     */
    public int[] features(Prompt prompt) {
        int system = length(prompt, true);
        int dialogue = length(prompt, false);
        if (!fits(system, dialogue)) {
            throw new IllegalArgumentException(
                    limit(prompt) + ": shorten it with Policy.fit, or count a counterfactual's notice in TextSpec.withNotices");
        }
        int[] result = new int[system + dialogue];
        int n = 0;
        int systemPlace = 0;
        int dialoguePlace = places() - dialogue;
        for (Segment segment : prompt.segments()) {
            boolean isSystem = segment.role() == Role.SYSTEM;
            for (int word : wordsOf(segment)) {
                int place = isSystem ? systemPlace++ : dialoguePlace++;
                result[n++] = place * words.size() + word;
            }
        }
        return result;
    }

    /** Whether a prompt has no more words than there are places. */
    public boolean fits(Prompt prompt) {
        return fits(length(prompt, true), length(prompt, false));
    }

    private boolean fits(int system, int dialogue) {
        return system <= text.maxSystemWords() && dialogue <= text.maxDialogueWords();
    }

    /** How long a prompt is and may be. */
    public String limit(Prompt prompt) {
        return "the prompt has " + length(prompt, true) + " system words and " + length(prompt, false)
                + " dialogue words; at most " + text.maxSystemWords() + " and " + text.maxDialogueWords() + " fit";
    }

    /**
     * The embedding that a feature has before it is first met in training: normal, of variance 2 / places.
     *
     * @param seed of the table
     * @param target gets the numbers
     * @param from index of the first
     * @param units how many
     */
    public void initialEmbedding(long seed, int feature, float[] target, int from, int units) {
        RandomGenerator random = new RandomStreams(seed).stream("row", feature, 0, 0);
        double deviation = Math.sqrt(2.0 / places());
        for (int i = 0; i < units; i++) {
            target[from + i] = (float) (deviation * random.nextGaussian());
        }
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
            if (wordsOfText.size() >= TEXTS_KEPT) {
                wordsOfText.clear();
            }
            wordsOfText.put(segment.text(), known);
        }
        return known;
    }
}
