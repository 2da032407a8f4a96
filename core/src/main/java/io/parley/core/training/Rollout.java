package io.parley.core.training;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/**
 * Sampled episodes: {@code turns} holds the rounds of the first episode in order, then those of the second, and so on.
 *
 * @param episodes number of episodes
 * @param rounds rounds of each
 * @param turns episodes × rounds turns
 */
public record Rollout(int episodes, int rounds, List<Turn> turns) {
    public Rollout {
        turns = List.copyOf(turns);
        if (turns.size() != episodes * rounds) {
            throw new IllegalArgumentException(
                    turns.size() + " turns are not " + episodes + " episodes of " + rounds + " rounds");
        }
    }

    /**
     * Plays training episodes with the current policy.
     *
     * @param first index of the first episode
     * @param count number of episodes
     * @param counterfactuals whose states are wanted beside each state; sampling does not depend on them
     */
    public static Rollout sample(
            TrainingContext context, Policy policy, long first, int count, SamplingConfig sampling,
            List<Counterfactual> counterfactuals) {
        return sample(context, policy, first, count, sampling, null, counterfactuals);
    }

    /**
     * The same, with prompts that are themselves cut before the policy sees them.
     *
     * @param shown what the policy is shown in place of the task's prompts; null for the prompts as they are
     */
    public static Rollout sample(
            TrainingContext context,
            Policy policy,
            long first,
            int count,
            SamplingConfig sampling,
            Counterfactual shown,
            List<Counterfactual> counterfactuals) {
        Episodes episodes = context.task().begin(
                new EpisodeRequest(Split.TRAIN, first, count, context.partner(), context.streams()));
        int rounds = context.task().rounds();
        Turn[] turns = new Turn[count * rounds];
        while (!episodes.done()) {
            int round = episodes.round();
            List<Prompt> prompts = episodes.prompts();
            if (shown != null) {
                prompts = shown.cut(prompts, context.streams().stream("shown", first, round, 0));
            }
            List<List<Prompt>> cuts = new ArrayList<>();
            for (int c = 0; c < counterfactuals.size(); c++) {
                cuts.add(counterfactuals.get(c).cut(prompts, context.streams().stream("counterfactual", first, round, c)));
            }
            List<Prompt> fitted = new ArrayList<>(count);
            List<List<Prompt>> fittedCuts = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                List<Prompt> versions = new ArrayList<>();
                versions.add(prompts.get(i));
                for (List<Prompt> cut : cuts) {
                    versions.add(cut.get(i));
                }
                versions = policy.fit(versions);
                fitted.add(versions.get(0));
                fittedCuts.add(List.copyOf(versions.subList(1, versions.size())));
            }
            List<RandomGenerator> streams = streams(count, i -> context.streams().stream("sample", first + i, round, 0));
            List<Response> responses = policy.sample(fitted, sampling, streams);
            List<String> strata = episodes.strata();
            List<Map<String, Double>> parts = episodes.step(responses);
            for (int i = 0; i < count; i++) {
                double reward = context.reward().reward(fitted.get(i), responses.get(i), parts.get(i));
                turns[i * rounds + round - 1] = new Turn(
                        fitted.get(i), fittedCuts.get(i), responses.get(i), reward, strata.get(i));
            }
        }
        return new Rollout(count, rounds, List.of(turns));
    }

    private static List<RandomGenerator> streams(int count, IntFunction<RandomGenerator> stream) {
        List<RandomGenerator> streams = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            streams.add(stream.apply(i));
        }
        return streams;
    }

    /** The states, one a turn. */
    public List<Prompt> prompts() {
        return turns.stream().map(Turn::prompt).toList();
    }

    /** The responses, one a turn. */
    public List<Response> responses() {
        return turns.stream().map(Turn::response).toList();
    }

    /** The counterfactual states of one counterfactual, one a turn. */
    public List<Prompt> counterfactuals(int index) {
        return turns.stream().map(turn -> turn.counterfactuals().get(index)).toList();
    }
}
