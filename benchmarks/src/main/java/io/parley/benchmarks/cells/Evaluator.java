package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.EvaluationSettings;
import io.parley.benchmarks.results.Metrics;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Task;
import io.parley.core.training.PreferenceFile;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;

/**
 * Judges a policy: it meets every partner in the same episodes, and once nobody (the silent twin), with the same random
 * streams, so that what differs is what the partner did. Episodes depend on seed and split alone: all algorithms of a seed
 * answer the same ones.
 */
final class Evaluator {
    static final InterventionAgent SILENCE = (view, streams) -> Intervention.SILENCE;

    /** Episodes whose responses are scored in one call. */
    private static final int SCORED_TOGETHER = 64;

    private final Task task;
    private final EvaluationSettings settings;
    private final Counterfactual counterfactual;
    private final RandomStreams streams;
    private final DoubleConsumer progress;
    private final BooleanSupplier cancelled;

    Evaluator(Task task, EvaluationSettings settings, Counterfactual counterfactual, RandomStreams streams,
            DoubleConsumer progress, BooleanSupplier cancelled) {
        this.task = task;
        this.settings = settings;
        this.counterfactual = counterfactual;
        this.streams = streams;
        this.progress = progress;
        this.cancelled = cancelled;
    }

    /**
     * A partner of the evaluation.
     *
     * @param label the name it has in metrics
     * @param pooled whether metrics without a name count it
     */
    record Opponent(String label, boolean pooled, InterventionAgent agent) {}

    /**
     * @param metrics by name; null where nothing was observed
     * @param counts by name of a metric: the observations it averages
     */
    record Judgement(Map<String, Double> metrics, Map<String, Long> counts) {}

    /** What came of the episodes with one partner: logs, the mean reward of an episode by part, and other means. */
    private record Played(List<ObjectNode> logs, Map<String, Double> rewards, Map<String, Mean> measured) {}

    /** What a policy was shown and said in one round, and the kind of state it was in. */
    private record Shown(Prompt prompt, Prompt cut, Response response, String stratum) {}

    private static final class Mean {
        private double sum;
        private long n;

        void add(double value) {
            sum += value;
            n++;
        }

        Metric metric() {
            return n == 0 ? Metric.NONE : new Metric(sum / n, n);
        }
    }

    /**
     * @param best the policy that regret is measured against; null if it is not known
     * @param dialogues where the first dialogues with each partner are written, gzipped JSON Lines
     */
    Judgement judge(Policy policy, Policy best, List<Opponent> opponents, Path dialogues) throws IOException {
        Map<String, Double> metrics = new TreeMap<>();
        Map<String, Long> counts = new TreeMap<>();
        Map<String, Map<String, Metric>> pooled = new TreeMap<>();
        Played twin = play(policy, SILENCE, false);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(dialogues))) {
            for (int i = 0; i < opponents.size(); i++) {
                Opponent opponent = opponents.get(i);
                Played played = play(policy, opponent.agent(), true);
                for (int e = 0; e < played.logs().size(); e++) {
                    Scorer.mergeTwin(played.logs().get(e), twin.logs().get(e));
                }
                Map<String, Double> bestRewards = best == null ? Map.of() : play(best, opponent.agent(), false).rewards();
                Map<String, Metric> scored = score(played, bestRewards);
                scored.forEach((name, metric) -> {
                    metrics.put(Metrics.with(name, opponent.label()), metric.value());
                    counts.put(Metrics.with(name, opponent.label()), metric.count());
                });
                if (opponent.pooled()) {
                    pooled.put(opponent.label(), scored);
                }
                write(out, opponent, played.logs());
                progress.accept((i + 1.0) / opponents.size());
            }
        }
        Scorer.pool(pooled).forEach((name, metric) -> {
            metrics.put(name, metric.value());
            counts.put(name, metric.count());
        });
        return new Judgement(metrics, counts);
    }

    private Map<String, Metric> score(Played played, Map<String, Double> best) {
        Map<String, Metric> scored = new TreeMap<>(Scorer.score(played.logs()));
        Double own = played.rewards().get("own");
        scored.put(Metrics.REGRET, metric(difference(best.get("own"), own)));
        scored.put(Metrics.OWN_SHARE, metric(share(own, best.get("own"))));
        scored.put(Metrics.GROUP_SHARE, metric(share(played.rewards().get("group"), best.get("group"))));
        played.measured().forEach((name, mean) -> scored.put(name, mean.metric()));
        return scored;
    }

    private Metric metric(Double value) {
        return value == null ? Metric.NONE : new Metric(value, settings.episodes());
    }

    private static Double difference(Double a, Double b) {
        return a == null || b == null ? null : a - b;
    }

    private static Double share(Double own, Double best) {
        return own == null || best == null || best == 0 ? null : own / best;
    }

    private Played play(Policy policy, InterventionAgent partner, boolean measure) {
        Episodes episodes = task.begin(new EpisodeRequest(settings.split(), 0, settings.episodes(), partner, streams));
        int size = episodes.size();
        Map<String, Double> rewards = new TreeMap<>();
        List<List<Shown>> shown = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            shown.add(new ArrayList<>());
        }
        // Only dialogues that are kept, and only those in words.
        int kept = measure && task.text().format() instanceof ResponseFormat.FreeText ? Math.min(settings.dialogues(), size) : 0;
        List<List<ChatMessage>> chats = new ArrayList<>();
        while (!episodes.done()) {
            requireRunning();
            int round = episodes.round();
            List<Prompt> prompts = new ArrayList<>();
            List<Prompt> cuts = new ArrayList<>();
            fit(policy, episodes.prompts(), round, prompts, cuts);
            chats.clear();
            prompts.subList(0, kept).forEach(prompt -> chats.add(new ArrayList<>(policy.chat(prompt))));
            List<RandomGenerator> draws = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                draws.add(streams.stream("sample", i, round, 0));
            }
            List<Response> responses = policy.sample(prompts, SamplingConfig.standard(), draws);
            for (int i = 0; i < kept; i++) {
                chats.get(i).add(ChatMessage.of(responses.get(i)));
            }
            List<String> strata = episodes.strata();
            for (int i = 0; i < size; i++) {
                shown.get(i).add(new Shown(prompts.get(i), cuts.get(i), responses.get(i), strata.get(i)));
            }
            for (Map<String, Double> parts : episodes.step(responses)) {
                parts.forEach((part, reward) -> rewards.merge(part, reward / size, Double::sum));
            }
        }
        List<ObjectNode> logs = episodes.log();
        for (int i = 0; i < kept; i++) {
            logs.get(i).set(DialogueLog.MESSAGES, PreferenceFile.messages(chats.get(i)));
        }
        return new Played(logs, rewards, measure ? measure(policy, shown, logs) : Map.of());
    }

    private void requireRunning() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("the evaluation was cancelled");
        }
    }

    private void fit(Policy policy, List<Prompt> shown, int round, List<Prompt> prompts, List<Prompt> cuts) {
        List<Prompt> cut = counterfactual.cut(shown, streams.stream("counterfactual", 0, round, 0));
        for (int i = 0; i < shown.size(); i++) {
            List<Prompt> versions = policy.fit(List.of(shown.get(i), cut.get(i)));
            prompts.add(versions.get(0));
            cuts.add(versions.get(1));
        }
    }

    /**
     * KL(π(·|s) ‖ π(·|s_CF)) a token of each response, in nats, into the logs, and the entropy of π(·|s_CF) a response, by kind
     * of state. Nothing if the policy cannot score.
     *
     * @param shown by episode and round: a policy that reads a dialogue once scores all of its rounds in one pass
     */
    private Map<String, Mean> measure(Policy policy, List<List<Shown>> shown, List<ObjectNode> logs) {
        Map<String, Mean> measured = new TreeMap<>();
        for (int first = 0; first < shown.size(); first += SCORED_TOGETHER) {
            requireRunning();
            List<Shown> rows = shown.subList(first, Math.min(shown.size(), first + SCORED_TOGETHER)).stream()
                    .flatMap(List::stream).toList();
            List<Prompt> prompts = rows.stream().map(Shown::prompt).toList();
            List<Prompt> cuts = rows.stream().map(Shown::cut).toList();
            List<Response> responses = rows.stream().map(Shown::response).toList();
            Scores here;
            Scores there;
            try {
                here = policy.score(prompts, responses,
                        ScoreRequest.logProbs().withDivergences(List.of(new ScoreRequest.Divergence(policy, cuts, 0))));
                there = policy.score(cuts, responses, ScoreRequest.logProbs().withEntropy());
            } catch (UnsupportedOperationException e) {
                return Map.of();
            }
            int rounds = shown.get(first).size();
            for (int row = 0; row < rows.size(); row++) {
                float[] nats = here.divergences().get(0)[row];
                measured.computeIfAbsent("counterfactualEntropy." + rows.get(row).stratum(), name -> new Mean())
                        .add(sum(there.entropy()[row]));
                ObjectNode logged = (ObjectNode) logs.get(first + row / rounds).path(DialogueLog.ROUNDS).path(row % rounds);
                // There is nothing to be sensitive to where the partner was silent.
                if (!logged.path("intervention").isNull()) {
                    logged.put(DialogueLog.COUNTERFACTUAL_SENSITIVITY, sum(nats) / nats.length);
                }
            }
        }
        return measured;
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    private void write(OutputStream out, Opponent opponent, List<ObjectNode> logs) throws IOException {
        for (ObjectNode log : logs.subList(0, Math.min(settings.dialogues(), logs.size()))) {
            out.write(log.deepCopy().put("partner", opponent.label()).toString().getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        }
    }
}
