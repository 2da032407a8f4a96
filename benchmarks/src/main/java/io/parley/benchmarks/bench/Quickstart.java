package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.Experiment;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.Planner;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.RewardFunction;
import io.parley.core.training.RewardFunctionProvider;
import io.parley.core.training.TrainingContext;
import java.util.List;

/** The work of the preset {@code quickstart}: its task, partner, reward and {@code ppo}, from a policy with random weights. */
final class Quickstart {
    private static final PluginSpec COUNTERFACTUAL = PluginSpec.of("prefix");

    private final PluginContext context;
    private final Experiment experiment;
    private final Task task;
    private final InterventionAgent partner;
    private final RewardFunction reward;
    private final List<Counterfactual> counterfactuals;

    Quickstart(PluginContext context) {
        this(context, null);
    }

    /** @param other takes the place of the preset's task; null for the preset's own */
    Quickstart(PluginContext context, Task other) {
        this.context = context;
        this.experiment = new Planner(new PluginBinder(context)).plan(ExperimentSource.preset("quickstart")).experiment();
        PluginSpec taskSpec = experiment.tasks().get(0).plugin();
        this.task = other != null ? other
                : context.plugins().find(TaskProvider.class, taskSpec.id()).configured(taskSpec, context);
        this.partner = context.plugins().find(InterventionAgentProvider.class, experiment.trainPartner().id())
                .configured(experiment.trainPartner(), context);
        this.reward = context.plugins().find(RewardFunctionProvider.class, experiment.reward().id())
                .configured(experiment.reward(), context);
        this.counterfactuals = List.of(context.plugins().find(CounterfactualProvider.class, COUNTERFACTUAL.id())
                .configured(COUNTERFACTUAL, context));
    }

    TextSpec text() {
        return task.text().withNotices(counterfactuals.stream().map(Counterfactual::notice).toList());
    }

    /** The preset's own policy if it has this id, otherwise one of the size that {@link TrainerWork} calls small. */
    ObjectNode policyConfig(String id) {
        return experiment.policy().id().equals(id) ? experiment.policy().config()
                : TrainerWork.named("small", "float32").decoder();
    }

    /** The same weights for the same context. */
    TrainablePolicy policy(String id) {
        return (TrainablePolicy) context.plugins().find(PolicyProvider.class, id)
                .configured(new PluginSpec(id, policyConfig(id)), text(), context);
    }

    Episodes begin(long first, int episodes) {
        return task.begin(new EpisodeRequest(Split.TRAIN, first, episodes, partner, context.streams()));
    }

    /** The first prompts of so many different episodes. */
    List<Prompt> prompts(int episodes) {
        return begin(0, episodes).prompts();
    }

    /** Responses of a rollout. */
    int responses(int episodes) {
        return episodes * task.rounds();
    }

    /** A quarter of a rollout. */
    int miniBatch(int episodes) {
        return Math.max(1, responses(episodes) / 4);
    }

    /** The preset's keys of PPO, with rollouts of so many episodes. */
    ObjectNode ppoConfig(int episodes) {
        ObjectNode config = experiment.algorithms().stream()
                .filter(entry -> entry.label().equals("ppo")).findFirst().orElseThrow().plugin().config().deepCopy();
        return config.put("rolloutEpisodes", episodes).put("miniBatchSize", miniBatch(episodes))
                .put("epochs", TrainerWork.EPOCHS);
    }

    /** ICR against the counterfactual {@code prefix}, on the same PPO. */
    ObjectNode icrConfig(int episodes, String place, String estimator) {
        ObjectNode config = JsonNodeFactory.instance.objectNode()
                .put("place", place).put("estimator", estimator).put("lambda", 0.1).put("anchor", "current");
        config.set("counterfactual", COUNTERFACTUAL.toJson());
        config.set("ppo", ppoConfig(episodes));
        return config;
    }

    AlignmentAlgorithm algorithm(String id, ObjectNode config) {
        return context.plugins().find(AlgorithmProvider.class, id).configured(new PluginSpec(id, config), context);
    }

    TrainingContext training(long responses, MetricsSink sink) {
        return new TrainingContext(
                task, partner, reward, responses, counterfactuals, context.streams(), sink, () -> false);
    }
}
