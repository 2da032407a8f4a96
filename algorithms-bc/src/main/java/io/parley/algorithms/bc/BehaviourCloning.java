package io.parley.algorithms.bc;

import ai.djl.ndarray.NDArray;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.MessagesFile;
import io.parley.core.training.MiniBatches;
import io.parley.core.training.TrainingContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Behaviour cloning: minimises −Σ_t log π(y_t | x, y_{&lt;t}) over demonstrations (x, y), a mean over response tokens. They are
 * the task's, or those of a file of dialogues. Prompts carry no loss, and the value head is not trained. Nothing is sampled, so
 * none of the budget is used.
 */
final class BehaviourCloning implements AlignmentAlgorithm {
    private final BehaviourCloningProvider.Config config;
    /** Of the task's demonstrations; null where they are a file's. */
    private final InterventionAgent partner;
    /** Of the file; null where the task demonstrates. */
    private final List<MessagesFile.Dialogue> dialogues;

    BehaviourCloning(BehaviourCloningProvider.Config config, PluginContext context) {
        this.config = config;
        if (config.file() != null) {
            partner = null;
            dialogues = read(config.file());
            return;
        }
        dialogues = null;
        try {
            partner = context.plugins().find(InterventionAgentProvider.class, config.partner().id()).configured(config.partner(), context);
        } catch (ConfigurationException e) {
            throw e.at("partner");
        }
    }

    private static List<MessagesFile.Dialogue> read(String file) {
        try {
            return MessagesFile.read(Path.of(file));
        } catch (IOException e) {
            throw new ConfigurationException("file", e.getMessage(), e);
        }
    }

    @Override
    public void train(TrainingContext context, TrainablePolicy policy) {
        List<Demonstration> demonstrations = dialogues != null ? told(policy)
                : context.task().demonstrations(new DemonstrationRequest(
                        config.demonstrations(), config.conformity(), partner, context.counterfactuals(), context.streams())).stream()
                        .map(demonstration -> fitted(policy, demonstration)).toList();
        List<Prompt> prompts = demonstrations.stream().map(Demonstration::prompt).toList();
        List<Response> responses = demonstrations.stream().map(Demonstration::response).toList();
        policy.configureOptimizer(new OptimizerConfig(0.9, 0.999, 1e-8, config.weightDecay(), config.maxGradNorm()));
        boolean whole = config.wholeDialogues() == null ? MiniBatches.wholeByDefault(context.task().rounds()) : config.wholeDialogues();
        Progress begun = context.checkpoint().restore(policy, Progress.class).orElse(new Progress(0, 0, 0));
        for (int epoch = begun.epoch(); epoch < config.epochs(); epoch++) {
            double loss = epoch == begun.epoch() ? begun.loss() : 0;
            int updates = epoch == begun.epoch() ? begun.updates() : 0;
            List<int[]> batches = MiniBatches.shuffled(prompts, config.batchSize(), whole, context.streams(), epoch);
            for (int[] rows : batches.subList(updates, batches.size())) {
                context.checkCancelled();
                double left = config.decay() ? 1 - (epoch + (double) updates / batches.size()) / config.epochs() : 1;
                loss += update(policy, pick(prompts, rows), pick(responses, rows), left * config.learningRate());
                updates++;
                context.checkpoint().keep(policy, new Progress(epoch, updates, loss));
            }
            context.metrics().record(0, Map.of("epoch", epoch + 1.0, "loss", loss / updates));
        }
    }

    private static Demonstration fitted(TrainablePolicy policy, Demonstration demonstration) {
        return new Demonstration(policy.fit(List.of(demonstration.prompt())).get(0), demonstration.response());
    }

    /** What the file says, in the order of its lines; all of it is tried before the first update. */
    private List<Demonstration> told(TrainablePolicy policy) {
        List<Demonstration> told = new ArrayList<>();
        for (MessagesFile.Dialogue dialogue : dialogues) {
            for (Demonstration written : dialogue.demonstrations()) {
                try {
                    Demonstration demonstration = fitted(policy, written);
                    policy.responseLengths(List.of(demonstration.prompt()), List.of(demonstration.response()));
                    told.add(demonstration);
                } catch (IllegalArgumentException e) {
                    throw new ConfigurationException("file", config.file() + ", line " + dialogue.line()
                            + ": the policy cannot learn it: " + e.getMessage(), e);
                }
            }
        }
        return told;
    }

    /**
     * How far it is.
     *
     * @param updates made in this epoch
     * @param loss their sum
     */
    record Progress(int epoch, int updates, double loss) {}

    /** Returns the mean negative log-likelihood of a token before the step. */
    private double update(TrainablePolicy policy, List<Prompt> prompts, List<Response> responses, double learningRate) {
        List<int[]> parts = policy.microBatches(prompts, responses);
        // Most mini-batches are one part, for which nobody need count.
        double[] shares = parts.size() == 1 ? new double[] {1} : shares(policy, prompts, responses, parts);
        double loss = 0;
        try (UpdateScope scope = policy.beginUpdate()) {
            for (int k = 0; k < shares.length; k++) {
                int[] part = parts.get(k);
                ScoreArrays scores = scope.score(pick(prompts, part), pick(responses, part), ScoreRequest.logProbs());
                NDArray nll = scores.logProbs().mul(scores.mask()).sum().div(scores.mask().sum()).mul(scope.constant(-shares[k]));
                scope.backward(nll);
                loss += nll.stopGradient().getFloat();
            }
            scope.step(learningRate);
        }
        return loss;
    }

    /** Each part's share of the response tokens. */
    private static double[] shares(TrainablePolicy policy, List<Prompt> prompts, List<Response> responses, List<int[]> parts) {
        int[] lengths = policy.responseLengths(prompts, responses);
        double total = Arrays.stream(lengths).sum();
        return parts.stream().mapToDouble(part -> Arrays.stream(part).map(row -> lengths[row]).sum() / total).toArray();
    }

    private static <T> List<T> pick(List<T> list, int[] rows) {
        return Arrays.stream(rows).mapToObj(list::get).toList();
    }
}
