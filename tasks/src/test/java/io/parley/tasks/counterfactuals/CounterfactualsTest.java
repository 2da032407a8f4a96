package io.parley.tasks.counterfactuals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.task.Counterfactual;
import io.parley.tasks.wason.Play;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CounterfactualsTest {
    private static Prompt prompt(String first, String second) {
        return new Prompt(List.of(
                new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "rules"),
                new Segment(Role.USER, SegmentKind.QUESTION, 1, "one"),
                new Segment(Role.USER, SegmentKind.INTERVENTION, 1, first),
                new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, 1, "yes"),
                new Segment(Role.USER, SegmentKind.QUESTION, 2, "two"),
                new Segment(Role.USER, SegmentKind.INTERVENTION, 2, second)));
    }

    private static List<String> interventions(Prompt prompt) {
        return prompt.segments().stream().filter(s -> s.kind() == SegmentKind.INTERVENTION).map(Segment::text).toList();
    }

    @Test
    void prefixAppendsToTheSystemSegmentsAndLeavesTheRest() {
        Counterfactual prefix = Play.counterfactual("prefix");
        Prompt prompt = prompt("surely a b", "perhaps b a");
        Prompt cut = prefix.cut(List.of(prompt), new SplittableRandom(1)).get(0);
        assertEquals(SegmentKind.NOTICE, cut.segments().get(1).kind());
        assertEquals(Role.SYSTEM, cut.segments().get(1).role());
        assertEquals(String.join(" ", prefix.notice()), cut.segments().get(1).text());
        List<Segment> rest = new ArrayList<>(cut.segments());
        rest.remove(1);
        assertEquals(prompt.segments(), rest);
        assertFalse(prefix.cutsEveryRound(), "what the partner said stays");
    }

    @Test
    void maskEmptiesTheSlot() {
        Prompt prompt = prompt("surely a b", "perhaps b a");
        Counterfactual current = Play.counterfactual("mask");
        Counterfactual all = Play.counterfactual("{'id': 'mask', 'turns': 'all'}");
        assertEquals(List.of("surely a b", "- - -"), interventions(current.cut(List.of(prompt), new SplittableRandom(1)).get(0)));
        assertEquals(List.of("- - -", "- - -"), interventions(all.cut(List.of(prompt), new SplittableRandom(1)).get(0)));
        assertFalse(current.cutsEveryRound());
        assertTrue(all.cutsEveryRound());
    }

    @Property(tries = 50)
    void swapGivesEachSpeakerAnothersWords(
            @ForAll @IntRange(min = 2, max = 40) int speaking, @ForAll @IntRange(max = 5) int silent, @ForAll long seed) {
        List<Prompt> prompts = new ArrayList<>();
        IntStream.range(0, speaking).forEach(i -> prompts.add(prompt("surely old " + i, "perhaps new " + i)));
        IntStream.range(0, silent).forEach(i -> prompts.add(i, prompt("surely old s" + i, "- - -")));
        Counterfactual swap = Play.counterfactual("swap");
        List<Prompt> cut = swap.cut(prompts, new SplittableRandom(seed));
        List<String> donated = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            List<String> before = interventions(prompts.get(i));
            List<String> after = interventions(cut.get(i));
            assertEquals(before.get(0), after.get(0), "earlier rounds stay");
            if (i < silent) {
                assertSame(prompts.get(i), cut.get(i));
            } else {
                assertNotEquals(before.get(1), after.get(1));
                donated.add(after.get(1));
            }
        }
        assertEquals(speaking, donated.stream().distinct().count(), "each speaker is the donor of one other");
        assertEquals(cut, swap.cut(prompts, new SplittableRandom(seed)));
    }

    /** A training does not end because one partner speaks alone. */
    @Test
    void swapLeavesAPromptWithoutADonor() {
        List<Prompt> prompts = List.of(prompt("surely a b", "perhaps b a"), prompt("surely b a", "- - -"));
        assertEquals(prompts, Play.counterfactual("swap").cut(prompts, new SplittableRandom(1)));
    }
}
