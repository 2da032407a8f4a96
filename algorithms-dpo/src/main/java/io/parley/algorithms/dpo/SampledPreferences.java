package io.parley.algorithms.dpo;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.training.Preference;
import io.parley.core.training.PreferenceSource;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.Preferences;
import io.parley.core.training.TrainingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Provides {@code sampled}: in each state of a training episode the start draws two responses, and the one with the
 * higher reward is preferred. The reward is the run's own, of what the task says a response would earn
 * ({@link Episodes#score}): a part that is only known at the end of the dialogue counts in every round as if it ended there.
 * Equal rewards give no pair. The episode goes on with the first response. Both responses count against the budget, which is
 * spent in whole episodes.
 */
public final class SampledPreferences implements PreferenceSourceProvider<SampledPreferences.Config> {
    /** Configuration of {@code sampled}. */
    public record Config(@JsonPropertyDescription("Episodes that are played together, at least 1.") Integer episodes) {
        public Config {
            episodes = episodes == null ? 512 : episodes;
            if (episodes < 1) {
                throw new IllegalArgumentException("episodes is " + episodes + "; at least 1");
            }
        }
    }

    @Override
    public String id() {
        return "sampled";
    }

    @Override
    public String description() {
        return "Two responses of the start to one state, ranked by the reward.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public PreferenceSource create(Config config, PluginContext context) {
        return (training, initial) -> sample(config, training, initial);
    }

    private static Preferences sample(Config config, TrainingContext context, TrainablePolicy initial) {
        int perEpisode = 2 * context.task().rounds();
        long episodes = context.budget() / perEpisode;
        if (episodes == 0) {
            throw new ConfigurationException("budget.responses", context.budget()
                    + " is less than one episode of pairs, which needs " + perEpisode + " responses");
        }
        List<Preference> pairs = new ArrayList<>();
        long tokens = 0;
        for (long first = 0; first < episodes; first += config.episodes()) {
            context.checkCancelled();
            int count = (int) Math.min(config.episodes(), episodes - first);
            Episodes play = context.task().begin(
                    new EpisodeRequest(Split.TRAIN, first, count, context.partner(), context.streams()));
            double reward = 0;
            while (!play.done()) {
                List<Prompt> prompts = play.prompts().stream().map(p -> initial.fit(List.of(p)).get(0)).toList();
                List<Response> a = draw(context, initial, prompts, first, play.round(), 0);
                List<Response> b = draw(context, initial, prompts, first, play.round(), 1);
                List<Map<String, Double>> partsA = play.score(a);
                List<Map<String, Double>> partsB = play.score(b);
                for (int i = 0; i < count; i++) {
                    double rewardA = context.reward().reward(prompts.get(i), a.get(i), partsA.get(i));
                    double rewardB = context.reward().reward(prompts.get(i), b.get(i), partsB.get(i));
                    reward += rewardA;
                    tokens += a.get(i).logProbs().length + b.get(i).logProbs().length;
                    if (rewardA != rewardB) {
                        pairs.add(rewardA > rewardB
                                ? new Preference(prompts.get(i), a.get(i), b.get(i))
                                : new Preference(prompts.get(i), b.get(i), a.get(i)));
                    }
                }
                play.step(a);
            }
            context.metrics().record((first + count) * perEpisode, Map.of(
                    "pairs", (double) pairs.size(), "reward", reward / count / context.task().rounds()));
        }
        return new Preferences(pairs, episodes * perEpisode, tokens);
    }

    private static List<Response> draw(
            TrainingContext context, TrainablePolicy policy, List<Prompt> prompts, long first, int round, int candidate) {
        List<RandomGenerator> streams = new ArrayList<>(prompts.size());
        for (int i = 0; i < prompts.size(); i++) {
            streams.add(context.streams().stream("sample", first + i, round, candidate));
        }
        return policy.sample(prompts, SamplingConfig.standard(), streams);
    }
}
