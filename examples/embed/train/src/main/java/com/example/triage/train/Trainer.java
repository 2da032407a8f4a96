package com.example.triage.train;

import com.example.triage.desk.Adviser;
import com.example.triage.desk.TriageDesk;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.RewardFunction;
import io.parley.core.training.TrainingContext;
import io.parley.policies.onnx.OnnxExporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Trains the assistant: it begins as colleagues decide, and then learns with ICR from what its own decisions earn. */
public final class Trainer {
    /** Told now and then how far the training is, from 0 to 1, and what a decision earns. */
    public interface Progress {
        void at(double share, double reward);
    }

    /** What the hospital wants: right decisions, and above all no emergency that is missed. */
    static final RewardFunction REWARD = (prompt, response, parts) -> parts.get("own") - 2 * parts.get(TriageDesk.MISSED);

    private final TriageDesk desk = new TriageDesk();
    private final PluginContext context;
    private final long decisions;

    /** @param decisions how many decisions to learn from */
    public Trainer(long seed, long decisions) {
        this.context = PluginContext.standalone(seed);
        this.decisions = decisions;
    }

    /**
     * Trains an assistant, saves it, and exports it as {@code assistant.onnx} beside it.
     *
     * @throws CancellationException if {@code cancelled} became true; nothing is saved
     */
    public void train(Path folder, Progress progress, BooleanSupplier cancelled) throws IOException {
        try (TrainablePolicy policy = newPolicy()) {
            algorithm("bc", Map.of("demonstrations", 5000))
                    .train(on(0, (responses, metrics) -> {}, cancelled), policy);
            algorithm("icr", Map.of("counterfactual", "mask", "anchor", "smoothed", "lambda", 0.1))
                    .train(on(decisions, (responses, metrics) ->
                            progress.at((double) responses / decisions, metrics.get("reward")), cancelled), policy);
            policy.save(folder);
        }
        ObjectNode provenance = context.mapper().createObjectNode().put("trainer", "triage 1.0.0").put("decisions", decisions);
        new OnnxExporter().export(folder, provenance, folder.resolve("assistant.onnx"));
    }

    /** An assistant that has learnt nothing yet. */
    TrainablePolicy newPolicy() {
        return (TrainablePolicy) context.plugins().find(PolicyProvider.class, "mlp")
                .configured(PluginSpec.of("mlp", Map.of("hidden", List.of(64, 64))), desk.text(), context);
    }

    private AlignmentAlgorithm algorithm(String id, Map<String, ?> settings) {
        return context.plugins().find(AlgorithmProvider.class, id).configured(PluginSpec.of(id, settings), context);
    }

    private TrainingContext on(long budget, MetricsSink curve, BooleanSupplier cancelled) {
        Counterfactual mask = context.plugins().find(CounterfactualProvider.class, "mask")
                .configured(PluginSpec.of("mask"), context);
        return new TrainingContext(desk, new Adviser(), REWARD, budget, List.of(mask),
                context.streams(), curve, cancelled);
    }
}
