package io.parley.tasks.wason;

import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.tasks.demonstrations.DemonstratedEpisodes;
import io.parley.tasks.language.Press;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Answers as people might, not as an oracle would. With the probability of conformity it repeats the partner's
 * suggestion. Otherwise, where the evidence is visible, it reasons correctly with a probability of its own, and else
 * answers as people do after a discussion; where the evidence is withheld it answers in the form in which people do,
 * about cards that it imagines.
 *
 * <p>In words it says so in sentences of human shares, see {@link Talk}, and while a question stands it keeps its answer in some
 * rounds, so that it changes it as often as participants do.
 */
final class Demonstrator {
    /**
     * In words, changing one's mind is said. Probability of answering anew, which is often the same: so that the answer changes
     * in as many rounds of the single regime as the stance of a fitted participant does, 22 % of them.
     */
    private static final double RECONSIDERING = 0.37;

    private final Wason task;
    private final DemonstrationRequest request;

    Demonstrator(Wason task, DemonstrationRequest request) {
        this.task = task;
        this.request = request;
    }

    List<Demonstration> demonstrations() {
        return new DemonstratedEpisodes<>(request, task.rounds(), played -> new WasonEpisodes(task, played), this::answer).play();
    }

    private String answer(WasonEpisodes episodes, int i, boolean leavesPartnerOut, Function<String, RandomGenerator> draws) {
        int stances = stances(episodes, i, leavesPartnerOut, draws.apply("demonstrator"));
        int heard = leavesPartnerOut ? -1 : episodes.suggestion(i);
        return task.script.answer(stances, heard, episodes.earlierAnswer(i), draws.apply("wording"));
    }

    private int stances(WasonEpisodes episodes, int i, boolean leavesPartnerOut, RandomGenerator random) {
        int earlier = episodes.earlierAnswer(i);
        if (task.config.press() == Press.FULL && earlier >= 0 && random.nextDouble() >= RECONSIDERING) {
            return earlier;
        }
        boolean conforms = random.nextDouble() < request.conformity();
        boolean reasons = random.nextDouble() < task.config.reasoning() || request.solved();
        if (conforms && !leavesPartnerOut && episodes.suggestion(i) >= 0) {
            return episodes.suggestion(i);
        }
        Question question = episodes.question(i);
        if (!episodes.visible(i)) {
            int[] imagined = Question.ORDERS[random.nextInt(Question.ORDERS.length)];
            return Stances.ofSelection(Question.place(task.selections.finalParts(random), imagined));
        }
        return Stances.ofSelection(reasons ? question.correct() : question.place(task.selections.finalParts(random)));
    }
}
