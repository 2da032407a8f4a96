package io.parley.tasks.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What weighings leave open, against a count over five nested weights that knows no sets and no numbers of assignments. */
class EntailmentTest {
    private static final List<String> COLOURS = List.of("red", "blue", "green", "purple", "yellow");

    @Property(tries = 300)
    void openAnswersAreThoseOfTheConsistentWeights(
            @ForAll @IntRange(min = 0, max = 624) int assignment,
            @ForAll @Size(min = 0, max = 5) List<@IntRange(min = 0, max = 629) Integer> weighed) {
        Worlds possible = Worlds.ALL;
        List<String> shown = new ArrayList<>();
        for (int w : weighed) {
            Weighing weighing = Weighing.weigh(Weighing.ALL.get(w % Weighing.ALL.size()).left(),
                    Weighing.ALL.get(w % Weighing.ALL.size()).right(), assignment);
            possible = possible.and(weighing.worlds());
            shown.add(weighing.text());
        }
        int[] truth = Arrays.stream(Assignment.text(assignment).split("[a-z ]+")).filter(s -> !s.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
        assertEquals(10, truth[0]);
        shown.forEach(text -> assertTrue(holds(text, truth), text + " of " + Arrays.toString(truth)));
        int consistent = 0;
        List<Set<String>> open = new ArrayList<>();
        Question.ALL.forEach(question -> open.add(new TreeSet<>()));
        for (int blue = 10; blue <= 50; blue += 10) {
            for (int green = 10; green <= 50; green += 10) {
                for (int purple = 10; purple <= 50; purple += 10) {
                    for (int yellow = 10; yellow <= 50; yellow += 10) {
                        int[] weights = {10, blue, green, purple, yellow};
                        if (shown.stream().allMatch(text -> holds(text, weights))) {
                            consistent++;
                            for (int q = 0; q < open.size(); q++) {
                                String[] sides = Question.ALL.get(q).text().split(" ");
                                open.get(q).add(sign(grams(sides[0], weights), grams(sides[1], weights)));
                            }
                        }
                    }
                }
            }
        }
        assertEquals(consistent, possible.count());
        for (Question question : Question.ALL) {
            Set<String> found = new TreeSet<>();
            for (Relation relation : Relation.values()) {
                if ((question.open(possible) & relation.bit()) != 0) {
                    found.add(relation.sign());
                }
            }
            assertEquals(open.get(question.index()), found, question.text() + " after " + shown);
        }
    }

    private static boolean holds(String weighing, int[] weights) {
        String[] words = weighing.split(" ");
        return words[1].equals(sign(grams(words[0], weights), grams(words[2], weights)));
    }

    private static int grams(String side, int[] weights) {
        int sum = 0;
        for (String word : side.split("\\+")) {
            sum += COLOURS.contains(word) ? weights[COLOURS.indexOf(word)] : Integer.parseInt(word);
        }
        return sum;
    }

    private static String sign(int left, int right) {
        return left < right ? "<" : left > right ? ">" : "=";
    }

    @Test
    void redAloneEntailsNoAnswer() {
        assertEquals(26, Question.ALL.size());
        Question.ALL.forEach(question -> assertTrue(Integer.bitCount(question.open(Worlds.ALL)) > 1, question.text()));
    }

    @Test
    void everyInstanceCanBeFoundByAFewWeighings() {
        Set<Integer> instances = new HashSet<>();
        for (Split split : Split.values()) {
            Set<Integer> own = new HashSet<>();
            for (int i = 0; i < 20_000; i++) {
                own.add(Instances.draw(split, new SplittableRandom(i)));
            }
            for (int instance : own) {
                assertTrue(instances.add(instance), "an instance of two splits");
                for (int seed = 0; seed < 20; seed++) {
                    Worlds possible = Worlds.ALL;
                    List<Weighing> proof = Instances.proof(instance, new SplittableRandom(seed));
                    for (Weighing weighing : proof) {
                        possible = possible.and(weighing.worlds());
                    }
                    assertEquals(1, possible.count());
                    assertEquals(instance, possible.member(0));
                    assertTrue(proof.size() <= Instances.PROOF, proof.size() + " weighings");
                }
            }
        }
        // Counted by another program, in another language.
        assertEquals(415, instances.size());
        assertTrue(instances.contains(Assignment.CANONICAL));
        assertEquals("red 10 blue 10 green 20 purple 30 yellow 50", Assignment.text(Assignment.CANONICAL));
    }
}
