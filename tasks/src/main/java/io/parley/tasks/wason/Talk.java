package io.parley.tasks.wason;

import static io.parley.tasks.language.GroupText.user;

import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.task.Intervention;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.Split;
import io.parley.tasks.counterfactuals.Mask;
import io.parley.tasks.language.Act;
import io.parley.tasks.language.Grammar;
import io.parley.tasks.language.GroupText;
import io.parley.tasks.language.Sentence;
import io.parley.tasks.language.Speaker;
import io.parley.tasks.language.Wordings;
import io.parley.tasks.people.Regime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A dialogue in words. All is lower case but the symbols on the cards, so that a pronoun is no symbol.
 *
 * <p>A question is asked, and its evidence shown, when it is new. Then every participant says what it would turn; while the
 * question stands, those speak who have changed their minds. Which wording someone chooses depends on the split, the episode and
 * the round, never on what is true.
 *
 * <p>Of a response, the last sentence that takes a stance counts: its cards are turned, the others left. Without one, and where
 * the response cannot be read, all cards are unsure.
 */
final class Talk implements Script {
    static final Grammar<Integer> GRAMMAR = new Grammar<>(new CardContent());
    static final String RULES = "each card has a letter on one side and a number on the other. say which cards we turn to see "
            + "whether the rule holds.";
    static final String QUESTION = "rule: ";
    static final String SHOWN = "the cards show ";
    static final String HIDDEN = "the cards are face down.";
    static final String UNCHANGED = "nobody changes.";
    static final String PARTNER = "partner: ";
    static final String SETTLED = "right: ";

    private static final ResponseFormat.FreeText FORMAT = new ResponseFormat.FreeText(40, List.of("\n"));
    private static final int UNSURE = Stances.COUNT - 1;
    private static final Answer UNREAD = new Answer(UNSURE, false, List.of());

    private final Segment rules = new Segment(Role.SYSTEM, SegmentKind.RULES, 0, RULES);
    private final TextSpec spec;

    Talk(int rounds, int participants, Regime regime) {
        spec = spec(rounds, participants, regime);
    }

    /** Whether texts are those of such a dialogue. */
    static boolean speaks(TextSpec text) {
        return GRAMMAR.speaks(text, FORMAT);
    }

    @Override
    public TextSpec spec() {
        return spec;
    }

    @Override
    public Segment rules() {
        return rules;
    }

    @Override
    public void ask(Asked asked, boolean visible, List<Segment> segments) {
        int round = asked.round();
        if (asked.earlier() == null) {
            segments.add(user(SegmentKind.QUESTION, round, QUESTION + asked.question().rule().text() + "."));
            segments.add(user(SegmentKind.EVIDENCE, round, visible ? SHOWN + asked.question().cards() + "." : HIDDEN));
        }
        boolean isNew = asked.earlier() == null;
        if (Arrays.equals(asked.before(), asked.earlier())) {
            segments.add(user(SegmentKind.PARTICIPANTS, round, UNCHANGED));
        }
        for (int person = 0; person < asked.before().length; person++) {
            int selection = asked.before()[person];
            if (isNew || selection != asked.earlier()[person]) {
                RandomGenerator random = asked.streams().stream("wording", asked.episode(), round, person);
                String said = GRAMMAR.say(isNew ? Act.ASSERT : Act.REPAIR, selection, asked.split(), random);
                segments.add(user(SegmentKind.PARTICIPANTS, round, GroupText.NAMES.get(person) + ": " + said));
            }
        }
    }

    @Override
    public Segment intervention(Asked asked, Intervention intervention) {
        String text = intervention.silent() ? Mask.FILLER : PARTNER + words(asked, intervention);
        return user(SegmentKind.INTERVENTION, asked.round(), text);
    }

    /** What the partner says, without saying who speaks. */
    static String words(Asked asked, Intervention intervention) {
        if (!intervention.words().isEmpty()) {
            return intervention.words().toLowerCase(Locale.ROOT);
        }
        int selection = Stances.turned(Stances.parse(intervention.suggestion(), "the partner's suggestion"));
        RandomGenerator random = asked.streams().stream("partner's wording", asked.episode(), asked.round(), 0);
        return GRAMMAR.suggest(intervention.tone(), selection, asked.split(), random);
    }

    @Override
    public Segment response(int round, int code, String raw) {
        return new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, raw);
    }

    @Override
    public void settle(int round, boolean settled, Question question, List<Segment> segments) {
        if (settled) {
            segments.add(user(SegmentKind.OUTCOME, round, SETTLED + CardContent.cards(question.correct()) + "."));
        }
    }

    @Override
    public Answer read(String response) {
        List<Sentence<Integer>> sentences = GRAMMAR.parse(response);
        if (sentences.isEmpty()) {
            return UNREAD;
        }
        int code = UNSURE;
        List<Act> acts = new ArrayList<>(sentences.size());
        for (Sentence<Integer> sentence : sentences) {
            acts.add(sentence.act());
            if (sentence.act().takesStance()) {
                code = Stances.ofSelection(sentence.content());
            }
        }
        return new Answer(code, true, acts);
    }

    /** The selection that a text of the partner suggests, empty if it cannot be read. */
    static Optional<Integer> suggested(String words) {
        return GRAMMAR.parse(words).stream().filter(sentence -> sentence.act().takesStance()).map(Sentence::content)
                .reduce((former, latter) -> latter);
    }

    @Override
    public String answer(int code, int suggestion, int earlier, RandomGenerator random) {
        return Speaker.answer(GRAMMAR, Stances.turned(code), suggestion < 0 ? null : Stances.turned(suggestion),
                earlier < 0 ? null : Stances.turned(earlier), random);
    }

    private static TextSpec spec(int rounds, int participants, Regime regime) {
        TextSpec splitter = new TextSpec(List.of(), 0, 1, FORMAT);
        Set<String> words = new LinkedHashSet<>(List.of(Mask.FILLER));
        words.addAll(splitter.split(RULES));
        for (Rule rule : Rule.values()) {
            words.addAll(splitter.split(QUESTION + rule.text()));
        }
        for (String text : List.of(SHOWN, HIDDEN, UNCHANGED, PARTNER, SETTLED)) {
            words.addAll(splitter.split(text));
        }
        words.addAll(GroupText.NAMES.subList(0, participants));
        for (Kind kind : Kind.values()) {
            kind.symbols().chars().forEach(symbol -> words.add(Character.toString(symbol)));
        }
        words.addAll(GRAMMAR.words());
        Function<Act, Integer> said = act -> longest(splitter, Wordings.of(act, Split.TRAIN), Wordings.of(act, Split.TEST));
        // Of a speaker there is a name and a colon too.
        int suggested = 0;
        for (Tone tone : Tone.values()) {
            suggested = Math.max(suggested,
                    2 + longest(splitter, Wordings.suggestions(tone, Split.TRAIN), Wordings.suggestions(tone, Split.TEST)));
        }
        int rule = Arrays.stream(Rule.values())
                .mapToInt(each -> splitter.split(QUESTION + each.text() + ".").size()).max().orElseThrow();
        int shown = Math.max(splitter.split(SHOWN + "A 4 K 7.").size(), splitter.split(HIDDEN).size());
        int asked = rule + shown + participants * (2 + said.apply(Act.ASSERT));
        int changed = Math.max(splitter.split(UNCHANGED).size(), participants * (2 + said.apply(Act.REPAIR)));
        int settled = splitter.split(SETTLED + CardContent.cards(Stances.PAIRS[0]) + ".").size();
        int more = suggested + FORMAT.maxTokens() + (regime == Regime.RECORD ? asked + settled : changed);
        return new TextSpec(List.copyOf(words), splitter.split(RULES).size(), asked + suggested + (rounds - 1) * more, FORMAT);
    }

    /** The most words of a sentence: about all cards, which is as long as it gets. */
    private static int longest(TextSpec splitter, List<String> templates, List<String> others) {
        List<String> all = new ArrayList<>(templates);
        all.addAll(others);
        int cards = (1 << Stances.CARDS) - 1;
        return all.stream().mapToInt(template -> splitter.split(GRAMMAR.write(template, cards)).size()).max().orElseThrow();
    }
}
