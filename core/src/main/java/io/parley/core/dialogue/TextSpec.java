package io.parley.core.dialogue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a policy that is trained from scratch needs to know of a task's texts. A pretrained policy
 * brings its own vocabulary and reads only {@link #format()}.
 *
 * <p>Words are separated by white space; where responses are {@link ResponseFormat.FreeText}, each punctuation mark is a word of
 * its own, with or without white space around it. In a fixed-layout (no-press) task a round always has the same
 * number of words and the system segments come first, so that a word's place counted from the end
 * of the dialogue always means the same thing.
 *
 * @param words every word that can occur in a prompt or a response, without repetition
 * @param maxSystemWords the most words of all system segments together
 * @param maxDialogueWords the most words of all other segments together; a partner's own words
 *     ({@link io.parley.core.task.Intervention#words}), which may be of any number, are not counted
 * @param format what a response may look like
 */
public record TextSpec(List<String> words, int maxSystemWords, int maxDialogueWords, ResponseFormat format) {
    /** As Hugging Face's Tokenizers tell blanks and punctuation. */
    private static final String BLANK = "\\s\\p{Z}\\x85";
    private static final String MARK = "\\p{Punct}\\p{IsPunctuation}";
    private static final Pattern WORD = Pattern.compile("[^" + BLANK + "]+");
    private static final Pattern WORD_OR_MARK = Pattern.compile("[^" + BLANK + MARK + "]+|[" + MARK + "]");

    public TextSpec {
        words = List.copyOf(words);
        if (new LinkedHashSet<>(words).size() != words.size()) {
            throw new IllegalArgumentException("words repeat: " + words);
        }
        if (maxSystemWords < 0 || maxDialogueWords < 1) {
            throw new IllegalArgumentException(
                    "maxSystemWords " + maxSystemWords + " and maxDialogueWords " + maxDialogueWords
                            + " must be at least 0 and 1");
        }
        if (format instanceof ResponseFormat.FreeText) {
            for (String word : words) {
                if (!WORD_OR_MARK.matcher(word).matches()) {
                    throw new IllegalArgumentException("'" + word + "' is not one word: in free text a punctuation mark is a "
                            + "word of its own");
                }
            }
        }
    }

    /** The words of a text, in order; those that are not among {@link #words()} too. */
    public List<String> split(String text) {
        Pattern word = format instanceof ResponseFormat.FreeText ? WORD_OR_MARK : WORD;
        return word.matcher(text).results().map(MatchResult::group).toList();
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
