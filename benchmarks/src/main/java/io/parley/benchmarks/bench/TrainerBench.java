package io.parley.benchmarks.bench;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.task.Intervention;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.TrainingContext;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Speed of whole training iterations: the algorithms and the decoder as experiments use them, on work that Python's trainers
 * can be given too. Prints one line of JSON.
 */
public final class TrainerBench {
    private static final int WARM_UP = 3;

    private TrainerBench() {}

    /**
     * Measures one algorithm.
     *
     * @param args {@code ppo} or {@code dpo}; {@code main} or {@code small}; optionally the number of iterations, 8 by default
     */
    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            System.err.println("usage: TrainerBench ppo|dpo main|small [iterations]");
            System.exit(2);
        }
        int iterations = args.length > 2 ? Integer.parseInt(args[2]) : 8;
        PluginContext context = PluginContext.standalone(1);
        TrainerWork work = TrainerWork.named(args[1]);
        ObjectNode result = switch (args[0]) {
            case "ppo" -> ppo(work, iterations, context);
            case "dpo" -> dpo(work, iterations, context);
            default -> throw new IllegalArgumentException("algorithm is " + args[0] + "; ppo or dpo");
        };
        result.put("size", args[1]);
        result.put("threads", Integer.getInteger("ai.djl.pytorch.num_threads", 0));
        System.out.println(result);
    }

    private static TrainablePolicy policy(TrainerWork work, RandomWordsTask task, PluginContext context) {
        ObjectNode config = new ObjectMapper().createObjectNode()
                .put("hidden", work.hidden())
                .put("layers", work.layers())
                .put("heads", work.heads())
                .put("intermediate", work.intermediate())
                .put("context", 256);
        PolicyProvider<?> provider = context.plugins().find(PolicyProvider.class, "transformer");
        return (TrainablePolicy) create(provider, config, task, context);
    }

    private static <C extends Record> Policy create(
            PolicyProvider<C> provider, ObjectNode config, RandomWordsTask task, PluginContext context) {
        return provider.create(context.plugins().config(provider, new PluginSpec(provider.id(), config)), task.text(), context);
    }

    private static AlignmentAlgorithm algorithm(String id, ObjectNode config, PluginContext context) {
        return algorithm(context.plugins().find(AlgorithmProvider.class, id), config, context);
    }

    private static <C extends Record> AlignmentAlgorithm algorithm(AlgorithmProvider<C> provider, ObjectNode config, PluginContext context) {
        return provider.create(context.plugins().config(provider, new PluginSpec(provider.id(), config)), context);
    }

    private static TrainingContext training(RandomWordsTask task, long budget, MetricsSink metrics, PluginContext context) {
        return new TrainingContext(
                task, (view, streams) -> Intervention.SILENCE, (prompt, response, parts) -> parts.get("own"), budget, List.of(),
                context.streams(), metrics, () -> false, context);
    }

    /** Iterations of sampling, reference, advantages and {@link TrainerWork#EPOCHS} passes of updates. */
    private static ObjectNode ppo(TrainerWork work, int iterations, PluginContext context) {
        ObjectNode config = new ObjectMapper().createObjectNode()
                .put("rolloutEpisodes", work.batch())
                .put("epochs", TrainerWork.EPOCHS)
                .put("miniBatchSize", work.miniBatch())
                .put("learningRate", 1.41e-5)
                .put("clip", 0.2)
                .put("valueClip", 0.2)
                .put("valueCoefficient", 0.1)
                .put("gamma", 1.0)
                .put("gaeLambda", 0.95)
                .put("klCoefficient", 0.05);
        RandomWordsTask task = new RandomWordsTask(work);
        try (Clocked policy = new Clocked(policy(work, task, context))) {
            List<double[]> seconds = new ArrayList<>();
            double[] last = policy.read();
            Meter meter = new Meter();
            MetricsSink sink = (responses, metrics) -> {
                double[] now = policy.read();
                double[] spent = new double[now.length];
                Arrays.setAll(spent, i -> now[i] - last[i]);
                System.arraycopy(now, 0, last, 0, now.length);
                seconds.add(spent);
                if (seconds.size() == WARM_UP) {
                    meter.start();
                }
            };
            algorithm("ppo", config, context).train(
                    training(task, (long) work.batch() * (WARM_UP + iterations), sink, context), policy);
            ObjectNode result = meter.stop(iterations);
            List<double[]> kept = seconds.subList(WARM_UP, seconds.size());
            result.put("bench", "ppo");
            ObjectNode medians = result.putObject("seconds");
            List<String> names = List.of("total", "sample", "score", "update", "forward", "backward", "step");
            for (int i = 0; i < names.size(); i++) {
                int column = i;
                medians.put(names.get(i), median(kept.stream().mapToDouble(row -> row[column]).toArray()));
            }
            result.put("totalMin", kept.stream().mapToDouble(row -> row[0]).min().orElseThrow());
            result.put("responsesPerSecond", work.batch() / medians.get("total").asDouble());
            return result;
        }
    }

    /** Steps over preference pairs from a file, the reference's scores of every pair included. */
    private static ObjectNode dpo(TrainerWork work, int iterations, PluginContext context) throws IOException {
        RandomWordsTask task = new RandomWordsTask(work);
        try (TrainablePolicy policy = policy(work, task, context)) {
            dpo(work, task, policy, WARM_UP, context);
            Meter meter = new Meter();
            meter.start();
            double seconds = dpo(work, task, policy, iterations, context);
            ObjectNode result = meter.stop(iterations);
            result.put("bench", "dpo").put("secondsPerStep", seconds / iterations);
            result.put("pairsPerSecond", work.batch() * iterations / seconds);
            return result;
        }
    }

    private static double dpo(TrainerWork work, RandomWordsTask task, TrainablePolicy policy, int steps, PluginContext context)
            throws IOException {
        Path file = Files.createTempFile("pairs", ".jsonl");
        try {
            RandomGenerator random = context.streams().stream("pairs", steps, 0, 0);
            List<String> lines = new ArrayList<>();
            ObjectMapper mapper = new ObjectMapper();
            for (int i = 0; i < work.batch() * steps; i++) {
                lines.add(mapper.createObjectNode()
                        .put("prompt", task.randomWords(work.prompt() - TrainerWork.PROMPT_MARKS, random))
                        .put("chosen", task.randomWords(work.response(), random))
                        .put("rejected", task.randomWords(work.response(), random))
                        .toString());
            }
            Files.write(file, lines);
            ObjectNode config = mapper.createObjectNode().put("epochs", 1).put("batchSize", work.batch()).put("learningRate", 1e-6);
            config.putObject("preferences").put("id", "jsonl").put("file", file.toString());
            AlignmentAlgorithm algorithm = algorithm("dpo", config, context);
            long begin = System.nanoTime();
            algorithm.train(training(task, (long) work.batch() * steps, (responses, metrics) -> {}, context), policy);
            return (System.nanoTime() - begin) / 1e9;
        } finally {
            Files.delete(file);
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int n = values.length;
        return (values[(n - 1) / 2] + values[n / 2]) / 2;
    }

    /** Cores that this process and all others kept busy, so that a disturbed measurement can be told. */
    private static final class Meter {
        private long wall = System.nanoTime();
        private double own;
        private double machine;

        void start() {
            wall = System.nanoTime();
            own = ownSeconds();
            machine = machineSeconds();
        }

        ObjectNode stop(int iterations) {
            double seconds = (System.nanoTime() - wall) / 1e9;
            double mine = ownSeconds() - own;
            ObjectNode result = new ObjectMapper().createObjectNode()
                    .put("iterations", iterations)
                    .put("cpuSecondsPerIteration", mine / iterations)
                    .put("ownCores", mine / seconds);
            double all = machineSeconds() - machine;
            return Double.isNaN(all) ? result : result.put("otherCores", (all - mine) / seconds);
        }

        private static double ownSeconds() {
            return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                    ? system.getProcessCpuTime() / 1e9
                    : Double.NaN;
        }

        /** Linux counts in hundredths of a second; NaN elsewhere. */
        private static double machineSeconds() {
            try {
                String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+");
                double ticks = 0;
                for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
                    ticks += Double.parseDouble(fields[i]);
                }
                return ticks / 100;
            } catch (IOException e) {
                return Double.NaN;
            }
        }
    }

    /** A policy that adds up the seconds spent in each of its methods. */
    private static final class Clocked implements TrainablePolicy {
        private final TrainablePolicy policy;
        private final long begin = System.nanoTime();
        private double sample;
        private double score;
        private double update;
        private double forward;
        private double backward;
        private double step;

        Clocked(TrainablePolicy policy) {
            this.policy = policy;
        }

        double[] read() {
            return new double[] {(System.nanoTime() - begin) / 1e9, sample, score, update, forward, backward, step};
        }

        private static double since(long start) {
            return (System.nanoTime() - start) / 1e9;
        }

        @Override
        public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
            long start = System.nanoTime();
            List<Response> responses = policy.sample(prompts, sampling, streams);
            sample += since(start);
            return responses;
        }

        @Override
        public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            return policy.score(prompts, responses, request);
        }

        @Override
        public List<Prompt> fit(List<Prompt> versions) {
            return policy.fit(versions);
        }

        @Override
        public void configureOptimizer(OptimizerConfig config) {
            policy.configureOptimizer(config);
        }

        @Override
        public UpdateScope beginUpdate() {
            long opened = System.nanoTime();
            UpdateScope scope = policy.beginUpdate();
            return new UpdateScope() {
                @Override
                public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    long start = System.nanoTime();
                    var scores = scope.score(prompts, responses, request);
                    forward += since(start);
                    return scores;
                }

                @Override
                public NDArray array(float[][] rows, int columns) {
                    return scope.array(rows, columns);
                }

                @Override
                public void backward(NDArray loss) {
                    long start = System.nanoTime();
                    scope.backward(loss);
                    backward += since(start);
                }

                @Override
                public double step(double learningRate) {
                    long start = System.nanoTime();
                    double norm = scope.step(learningRate);
                    step += since(start);
                    return norm;
                }

                @Override
                public void close() {
                    scope.close();
                    update += since(opened);
                }
            };
        }

        @Override
        public List<int[]> microBatches(List<Prompt> prompts, List<Response> responses) {
            return policy.microBatches(prompts, responses);
        }

        @Override
        public Policy snapshot() {
            Policy snapshot = policy.snapshot();
            return new Policy() {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
                    return snapshot.sample(prompts, sampling, streams);
                }

                @Override
                public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    long start = System.nanoTime();
                    Scores scores = snapshot.score(prompts, responses, request);
                    score += since(start);
                    return scores;
                }

                @Override
                public void close() {
                    snapshot.close();
                }
            };
        }

        @Override
        public long parameterCount() {
            return policy.parameterCount();
        }

        @Override
        public void save(Path folder) throws IOException {
            policy.save(folder);
        }

        @Override
        public void load(Path folder) throws IOException {
            policy.load(folder);
        }

        @Override
        public void close() {
            policy.close();
        }
    }
}
