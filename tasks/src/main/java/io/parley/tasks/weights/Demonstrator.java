package io.parley.tasks.weights;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Answers as people might, not as an oracle would. With the probability of conformity it repeats the partner's
 * suggestion. Otherwise, where the weighings entail the answer, it reasons correctly with a probability of its own; and else it
 * answers by weights that it imagines. Where it may weigh, it loads the scale at random, half of the times.
 *
 * <p>One episode in five is shown through a counterfactual, and there the demonstrator leaves the partner out.
 */
final class Demonstrator {
    /** Episodes that are played together. */
    private static final int CHUNK = 1000;
    private static final int COUNTERFACTUAL_EVERY = 5;

    private final Weights task;
    private final DemonstrationRequest request;
    private final RandomStreams streams;

    Demonstrator(Weights task, DemonstrationRequest request) {
        this.task = task;
        this.request = request;
        this.streams = request.streams().derive("demonstrations");
    }

    /** Those of one episode after those of the other. */
    List<Demonstration> demonstrations() {
        List<Demonstration> result = new ArrayList<>(request.count());
        for (long first = 0; result.size() < request.count(); first += CHUNK) {
            for (Demonstration[] episode : play(first)) {
                for (int r = 0; r < episode.length && result.size() < request.count(); r++) {
                    result.add(episode[r]);
                }
            }
        }
        return result;
    }

    private Demonstration[][] play(long first) {
        int rounds = Math.min(request.rounds(), task.rounds());
        WeightsEpisodes episodes =
                new WeightsEpisodes(task, new EpisodeRequest(Split.TRAIN, first, CHUNK, request.partner(), streams));
        Demonstration[][] result = new Demonstration[CHUNK][rounds];
        int[][] answers = new int[rounds][CHUNK];
        List<Counterfactual> counterfactuals = request.counterfactuals();
        while (episodes.round() <= rounds) {
            int round = episodes.round();
            List<Prompt> prompts = episodes.prompts();
            List<List<Prompt>> cuts = new ArrayList<>();
            for (int c = 0; c < counterfactuals.size(); c++) {
                cuts.add(counterfactuals.get(c).cut(prompts, streams.stream("counterfactual", first, round, c)));
            }
            List<Response> responses = new ArrayList<>(CHUNK);
            for (int i = 0; i < CHUNK; i++) {
                boolean cut = !cuts.isEmpty() && i % COUNTERFACTUAL_EVERY == COUNTERFACTUAL_EVERY - 1;
                Prompt prompt = cut ? cuts.get(i / COUNTERFACTUAL_EVERY % cuts.size()).get(i) : prompts.get(i);
                RandomGenerator random = streams.stream("demonstrator", first + i, round, 0);
                int stances = answer(episodes, i, cut, random);
                // In the single regime the questions come again after all of them, in the same order.
                int before = round - Question.ALL.size();
                int earlier = task.weighs() && before > 0 ? answers[before - 1][i] : -1;
                answers[round - 1][i] = stances;
                Action action = task.weighs() ? weighing(stances, random) : Action.say(stances);
                Response response = Response.of(
                        task.script.answer(episodes.question(i), action, cut ? -1 : episodes.suggestion(i), earlier, random));
                responses.add(response);
                result[i][round - 1] = new Demonstration(prompt, response);
            }
            episodes.step(responses);
        }
        return result;
    }

    private int answer(WeightsEpisodes episodes, int i, boolean leavesPartnerOut, RandomGenerator random) {
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
