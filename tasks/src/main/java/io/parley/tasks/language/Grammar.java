package io.parley.tasks.language;

import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Writes and reads utterances of a task, both from the templates of {@link Wordings}.
 *
 * <pre>{@code
 * utterance   = sentence, { sentence } ;
 * sentence    = assert | agree | challenge | ask | acknowledge | repair ;
 * assert      = "i think ", content, "." | "surely ", content, "." | … ;
 * agree       = "i agree that ", content, " because it fits what we know." | … ;
 * challenge   = "i doubt that ", content, "." | "are you sure that ", content, "?" | … ;
 * ask         = "what is the evidence?" | … ;
 * acknowledge = "i see." | … ;
 * repair      = "i change my mind: ", content, "." | … ;
 * content     = (* a clause of the task, see Content *) ;
 * }</pre>
 *
 * <p>The alternatives of an act are its templates of all splits, those of the partner's suggestions included; {@link #ebnf} gives
 * them all. Case does not count, nor does white space around words and before punctuation. A sentence ends with its mark, so that
 * an utterance that was cut off is none. All sentences of an utterance must be understood, or none is: what is half nonsense is
 * nonsense. Thread-safe.
 *
 * @param <C> what sentences are about
 */
public final class Grammar<C> {
    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Z}]+");
    private static final Pattern BEFORE_MARK = Pattern.compile(" (?=[.,:;?!])");
    private static final Pattern WORD = Pattern.compile("[^\\s\\p{Punct}]+|\\p{Punct}");
    private static final int SENTENCES_KEPT = 1 << 13;

    private final Content<C> content;
    private final List<Form> forms = new ArrayList<>();
    private final Map<String, Optional<Sentence<C>>> read = new ConcurrentHashMap<>();

    /** A template, cut at its slot; without a slot, all of it is before. */
    private record Form(Act act, String before, String after) {
        static Form of(Act act, String template) {
            int slot = template.indexOf(Wordings.SLOT);
            return slot < 0
                    ? new Form(act, template, null)
                    : new Form(act, template.substring(0, slot), template.substring(slot + Wordings.SLOT.length()));
        }

        /** What stands in the slot of a sentence of this form, "" without a slot; null if it is of another form. */
        String slot(String sentence) {
            if (after == null) {
                return sentence.equals(before) ? "" : null;
            }
            int end = sentence.length() - after.length();
            return end > before.length() && sentence.startsWith(before) && sentence.endsWith(after)
                    ? sentence.substring(before.length(), end)
                    : null;
        }
    }

    public Grammar(Content<C> content) {
        this.content = content;
        for (Act act : Act.values()) {
            Wordings.all(act).forEach(template -> forms.add(Form.of(act, template)));
        }
    }

    /**
     * A sentence.
     *
     * @param template one of {@link Wordings}
     * @param about null where the template has no slot
     */
    public String write(String template, C about) {
        return about == null ? template : template.replace(Wordings.SLOT, content.write(about));
    }

    /**
     * A sentence as collaborator and participants word it.
     *
     * @param about null where the act has no content
     * @param random one number is drawn, for the wording
     */
    public String say(Act act, C about, Split split, RandomGenerator random) {
        return write(any(Wordings.of(act, split), random), new Sentence<>(act, about).content());
    }

    /**
     * A suggestion as the partner words it.
     *
     * @param random one number is drawn, for the wording
     */
    public String suggest(Tone tone, C about, Split split, RandomGenerator random) {
        return write(any(Wordings.suggestions(tone, split), random), about);
    }

    private static String any(List<String> templates, RandomGenerator random) {
        return templates.get(random.nextInt(templates.size()));
    }

    /**
     * The sentences of an utterance, in order.
     *
     * @param utterance any text
     * @return empty if it is no utterance; never throws
     */
    public List<Sentence<C>> parse(String utterance) {
        List<Sentence<C>> sentences = new ArrayList<>();
        for (String text : sentences(utterance)) {
            Optional<Sentence<C>> sentence = sentence(text);
            if (sentence.isEmpty()) {
                return List.of();
            }
            sentences.add(sentence.get());
        }
        return List.copyOf(sentences);
    }

    /**
     * What stands between the marks of a text, as templates are written: in lower case, with single blanks, each with its mark, a
     * full stop for an exclamation mark.
     *
     * @param utterance any text
     * @return empty if it does not end with a mark; never throws
     */
    public static List<String> sentences(String utterance) {
        String spaced = BLANKS.matcher(utterance.toLowerCase(Locale.ROOT)).replaceAll(" ");
        String text = BEFORE_MARK.matcher(spaced).replaceAll("").strip();
        List<String> sentences = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            if (".?!".indexOf(text.charAt(i)) >= 0) {
                sentences.add(text.substring(begin, i + 1).strip().replace('!', '.'));
                begin = i + 1;
            }
        }
        return begin == text.length() ? sentences : List.of();
    }

    /**
     * Understands a sentence.
     *
     * @param text as {@link #sentences} gives it
     * @return empty if it is of no form; never throws
     */
    public Optional<Sentence<C>> sentence(String text) {
        Optional<Sentence<C>> known = read.get(text);
        if (known == null) {
            known = understand(text);
            if (read.size() >= SENTENCES_KEPT) {
                read.clear();
            }
            read.put(text, known);
        }
        return known;
    }

    private Optional<Sentence<C>> understand(String text) {
        for (Form form : forms) {
            String slot = form.slot(text);
            if (slot != null) {
                if (slot.isEmpty()) {
                    return Optional.of(new Sentence<>(form.act(), null));
                }
                Optional<C> about = content.read(slot);
                if (about.isPresent()) {
                    return Optional.of(new Sentence<>(form.act(), about.get()));
                }
            }
        }
        return Optional.empty();
    }

    /** Every word and punctuation mark of the templates and of what they are about. */
    public List<String> words() {
        Set<String> words = new LinkedHashSet<>(content.words());
        for (Act act : Act.values()) {
            for (String template : Wordings.all(act)) {
                WORD.matcher(template.replace(Wordings.SLOT, " ")).results().forEach(word -> words.add(word.group()));
            }
        }
        return List.copyOf(words);
    }

    /**
     * Whether a task's texts are in this language.
     *
     * @param format of its utterances
     */
    public boolean speaks(TextSpec text, ResponseFormat format) {
        return text.format().equals(format) && Set.copyOf(text.words()).containsAll(words());
    }

    /** The whole grammar but the task's contents, in EBNF (ISO/IEC 14977). */
    public static String ebnf() {
        StringBuilder text = new StringBuilder("utterance = sentence, { sentence } ;\nsentence = ");
        text.append(String.join(" | ", List.of(Act.values()).stream().map(Act::toString).toList())).append(" ;\n");
        for (Act act : Act.values()) {
            text.append(act).append("\n  = ");
            text.append(String.join("\n  | ", Wordings.all(act).stream().map(Grammar::terminals).toList())).append(" ;\n");
        }
        return text.toString();
    }

    private static String terminals(String template) {
        return ("\"" + template.replace(Wordings.SLOT, "\", content, \"") + "\"").replace("\"\", ", "");
    }
}
