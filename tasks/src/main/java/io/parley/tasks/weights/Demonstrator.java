package io.parley.tasks.weights;

import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.tasks.demonstrations.DemonstratedEpisodes;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Answers as people might, not as an oracle would. With the probability of conformity it repeats the partner's
 * suggestion. Otherwise, where the weighings entail the answer, it reasons correctly with a probability of its own; and else it
 * answers by weights that it imagines. Where it may weigh, it loads the scale at random, half of the times.
 */
final class Demonstrator {
    private final Weights task;
    private final DemonstrationRequest request;

    Demonstrator(Weights task, DemonstrationRequest request) {
        this.task = task;
        this.request = request;
    }

    List<Demonstration> demonstrations() {
        return new DemonstratedEpisodes<>(request, task.rounds(), played -> new WeightsEpisodes(task, played), this::answer).play();
    }

    private String answer(WeightsEpisodes episodes, int i, boolean leavesPartnerOut, Function<String, RandomGenerator> draws) {
        RandomGenerator random = draws.apply("demonstrator");
        int stances = stances(episodes, i, leavesPartnerOut, random);
        Action action = task.weighs() ? weighing(stances, random) : Action.say(stances);
        int heard = leavesPartnerOut ? -1 : episodes.suggestion(i);
        return task.script.answer(episodes.question(i), action, heard, episodes.earlierAnswer(i), random);
    }

    private int stances(WeightsEpisodes episodes, int i, boolean leavesPartnerOut, RandomGenerator random) {
        boolean conforms = random.nextDouble() < request.conformity();
        boolean reasons = random.nextDouble() < task.config.reasoning() || request.solved();
        if (conforms && !leavesPartnerOut && episodes.suggestion(i) >= 0) {
            return episodes.suggestion(i);
        }
        Relation imagined = Guesses.imagined(episodes.question(i), random);
        return Stances.ofAnswer(reasons && episodes.shown(i) != null ? episodes.shown(i) : imagined);
    }

    private static Action weighing(int stances, RandomGenerator random) {
        if (random.nextBoolean()) {
            return Action.say(stances);
        }
        Weighing any = Weighing.ALL.get(random.nextInt(Weighing.ALL.size()));
        return new Action(stances, any.left(), any.right());
    }
}
