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
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.Intervention;
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
 *
 * <p>What is easier may come first (curriculum learning, Bengio et al. 2009): questions that are answered alone, one round each.
 * A long dialogue has one question for as many words as a dozen of these, and a partner to follow instead of reading the evidence.
 */
final class BehaviourCloning implements AlignmentAlgorithm {
    private final BehaviourCloningProvider.Config config;
    /** Of the task's demonstrations; null where they are a file's. */
    private final InterventionAgent partner;
    /** Of the file; null where the task demonstrates. */
    private final List<MessagesFile.Dialogue> file;

    BehaviourCloning(BehaviourCloningProvider.Config config, PluginContext context) {
        this.config = config;
        file = config.file() == null ? null : read(config.file());
        try {
            partner = config.partner() == null ? null : context.plugins()
                    .find(InterventionAgentProvider.class, config.partner().id()).configured(config.partner(), context);
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
        List<Demonstration> dialogues = file != null ? told(policy) : fitted(policy, context.task().demonstrations(
                new DemonstrationRequest(
                        config.demonstrations(), config.conformity(), partner, context.counterfactuals(), context.streams())));
        boolean whole = config.wholeDialogues() == null
                ? MiniBatches.wholeByDefault(context.task().rounds()) : config.wholeDialogues();
        int alone = config.aloneDemonstrations() == null ? 0 : config.aloneDemonstrations();
        double aloneShare = alone / (alone + (double) config.epochs() * dialogues.size());
        policy.configureOptimizer(new OptimizerConfig(0.9, 0.999, 1e-8, config.weightDecay(), config.maxGradNorm()));
        Progress begun = context.checkpoint().restore(policy, Progress.class).orElse(new Progress(alone > 0 ? 0 : 1, 0, 0));
        for (int epoch = begun.epoch(); epoch <= config.epochs(); epoch++) {
            Pass pass = epoch == 0 ? alone(context, policy) : pass(dialogues, whole, context.streams(), epoch - 1);
            double loss = epoch == begun.epoch() ? begun.loss() : 0;
            int updates = epoch == begun.epoch() ? begun.updates() : 0;
            for (int[] rows : pass.batches().subList(updates, pass.batches().size())) {
                context.checkCancelled();
                double part = (double) updates / pass.batches().size();
                double done = epoch == 0 ? aloneShare * part
                        : aloneShare + (1 - aloneShare) * (epoch - 1 + part) / config.epochs();
                loss += update(policy, MiniBatches.rows(pass.prompts(), rows), MiniBatches.rows(pass.responses(), rows),
                        config.lrSchedule().at(config.learningRate(), done));
                updates++;
                context.checkpoint().keep(policy, new Progress(epoch, updates, loss));
            }
            context.metrics().record(0, Map.of("epoch", (double) epoch, "loss", loss / updates));
        }
    }

    private Pass alone(TrainingContext context, TrainablePolicy policy) {
        RandomStreams streams = context.streams().derive("alone");
        List<Demonstration> solved = context.task().demonstrations(new DemonstrationRequest(
                config.aloneDemonstrations(), 0, (view, random) -> Intervention.SILENCE, List.of(), streams, true, 1));
        return pass(fitted(policy, solved), false, streams, 0);
    }

    private Pass pass(List<Demonstration> demonstrations, boolean whole, RandomStreams streams, int shuffle) {
        List<Prompt> prompts = demonstrations.stream().map(Demonstration::prompt).toList();
        return new Pass(prompts, demonstrations.stream().map(Demonstration::response).toList(),
                MiniBatches.shuffled(prompts, config.batchSize(), whole, streams, shuffle));
    }

    private static List<Demonstration> fitted(TrainablePolicy policy, List<Demonstration> demonstrations) {
        return demonstrations.stream().map(demonstration -> fitted(policy, demonstration)).toList();
    }

    private static Demonstration fitted(TrainablePolicy policy, Demonstration demonstration) {
        return new Demonstration(policy.fit(List.of(demonstration.prompt())).get(0), demonstration.response());
    }

    /** What the file says, in the order of its lines; all of it is tried before the first update. */
    private List<Demonstration> told(TrainablePolicy policy) {
        List<Demonstration> told = new ArrayList<>();
        for (MessagesFile.Dialogue dialogue : file) {
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
     * Once over some demonstrations.
     *
     * @param batches indices of mini-batches
     */
    private record Pass(List<Prompt> prompts, List<Response> responses, List<int[]> batches) {}

    /**
     * How far it is.
     *
     * @param epoch over the dialogues, from 1; 0 over what is answered alone
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
                ScoreArrays scores = scope.score(
                        MiniBatches.rows(prompts, part), MiniBatches.rows(responses, part), ScoreRequest.logProbs());
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
}
