package io.parley.tasks.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.task.Split;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private static final int DRAWS = 100_000;

    /** What a prompt shows, in an order that does not depend on which side or weighing came first. */
    private static String shown(Rounds.Drawn drawn) {
        Set<String> weighings = new TreeSet<>();
        for (Weighing weighing : drawn.weighings()) {
            weighings.add(weighing.left() < weighing.right() ? weighing.text() : weighing.mirrored().text());
        }
        return drawn.question().text() + " " + weighings;
    }

    /** The answers that the weighings leave open, as bits. */
    private static int open(Rounds.Drawn drawn) {
        Worlds possible = Worlds.ALL;
        for (Weighing weighing : drawn.weighings()) {
            possible = possible.and(weighing.worlds());
        }
        return drawn.question().open(possible);
    }

    @Test
    void weighingsEntailTheAnswerOrNotAndAreTrue() {
        for (Split split : Split.values()) {
            for (boolean entailed : new boolean[] {true, false}) {
                SplittableRandom random = new SplittableRandom(4);
                Map<String, int[]> answers = new HashMap<>();
                for (int i = 0; i < DRAWS; i++) {
                    Rounds.Drawn drawn = Rounds.draw(split, entailed, random);
                    for (Weighing weighing : drawn.weighings()) {
                        assertEquals(weighing, Weighing.weigh(weighing.left(), weighing.right(), drawn.assignment()));
                    }
                    int left = open(drawn);
                    assertEquals(entailed, Integer.bitCount(left) == 1);
                    Relation answer = drawn.question().relation(drawn.assignment());
                    assertTrue((left & answer.bit()) != 0);
                    answers.computeIfAbsent(drawn.question().text() + left, key -> new int[3])[answer.ordinal()]++;
                }
                // Whatever is open is equally likely, of each question; none of some 90 deviates by five standard errors.
                answers.forEach((key, counts) -> {
                    int n = counts[0] + counts[1] + counts[2];
                    int open = key.charAt(key.length() - 1) - '0';
                    double p = 1.0 / Integer.bitCount(open);
                    for (Relation relation : Relation.values()) {
                        double expected = (open & relation.bit()) != 0 ? p * n : 0;
                        assertEquals(expected, counts[relation.ordinal()], 5 * Math.sqrt(n * p * (1 - p)) + 1e-9, key);
                    }
                });
            }
        }
    }

    @Test
    void splitsShareNothingThatIsShown() {
        Map<Split, Set<String>> seen = new HashMap<>();
        for (Split split : Split.values()) {
            SplittableRandom random = new SplittableRandom(5);
            Set<String> own = new HashSet<>();
            for (int i = 0; i < DRAWS; i++) {
                own.add(shown(Rounds.draw(split, i % 2 == 0, random)));
            }
            seen.put(split, own);
        }
        Set<String> union = new HashSet<>();
        seen.values().forEach(union::addAll);
        assertEquals(seen.values().stream().mapToInt(Set::size).sum(), union.size());
        assertTrue(seen.get(Split.TEST).size() > 10_000, seen.get(Split.TEST).size() + " of the test split");
    }

    @Test
    void sharesOfOpenAnswersAreThoseOfTheDraws() {
        Map<Integer, Double> shares = Rounds.open(Split.TEST);
        assertEquals(1, shares.values().stream().mapToDouble(p -> p).sum(), 1e-9);
        SplittableRandom random = new SplittableRandom(6);
        int three = 0;
        for (int i = 0; i < DRAWS; i++) {
            three += Integer.bitCount(open(Rounds.draw(Split.TEST, false, random))) == 3 ? 1 : 0;
        }
        assertEquals(shares.get(3), (double) three / DRAWS, 4 * 0.5 / Math.sqrt(DRAWS));
    }
}
