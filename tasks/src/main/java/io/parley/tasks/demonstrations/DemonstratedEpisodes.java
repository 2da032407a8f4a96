package io.parley.tasks.demonstrations;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Training episodes that a demonstrator plays. One episode in five is shown through a counterfactual, by turns, and there the
 * demonstrator leaves the partner out.
 *
 * @param request what is demonstrated
 * @param rounds rounds of an episode of the task, at least 1
 * @param begin begins episodes of the task
 * @param demonstrator who answers
 */
public record DemonstratedEpisodes<E extends Episodes>(
        DemonstrationRequest request, int rounds, Function<EpisodeRequest, E> begin, Demonstrator<E> demonstrator) {
    /** Episodes that are played together. */
    private static final int CHUNK = 1000;
    private static final int COUNTERFACTUAL_EVERY = 5;

    /** Who answers in the episodes of a task. */
    @FunctionalInterface
    public interface Demonstrator<E extends Episodes> {
        /**
         * The answer in the round that the episodes are in.
         *
         * @param i the episode's place among them
         * @param leavesPartnerOut whether it answers as if the partner had said nothing in this round
         * @param draws gives, by what it is for, a generator for this round of this episode alone
         */
        String answer(E episodes, int i, boolean leavesPartnerOut, Function<String, RandomGenerator> draws);
    }

    /** Those of one episode after those of the other. */
    public List<Demonstration> play() {
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
        RandomStreams streams = request.streams().derive("demonstrations");
        E episodes = begin.apply(new EpisodeRequest(Split.TRAIN, first, CHUNK, request.partner(), streams));
        int shown = Math.min(request.rounds(), rounds);
        Demonstration[][] result = new Demonstration[CHUNK][shown];
        List<Counterfactual> counterfactuals = request.counterfactuals();
        while (episodes.round() <= shown) {
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
                long episode = first + i;
                Response response = Response.of(demonstrator.answer(
                        episodes, i, cut, purpose -> streams.stream(purpose, episode, round, 0)));
                responses.add(response);
                result[i][round - 1] = new Demonstration(prompt, response);
            }
            episodes.step(responses);
        }
        return result;
    }
}
