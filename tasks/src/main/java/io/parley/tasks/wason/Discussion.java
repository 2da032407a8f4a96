package io.parley.tasks.wason;

import io.parley.core.plugin.ConfigurationException;
import io.parley.tasks.group.GroupEpisodes;
import io.parley.tasks.people.Categorical;
import io.parley.tasks.people.People;
import io.parley.tasks.people.Regime;
import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;

/** How the selections of a group change in a round of its discussion. */
final class Discussion {
    /**
     * What a group meets in a round.
     *
     * @param cardOfPart the card that plays each part; null if the participants cannot see that
     * @param correct the correct selection, which they cannot see either then
     * @param collaborator the code of its response, or {@link GroupEpisodes#SILENT}
     * @param partner the code of its suggestion, or {@link GroupEpisodes#SILENT}
     */
    record Situation(int[] cardOfPart, int correct, int collaborator, int partner) {}

    private final People people;
    private final Regime regime;
    /** Of the parts that people select on second thoughts. */
    private final Categorical secondThoughts;

    /** @throws ConfigurationException if the second thoughts of these people are not selections */
    Discussion(People people, Regime regime) {
        this.people = people;
        this.regime = regime;
        try {
            secondThoughts = secondThoughts(people.parameters().secondThoughts().get("wason"));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("people", "secondThoughts.wason: " + e.getMessage(), e);
        }
    }

    private static Categorical secondThoughts(Map<String, Double> byLetters) {
        double[] weights = new double[16];
        if (byLetters == null) {
            Arrays.fill(weights, 1);
        } else {
            byLetters.forEach((letters, weight) -> weights[Part.ofLetters(letters)] = weight);
        }
        if (Arrays.stream(weights).filter(weight -> weight > 0).count() < 2) {
            throw new IllegalArgumentException(
                    "fewer than two selections have a weight; a second thought differs from the first");
        }
        return new Categorical(weights);
    }

    /** The selection of a participant after the round. */
    int next(int person, int personality, int[] before, Situation situation, RandomGenerator random) {
        int own = before[person];
        boolean visible = situation.cardOfPart != null;
        boolean right = own == situation.correct;
        return switch (people.source(personality, visible, right, regime, random)) {
            case OWN -> own;
            case MAJORITY -> majority(before);
            case PEER -> before.length == 1 ? own : before[(person + 1 + random.nextInt(before.length - 1)) % before.length];
            case COLLABORATOR -> adopt(own, situation.collaborator);
            case PARTNER -> adopt(own, situation.partner);
            case EVIDENCE -> situation.correct;
            case SECOND_THOUGHTS -> secondThought(own, situation.cardOfPart, random);
        };
    }

    /** Takes over the stances of a code; where it is unsure, or there is none, one's own stays. */
    private static int adopt(int own, int code) {
        return code == GroupEpisodes.SILENT ? own : Stances.turned(code) | own & Stances.unsure(code);
    }

    private int secondThought(int own, int[] cardOfPart, RandomGenerator random) {
        int[] cards = cardOfPart == null ? Question.ORDERS[random.nextInt(Question.ORDERS.length)] : cardOfPart;
        int thought;
        do {
            thought = Question.place(secondThoughts.draw(random), cards);
        } while (thought == own);
        return thought;
    }

    /** The cards that more than half of the participants turn. */
    static int majority(int[] selections) {
        int majority = 0;
        for (int card = 0; card < Stances.CARDS; card++) {
            int count = 0;
            for (int selection : selections) {
                count += selection >> card & 1;
            }
            majority |= (2 * count > selections.length ? 1 : 0) << card;
        }
        return majority;
    }
}
