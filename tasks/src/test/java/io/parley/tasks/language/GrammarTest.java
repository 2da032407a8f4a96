package io.parley.tasks.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {
    /** Which of two is heavier. */
    private record Heavier(String block, String other) {}

    private static final List<String> BLOCKS = List.of("red", "blue", "green");

    private static final Content<Heavier> WEIGHTS = new Content<>() {
        private final Pattern clause = Pattern.compile("(\\w+) is heavier than (\\w+)");

        @Override
        public String write(Heavier content) {
            return content.block + " is heavier than " + content.other;
        }

        @Override
        public Optional<Heavier> read(String text) {
            var match = clause.matcher(text);
            return match.matches() && BLOCKS.contains(match.group(1)) && BLOCKS.contains(match.group(2))
                    ? Optional.of(new Heavier(match.group(1), match.group(2)))
                    : Optional.empty();
        }

        @Override
        public List<String> words() {
            List<String> words = new ArrayList<>(BLOCKS);
            words.addAll(List.of("is", "heavier", "than"));
            return words;
        }
    };
    private static final Grammar<Heavier> GRAMMAR = new Grammar<>(WEIGHTS);
    private static final Heavier BLUE = new Heavier("blue", "green");

    private static Sentence<Heavier> sentence(Act act) {
        return new Sentence<>(act, act.hasContent() ? BLUE : null);
    }

    @Test
    void everyTemplateReadsBackAsItselfAndAsNothingElse() {
        Set<String> seen = new HashSet<>();
        for (Act act : Act.values()) {
            for (String template : Wordings.all(act)) {
                assertTrue(seen.add(template), template + " stands twice");
                assertEquals(act.hasContent(), template.contains(Wordings.SLOT), template);
                assertEquals(List.of(sentence(act)), GRAMMAR.parse(GRAMMAR.write(template, sentence(act).content())), template);
            }
        }
    }

    @Test
    void theDocumentationStatesTheGrammar() throws IOException {
        assertTrue(Files.readString(Path.of("../docs/language.md")).contains(Grammar.ebnf()),
                "docs/language.md lacks this:\n" + Grammar.ebnf());
    }

    @Property(tries = 300)
    void utterancesReadBackHoweverTheyAreSpaced(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int length) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Sentence<Heavier>> said = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            Act act = Act.values()[random.nextInt(Act.values().length)];
            Heavier about = new Heavier(BLOCKS.get(random.nextInt(3)), BLOCKS.get(random.nextInt(3)));
            said.add(new Sentence<>(act, act.hasContent() ? about : null));
            Split split = Split.values()[random.nextInt(3)];
            Tone tone = Tone.values()[random.nextInt(2)];
            text.append(act == Act.ASSERT && random.nextBoolean()
                    ? GRAMMAR.suggest(tone, about, split, random)
                    : GRAMMAR.say(act, said.get(i).content(), split, random)).append(' ');
        }
        String apart = text.toString().replaceAll("([.,:?])", " $1").replace(" ", random.nextBoolean() ? "  " : "\n\t");
        String plain = text.toString();
        for (String variant : List.of(plain, plain.toUpperCase(Locale.ROOT), apart, plain.replace(". ", ".").trim())) {
            assertEquals(said, GRAMMAR.parse(variant), variant);
        }
    }

    @Test
    void otherSplitsSayItOtherwiseInTheSameWords() {
        Set<String> train = new HashSet<>();
        Set<String> test = new HashSet<>();
        Set<String> both = new HashSet<>();
        for (Act act : Act.values()) {
            collect(Wordings.of(act, Split.TRAIN), train, both);
            collect(Wordings.of(act, Split.TEST), test, both);
            assertEquals(Wordings.of(act, Split.TEST), Wordings.of(act, Split.DEV));
        }
        for (Tone tone : Tone.values()) {
            collect(Wordings.suggestions(tone, Split.TRAIN), train, both);
            collect(Wordings.suggestions(tone, Split.TEST), test, both);
        }
        test.removeAll(train);
        assertEquals(Set.of(), test, "words of the test wordings that the training wordings lack");
        assertTrue(GRAMMAR.words().containsAll(train));
    }

    private static void collect(List<String> templates, Set<String> words, Set<String> all) {
        assertTrue(templates.size() >= 3, templates.toString());
        for (String template : templates) {
            assertTrue(all.add(template), template + " stands twice");
            words.addAll(List.of(template.replace(Wordings.SLOT, " ").replaceAll("([.,:?])", " $1 ").trim().split("\\s+")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", ".", "...", "?!", "i think", "i think .", "i think that.", "blue is heavier than green",
        "blue is heavier than green.",
        "i think blue is heavier than green", "i think blue is heavier than.", "i think blue is heavier than grey.",
        "i think think blue is heavier than green.", "so i think blue is heavier than green.",
        "i think blue is heavier than green, or not.", "i think blue is heavier than green. and",
        "i think blue is heavier than green. hello there.", "i agree.", "i agree that blue is heavier than green.",
        "i agree that blue is heavier than green because.", "i doubt.", "i doubt that you.",
        "what is the evidence", "what is the evidence.", "what is the?", "how do you?", "see.", "i see it.",
        "okay okay.", "okay, i.",
        "i was wrong.", "i was wrong, i was wrong.", "surely.", "surely perhaps blue is heavier than green.", "yes.", "no.",
        "i think {}.", "{}", "blue blue blue.", "i see. i think", "i think blue is heavier than green.. okay.", "i;think blue.",
        "[UNK].", "green than heavier is blue think i.", "i think blue is heavier than green?",
        "are you sure that blue is heavier than green."
    })
    void refusesNonsense(String text) {
        assertEquals(List.of(), GRAMMAR.parse(text));
    }

    @Test
    void anExclamationMarkIsAFullStop() {
        assertEquals(List.of(sentence(Act.ACKNOWLEDGE), sentence(Act.ASSERT)),
                GRAMMAR.parse("Okay! Surely blue is heavier than green!"));
    }

    @Property
    void neverThrows(@ForAll String text) {
        GRAMMAR.parse(text);
    }

    @Property
    void whatItReadsInASoupOfWordsItHasWritten(@ForAll("soups") String text) {
        for (Sentence<Heavier> sentence : GRAMMAR.parse(text)) {
            String template = Wordings.all(sentence.act()).get(0);
            assertEquals(List.of(sentence), GRAMMAR.parse(GRAMMAR.write(template, sentence.content())));
        }
    }

    @Provide
    Arbitrary<String> soups() {
        List<String> pieces = new ArrayList<>(GRAMMAR.words());
        pieces.addAll(List.of("i think", "i see.", "blue is heavier than green", "what is the evidence?", "okay."));
        pieces.addAll(List.of("\u00a0", "\ud800", "İ"));
        return Arbitraries.of(pieces).list().ofMaxSize(12).map(words -> String.join(" ", words));
    }
}
