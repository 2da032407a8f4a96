package io.parley.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Episodes that were played with random responses. */
final class Play {
    /**
     * One round of all episodes.
     *
     * @param scored what {@link Episodes#score} said before the step
     */
    record Round(List<Prompt> prompts, List<String> strata, List<Response> responses, List<Map<String, Double>> scored,
            List<Map<String, Double>> earned) {}

    private Play() {}

    static EpisodeRequest request(Split split, long first, int count, InterventionAgent partner) {
        return new EpisodeRequest(split, first, count, partner, new RandomStreams(11));
    }

    /** Plays to the end; what is answered depends on the episode and the round alone. */
    static List<Round> all(Task task, EpisodeRequest request) {
        Episodes episodes = task.begin(request);
        List<Round> rounds = new ArrayList<>();
        while (!episodes.done()) {
            rounds.add(round(task, request, episodes));
        }
        return rounds;
    }

    static Round round(Task task, EpisodeRequest request, Episodes episodes) {
        List<Prompt> prompts = List.copyOf(episodes.prompts());
        List<String> strata = List.copyOf(episodes.strata());
        List<Response> responses = responses(task, request, episodes.round());
        List<Map<String, Double>> scored = copy(episodes.score(responses));
        return new Round(prompts, strata, responses, scored, copy(episodes.step(responses)));
    }

    private static List<Map<String, Double>> copy(List<Map<String, Double>> parts) {
        return parts.stream().map(Map::copyOf).toList();
    }

    /** Random responses for a round, one a row. */
    static List<Response> responses(Task task, EpisodeRequest request, int round) {
        List<Response> responses = new ArrayList<>();
        for (int i = 0; i < request.count(); i++) {
            responses.add(response(task.text(), request.streams().stream("testkit", request.first() + i, round, 0)));
        }
        return responses;
    }

    static Response response(TextSpec text, RandomGenerator random) {
        List<String> words = new ArrayList<>();
        if (text.format() instanceof ResponseFormat.Choices choices) {
            choices.positions().forEach(allowed -> words.add(allowed.get(random.nextInt(allowed.size()))));
        } else {
            int length = Math.min(4, ((ResponseFormat.FreeText) text.format()).maxTokens());
            for (int t = 0; t < length; t++) {
                words.add(text.words().get(random.nextInt(text.words().size())));
            }
        }
        return Response.of(String.join(" ", words));
    }

    /** The prompts of every round of some training episodes: each round's after the one before. */
    static List<List<Prompt>> prompts(Task task, InterventionAgent partner, int count) {
        return all(task, request(Split.TRAIN, 0, count, partner)).stream().map(Round::prompts).toList();
    }

    static List<ObjectNode> copyOf(List<ObjectNode> log) {
        return log.stream().map(ObjectNode::deepCopy).toList();
    }
}
