package io.parley.tasks.weights;

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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A dialogue in words. Each round asks a question and shows what was weighed; participants who have an answer say it. Which
 * wording someone chooses depends on the split, the episode and the round, never on what is true.
 *
 * <p>Of a response, the last sentence counts that takes a stance on the round's question: it is supported and the other two
 * answers are opposed; what is said about other blocks is no stance on this. Without one, and where the response cannot be read,
 * all three are unsure. Where the collaborator may weigh, one more sentence, at any place among the others, says what:
 *
 * <pre>{@code
 * weigh = "weigh ", side, " against ", side, "." ;
 * side  = block | block, " and ", block ;
 * }</pre>
 */
final class Talk implements Script {
    static final Grammar<Claim> GRAMMAR = new Grammar<>(new ClaimContent());
    static final String QUESTION = "compare ";
    static final String SHOWN = "the scale shows that ";
    static final String PARTNER = "partner: ";
    static final String SETTLED = "right: ";

    private static final String RULES = "red weighs 10 g. say how the first thing compares with the second.";
    private static final String MAY_WEIGH = " you may weigh one or two blocks against others.";
    private static final String NOTHING_SHOWN = "the scale shows nothing.";
    private static final String NOBODY = "nobody knows.";
    private static final ResponseFormat.FreeText FORMAT = new ResponseFormat.FreeText(50, List.of("\n"));
    private static final Answer UNREAD = new Answer(Action.say(Stances.UNSURE), false, List.of());
    private static final List<String> VERBS = List.of(" lighter than ", " as heavy as ", " heavier than ");
    private static final Map<String, Weighing> WEIGHINGS = new HashMap<>();
    /** The sentences that say what to weigh, each with what it means alone. Two blocks of a side are read in either order. */
    private static final Map<String, Action> WEIGH = new HashMap<>();

    static {
        Weighing.ALL.forEach(weighing -> WEIGHINGS.put(clause(weighing), weighing));
        Map<String, Integer> sides = new HashMap<>();
        for (int side : Weighing.SIDES) {
            sides.put(side(side), side);
            String[] blocks = side(side).split(" and ");
            sides.put(blocks[blocks.length - 1] + (blocks.length == 1 ? "" : " and " + blocks[0]), side);
        }
        sides.forEach((left, blocks) -> sides.forEach((right, others) ->
                WEIGH.put(weigh(left, right), new Action(Stances.UNSURE, blocks, others))));
    }

    private final boolean weighs;
    private final Segment rules;
    private final TextSpec spec;

    /** @param weighs whether the collaborator may weigh, and a dialogue begins with a proof or none */
    Talk(int rounds, int participants, boolean weighs) {
        this.weighs = weighs;
        rules = new Segment(Role.SYSTEM, SegmentKind.RULES, 0, RULES + (weighs ? MAY_WEIGH : ""));
        spec = spec(rounds, participants);
    }

    /** Whether texts are those of such a dialogue. */
    static boolean speaks(TextSpec text) {
        return GRAMMAR.speaks(text, FORMAT);
    }

    /** Such as "blue and green are lighter than purple". */
    private static String clause(Weighing weighing) {
        boolean many = Integer.bitCount(weighing.left()) > 1;
        return side(weighing.left()) + (many ? " are" : " is") + VERBS.get(weighing.outcome().ordinal()) + side(weighing.right());
    }

    private static String weigh(String left, String right) {
        return "weigh " + left + " against " + right + ".";
    }

    private static String side(int blocks) {
        return Weighing.side(blocks).replace("+", " and ");
    }

    /** The reverse of what {@link #ask} shows; null for nothing. */
    static Weighing weighing(String evidence) {
        return evidence.startsWith(SHOWN) ? WEIGHINGS.get(between(evidence, SHOWN)) : null;
    }

    /** What stands between such a beginning and a full stop. */
    static String between(String text, String beginning) {
        return text.substring(beginning.length(), text.length() - 1);
    }

    @Override
    public TextSpec spec() {
        return spec;
    }

    @Override
    public List<Segment> begin(List<Weighing> proof) {
        List<Segment> segments = new ArrayList<>(List.of(rules));
        proof.forEach(weighing ->
                segments.add(new Segment(Role.SYSTEM, SegmentKind.EVIDENCE, 0, SHOWN + clause(weighing) + ".")));
        return segments;
    }

    @Override
    public void ask(Scene scene, List<Segment> segments) {
        Question question = scene.question();
        segments.add(user(SegmentKind.QUESTION, scene.round(), question(question)));
        for (Weighing weighing : scene.shown()) {
            segments.add(user(SegmentKind.EVIDENCE, scene.round(),
                    weighing == null ? NOTHING_SHOWN : SHOWN + clause(weighing) + "."));
        }
    }

    private static String question(Question question) {
        return QUESTION + question.block().word() + " with "
                + (question.other() == null ? question.grams() + " g" : question.other().word()) + ".";
    }

    /** The reverse of {@link #ask}'s question. */
    static Question ofQuestion(String text) {
        String[] words = between(text, QUESTION).split(" ");
        return Question.ofText(words[0] + " " + words[2]);
    }

    @Override
    public void hear(Scene scene, List<Segment> segments) {
        int said = 0;
        for (int person = 0; person < scene.before().length; person++) {
            Relation answer = Beliefs.answer(scene.before()[person], scene.question());
            if (answer != null) {
                RandomGenerator random = scene.streams().stream("wording", scene.episode(), scene.round(), person);
                String words = GRAMMAR.say(Act.ASSERT, new Claim(scene.question(), answer), scene.split(), random);
                segments.add(user(SegmentKind.PARTICIPANTS, scene.round(), GroupText.NAMES.get(person) + ": " + words));
                said++;
            }
        }
        if (said == 0) {
            segments.add(user(SegmentKind.PARTICIPANTS, scene.round(), NOBODY));
        }
    }

    @Override
    public Segment intervention(Scene scene, Intervention intervention) {
        String text = intervention.silent() ? Mask.FILLER : PARTNER + words(scene, intervention);
        return user(SegmentKind.INTERVENTION, scene.round(), text);
    }

    /** What the partner says, without saying who speaks. */
    static String words(Scene scene, Intervention intervention) {
        if (!intervention.words().isEmpty()) {
            return intervention.words().toLowerCase(Locale.ROOT);
        }
        Relation answer = Stances.answer(Stances.parse(intervention.suggestion(), "the partner's suggestion"));
        RandomGenerator random = scene.streams().stream("partner's wording", scene.episode(), scene.round(), 0);
        return answer == null
                ? GRAMMAR.say(Act.ACKNOWLEDGE, null, scene.split(), random)
                : GRAMMAR.suggest(intervention.tone(), new Claim(scene.question(), answer), scene.split(), random);
    }

    @Override
    public Segment response(int round, Action action, String raw) {
        return new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, raw);
    }

    @Override
    public void settle(int round, Question question, Relation answer, List<Segment> segments) {
        if (answer != null) {
            segments.add(user(SegmentKind.OUTCOME, round,
                    SETTLED + GRAMMAR.write(Wordings.SLOT, new Claim(question, answer)) + "."));
        }
    }

    @Override
    public Answer read(String response, Question question) {
        List<String> texts = Grammar.sentences(response);
        List<Sentence<Claim>> sentences = new ArrayList<>();
        Action load = UNREAD.action();
        for (String text : texts) {
            if (weighs && load.left() == 0 && WEIGH.containsKey(text)) {
                load = WEIGH.get(text);
                continue;
            }
            Optional<Sentence<Claim>> sentence = GRAMMAR.sentence(text);
            if (sentence.isEmpty()) {
                return UNREAD;
            }
            sentences.add(sentence.get());
        }
        if (texts.isEmpty()) {
            return UNREAD;
        }
        int stances = said(sentences, question).map(Stances::ofAnswer).orElse(Stances.UNSURE);
        return new Answer(
                new Action(stances, load.left(), load.right()), true, sentences.stream().map(Sentence::act).toList());
    }

    /** What is said last about a question. */
    private static Optional<Relation> said(List<Sentence<Claim>> sentences, Question question) {
        return sentences.stream()
                .filter(sentence -> sentence.act().takesStance() && sentence.content().question() == question)
                .map(sentence -> sentence.content().answer())
                .reduce((former, latter) -> latter);
    }

    /** What a text of the partner suggests about a question, empty if it cannot be read. */
    static Optional<Relation> suggested(String words, Question question) {
        return said(GRAMMAR.parse(words), question);
    }

    @Override
    public String answer(Question question, Action action, int suggestion, int earlier, RandomGenerator random) {
        String said = Speaker.answer(
                GRAMMAR, claim(question, action.stances()), claim(question, suggestion), claim(question, earlier), random);
        return action.left() == 0 ? said : said + " " + weigh(side(action.left()), side(action.right()));
    }

    /** Null where the code is negative or supports no answer alone. */
    private static Claim claim(Question question, int stances) {
        Relation answer = stances < 0 ? null : Stances.answer(stances);
        return answer == null ? null : new Claim(question, answer);
    }

    private TextSpec spec(int rounds, int participants) {
        TextSpec splitter = new TextSpec(List.of(), 0, 1, FORMAT);
        Set<String> words = new LinkedHashSet<>(List.of(Mask.FILLER));
        for (String text : List.of(rules.text(), QUESTION + "with 10 g.", SHOWN, NOTHING_SHOWN, NOBODY, PARTNER, SETTLED)) {
            words.addAll(splitter.split(text));
        }
        words.addAll(List.of("and", "is", "are", "against", "weigh"));
        words.addAll(GroupText.NAMES.subList(0, participants));
        words.addAll(GRAMMAR.words());
        // Of a speaker there is a name and a colon too.
        Function<List<String>, Integer> longest = templates -> 2 + templates.stream()
                .mapToInt(template -> splitter.split(
                        GRAMMAR.write(template, new Claim(Question.ofText("blue 20"), Relation.LIGHTER))).size())
                .max().orElseThrow();
        int suggested = 0;
        for (Tone tone : Tone.values()) {
            suggested = Math.max(suggested, Math.max(
                    longest.apply(Wordings.suggestions(tone, Split.TRAIN)),
                    longest.apply(Wordings.suggestions(tone, Split.TEST))));
        }
        int said = Math.max(
                longest.apply(Wordings.of(Act.ASSERT, Split.TRAIN)), longest.apply(Wordings.of(Act.ASSERT, Split.TEST)));
        int shown = splitter.split(SHOWN + "blue and green are as heavy as red and purple.").size();
        int asked = splitter.split(QUESTION + "blue with 20 g.").size() + (weighs ? 1 : Rounds.WEIGHINGS) * shown
                + participants * said + suggested;
        int settled = splitter.split(SETTLED + "blue weighs less than 20 g.").size();
        int system = splitter.split(rules.text()).size() + (weighs ? Instances.PROOF * shown : 0);
        return new TextSpec(List.copyOf(words), system, rounds * asked + (rounds - 1) * (FORMAT.maxTokens() + settled), FORMAT);
    }
}
