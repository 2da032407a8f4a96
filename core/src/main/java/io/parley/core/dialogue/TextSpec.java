package io.parley.core.dialogue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What a policy that is trained from scratch needs to know of a task's texts. A pretrained policy
 * brings its own vocabulary and reads only {@link #format()}.
 *
 * <p>Words are separated by white space. In a fixed-layout (no-press) task a round always has the same
 * number of words and the system segments come first, so that a word's place counted from the end
 * of the dialogue always means the same thing.
 *
 * @param words every word that can occur in a prompt or a response, without repetition
 * @param maxSystemWords the most words of all system segments together
 * @param maxDialogueWords the most words of all other segments together
 * @param format what a response may look like
 */
public record TextSpec(List<String> words, int maxSystemWords, int maxDialogueWords, ResponseFormat format) {
    public TextSpec {
        words = List.copyOf(words);
        if (new LinkedHashSet<>(words).size() != words.size()) {
            throw new IllegalArgumentException("words repeat: " + words);
        }
        if (maxSystemWords < 0 || maxDialogueWords < 1) {
            throw new IllegalArgumentException(
                    "maxSystemWords " + maxSystemWords + " and maxDialogueWords " + maxDialogueWords + " must be at least 0 and 1");
        }
    }

    /**
     * This specification with room for the notices of counterfactuals.
     *
     * @param notices the words that each counterfactual may append to the system segments, in order
     */
    public TextSpec withNotices(Collection<List<String>> notices) {
        LinkedHashSet<String> all = new LinkedHashSet<>(words);
        int longest = 0;
        for (List<String> notice : notices) {
            all.addAll(notice);
            longest = Math.max(longest, notice.size());
        }
        return new TextSpec(new ArrayList<>(all), maxSystemWords + longest, maxDialogueWords, format);
    }
}
