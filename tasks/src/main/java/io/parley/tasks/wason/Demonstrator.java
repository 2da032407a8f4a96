package io.parley.tasks.wason;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Split;
import io.parley.tasks.language.Press;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Answers as people might, not as an oracle would. With the probability of conformity it repeats the partner's
 * suggestion. Otherwise, where the evidence is visible, it reasons correctly with a probability of its own, and else
 * answers as people do after a discussion; where the evidence is withheld it answers in the form in which people do,
 * about cards that it imagines.
 *
 * <p>In words it says so in sentences of human shares, see {@link Talk}, and while a question stands it keeps its answer in some
 * rounds, so that it changes it as often as participants do.
 *
 * <p>One episode in five is shown through a counterfactual, and there the demonstrator leaves the partner out.
 */
final class Demonstrator {
    /** Episodes that are played together. */
    private static final int CHUNK = 1000;
    private static final int COUNTERFACTUAL_EVERY = 5;
    /**
     * In words, changing one's mind is said. Probability of answering anew, which is often the same: so that the answer changes
     * in as many rounds of the single regime as the stance of a fitted participant does, 22 % of them.
     */
    private static final double RECONSIDERING = 0.37;

    private final Wason task;
    private final DemonstrationRequest request;
    private final RandomStreams streams;

    Demonstrator(Wason task, DemonstrationRequest request) {
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
        WasonEpisodes episodes =
                new WasonEpisodes(task, new EpisodeRequest(Split.TRAIN, first, CHUNK, request.partner(), streams));
        Demonstration[][] result = new Demonstration[CHUNK][rounds];
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
                int code = answer(episodes, i, cut, streams.stream("demonstrator", first + i, round, 0));
                int heard = cut ? -1 : episodes.suggestion(i);
                String text = task.script.answer(
                        code, heard, episodes.earlierAnswer(i), streams.stream("wording", first + i, round, 0));
                Response response = Response.of(text);
                responses.add(response);
                result[i][round - 1] = new Demonstration(prompt, response);
            }
            episodes.step(responses);
        }
        return result;
    }

    private int answer(WasonEpisodes episodes, int i, boolean leavesPartnerOut, RandomGenerator random) {
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
