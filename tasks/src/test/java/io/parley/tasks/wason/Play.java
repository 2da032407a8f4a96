package io.parley.tasks.wason;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/** What the tests share: plugins by a line of JSON, as a configuration would name them, and playing episodes. */
public final class Play {
    public static final PluginContext CONTEXT = PluginContext.standalone(0);

    private Play() {}

    public static PluginSpec spec(String json) {
        try {
            return new ObjectMapper().readValue(json.startsWith("{") ? json.replace('\'', '"') : '"' + json + '"',
                    PluginSpec.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Task task(String json) {
        return CONTEXT.plugins().find(TaskProvider.class, spec(json).id()).configured(spec(json), CONTEXT);
    }

    public static InterventionAgent partner(String json) {
        return CONTEXT.plugins().find(InterventionAgentProvider.class, spec(json).id()).configured(spec(json), CONTEXT);
    }

    public static Counterfactual counterfactual(String json) {
        return CONTEXT.plugins().find(CounterfactualProvider.class, spec(json).id()).configured(spec(json), CONTEXT);
    }

    public static Policy policy(PluginSpec spec, Task task) {
        return CONTEXT.plugins().find(PolicyProvider.class, spec.id()).configured(spec, task.text(), CONTEXT);
    }

    public static Episodes begin(Task task, Split split, long first, int count, String partner, long seed) {
        return task.begin(new EpisodeRequest(split, first, count, partner(partner), new RandomStreams(seed)));
    }

    public static List<RandomGenerator> streams(Episodes episodes, long first, long seed) {
        List<RandomGenerator> streams = new ArrayList<>();
        for (int i = 0; i < episodes.size(); i++) {
            streams.add(new RandomStreams(seed).stream("sample", first + i, episodes.round(), 0));
        }
        return streams;
    }

    /** Plays to the end with a policy and returns the logs. */
    public static List<ObjectNode> logs(Task task, Policy policy, Split split, long first, int count, String partner, long seed) {
        Episodes episodes = begin(task, split, first, count, partner, seed);
        while (!episodes.done()) {
            episodes.step(policy.sample(episodes.prompts(), SamplingConfig.standard(), streams(episodes, first, seed)));
        }
        return episodes.log();
    }

    /** One response a row, by row and this round's generator. */
    static List<Response> respond(Episodes episodes, BiFunction<Integer, RandomGenerator, Integer> codes) {
        List<Response> responses = new ArrayList<>();
        List<RandomGenerator> streams = streams(episodes, 0, 1);
        for (int i = 0; i < episodes.size(); i++) {
            responses.add(Response.of(Stances.text(codes.apply(i, streams.get(i)))));
        }
        return responses;
    }
}
