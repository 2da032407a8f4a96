package io.parley.policies.onnx;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A policy that was trained a little, saved and exported, and the file loaded again. */
final class Frozen implements AutoCloseable {
    static final List<String> PARTNERS = List.of(
            "silent", "helpful", "misleading", "noisy", "biased", "authoritative-misleading", "hesitant-helpful",
            "turncoat", "mixed");
    static final PluginContext CONTEXT = PluginContext.standalone(1);
    static final Task WASON = CONTEXT.plugins().find(TaskProvider.class, "wason").configured(PluginSpec.of("wason"), CONTEXT);
    private static final ObjectMapper JSON = new ObjectMapper();

    final TrainablePolicy trained;
    final Path file;
    final OnnxPolicy policy;

    /** @param spec such as {@code {"id": "mlp"}} */
    Frozen(String spec, TextSpec text, List<Demonstration> demonstrations, int updates, Path folder) throws IOException {
        PluginSpec plugin = JSON.readValue(spec, PluginSpec.class);
        trained = (TrainablePolicy) CONTEXT.plugins().find(PolicyProvider.class, plugin.id()).configured(plugin, text, CONTEXT);
        trained.configureOptimizer(OptimizerConfig.adam());
        List<Prompt> prompts = demonstrations.stream().map(Demonstration::prompt).toList();
        List<Response> responses = demonstrations.stream().map(Demonstration::response).toList();
        for (int i = 0; i < updates; i++) {
            try (UpdateScope scope = trained.beginUpdate()) {
                ScoreArrays scores = scope.score(prompts, responses, ScoreRequest.logProbs().withValues());
                NDArray error = scores.values().sub(0.7f);
                scope.backward(scores.logProbs().mean().neg().add(error.mul(error).mean()));
                scope.step(0.01);
            }
        }
        Path saved = folder.resolve("policy");
        trained.save(saved);
        file = folder.resolve("policy.onnx");
        ObjectNode provenance = JSON.createObjectNode().put("seed", 1);
        new OnnxExporter().export(saved, provenance, file);
        policy = OnnxPolicy.load(file);
    }

    /** Trained on demonstrations of wason. */
    static Frozen wason(String spec, Path folder) throws IOException {
        return new Frozen(spec, text(), WASON.demonstrations(new DemonstrationRequest(
                128, 0.3, partner("helpful"), List.of(prefix()), new RandomStreams(3))), 30, folder);
    }

    static TextSpec text() {
        return WASON.text().withNotices(List.of(prefix().notice()));
    }

    static Counterfactual prefix() {
        return CONTEXT.plugins().find(CounterfactualProvider.class, "prefix").configured(PluginSpec.of("prefix"), CONTEXT);
    }

    static InterventionAgent partner(String id) {
        return CONTEXT.plugins().find(InterventionAgentProvider.class, id).configured(PluginSpec.of(id), CONTEXT);
    }

    /** Dialogues of the evaluation's kind: what was shown and answered, and the log. */
    record Dialogues(List<Prompt> prompts, List<Response> responses, List<ObjectNode> logs) {}

    static Dialogues play(Policy policy, String partner, int count) {
        RandomStreams streams = new RandomStreams(5);
        Episodes episodes = WASON.begin(new EpisodeRequest(Split.TEST, 0, count, partner(partner), streams));
        Dialogues dialogues = new Dialogues(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        while (!episodes.done()) {
            List<RandomGenerator> draws = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                draws.add(streams.stream("sample", i, episodes.round(), 0));
            }
            List<Prompt> prompts = episodes.prompts();
            List<Response> responses = policy.sample(prompts, SamplingConfig.standard().withValues(), draws);
            dialogues.prompts().addAll(prompts);
            dialogues.responses().addAll(responses);
            episodes.step(responses);
        }
        dialogues.logs().addAll(episodes.log());
        return dialogues;
    }

    @Override
    public void close() {
        policy.close();
        trained.close();
    }
}
