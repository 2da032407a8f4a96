package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.task.Intervention;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.TrainingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Speed of whole training iterations: the algorithms and the decoder as experiments use them, on work that other trainers can be
 * given too ({@link TrainerWork}).
 */
public final class TrainerBench {
    private static final String BFLOAT16 = "-bfloat16";
    /** Names of the work. */
    public static final List<String> NAMES = Stream.of("ppo-main", "ppo-small", "dpo-main", "dpo-small", "dialogue")
            .flatMap(name -> Stream.of(name, name + BFLOAT16)).toList();

    private TrainerBench() {}

    /**
     * Measures one.
     *
     * @param name one of {@link #NAMES}
     * @param iterations iterations of PPO or steps of DPO that count, at least 1; as many go before them, for the JVM to compile
     *     what runs often
     */
    public static ObjectNode measure(String name, int iterations, PluginContext context) throws IOException {
        boolean bfloat = name.endsWith(BFLOAT16);
        String work = bfloat ? name.substring(0, name.length() - BFLOAT16.length()) : name;
        String size = work.substring(work.indexOf('-') + 1);
        return measure(name, TrainerWork.named(size, bfloat ? "bfloat16" : "float32"), iterations, context);
    }

    static ObjectNode measure(String name, TrainerWork work, int iterations, PluginContext context) throws IOException {
        ObjectNode result = name.startsWith("dpo") ? dpo(work, iterations, context) : ppo(work, iterations, context);
        return result.put("name", name);
    }

    private static TrainablePolicy policy(TrainerWork work, RandomWordsTask task, PluginContext context) {
        return (TrainablePolicy) context.plugins().find(PolicyProvider.class, "transformer")
                .configured(new PluginSpec("transformer", work.decoder()), task.text(), context);
    }

    static AlignmentAlgorithm algorithm(String id, ObjectNode config, PluginContext context) {
        return context.plugins().find(AlgorithmProvider.class, id).configured(new PluginSpec(id, config), context);
    }

    static TrainingContext training(RandomWordsTask task, long budget, MetricsSink metrics, PluginContext context) {
        return new TrainingContext(
                task, (view, streams) -> Intervention.SILENCE, (prompt, response, parts) -> parts.get("own"), budget, List.of(),
                context.streams(), metrics, () -> false);
    }

    static ObjectNode ppoConfig(int episodes, int miniBatch) {
        return JsonNodeFactory.instance.objectNode()
                .put("rolloutEpisodes", episodes)
                .put("epochs", TrainerWork.EPOCHS)
                .put("miniBatchSize", miniBatch)
                .put("learningRate", 1.41e-5)
                .put("clip", 0.2)
                .put("valueClip", 0.2)
                .put("valueCoefficient", 0.1)
                .put("gamma", 1.0)
                .put("gaeLambda", 0.95)
                .put("klCoefficient", 0.05);
    }

    /** Iterations of sampling, reference, advantages and {@link TrainerWork#EPOCHS} passes of updates. */
    private static ObjectNode ppo(TrainerWork work, int iterations, PluginContext context) {
        ObjectNode config = ppoConfig(work.batch(), work.miniBatch());
        RandomWordsTask task = new RandomWordsTask(work);
        try (ClockedPolicy policy = new ClockedPolicy(policy(work, task, context))) {
            return PpoIterations.measure(algorithm("ppo", config, context), policy,
                    (budget, sink) -> training(task, budget, sink, context),
                    work.responses(), iterations, iterations,
                    (responses, words) -> Operations.decoder(
                            work.decoder(), task.text(), words + (double) responses * TrainerWork.PROMPT_MARKS));
        }
    }

    /** Steps over preference pairs from a file, the reference's scores of every pair included. */
    private static ObjectNode dpo(TrainerWork work, int iterations, PluginContext context) throws IOException {
        RandomWordsTask task = new RandomWordsTask(work);
        try (TrainablePolicy policy = policy(work, task, context)) {
            dpo(work, task, policy, iterations, context);
            Meter meter = new Meter();
            double seconds = dpo(work, task, policy, iterations, context);
            ObjectNode result = JsonNodeFactory.instance.objectNode()
                    .put("iterations", iterations)
                    .put("pairsPerSecond", work.batch() * iterations / seconds);
            result.putObject("seconds").put("total", seconds / iterations);
            meter.addTo(result);
            return result;
        }
    }

    private static double dpo(TrainerWork work, RandomWordsTask task, TrainablePolicy policy, int steps, PluginContext context)
            throws IOException {
        Path file = Files.createTempFile("pairs", ".jsonl");
        try {
            RandomGenerator random = context.streams().stream("pairs", steps, 0, 0);
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < work.batch() * steps; i++) {
                lines.add(JsonNodeFactory.instance.objectNode()
                        .put("prompt", task.randomWords(work.prompt() - TrainerWork.PROMPT_MARKS, random))
                        .put("chosen", task.randomWords(work.response(), random))
                        .put("rejected", task.randomWords(work.response(), random))
                        .toString());
            }
            Files.write(file, lines);
            ObjectNode config = JsonNodeFactory.instance.objectNode()
                    .put("epochs", 1).put("batchSize", work.batch()).put("learningRate", 1e-6);
            config.putObject("preferences").put("id", "jsonl").put("file", file.toString());
            AlignmentAlgorithm algorithm = algorithm("dpo", config, context);
            long begin = System.nanoTime();
            algorithm.train(training(task, (long) work.batch() * steps, (responses, metrics) -> {}, context), policy);
            return (System.nanoTime() - begin) / 1e9;
        } finally {
            Files.delete(file);
        }
    }
}
