package io.parley.benchmarks.bench;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Speed and memory of {@code causal-lm} with the weights of a folder, on random words of one token each. */
public final class PretrainedBench {
    /** Names of the work: what is done, and in which precision. */
    public static final List<String> NAMES = Stream.of("float32", "bfloat16").flatMap(precision ->
            Stream.of("score", "decode", "lora", "lora-third", "ppo", "memory").map(work -> work + "-" + precision)).toList();

    private static final int SCORED = 16;
    private static final int DECODED = 32;
    private static final int TRAINED = 8;
    /** Tokens of a row that is scored or trained on: prompt and response. */
    private static final int ROW = 128;
    private static final int ROW_PROMPT = 2;
    private static final int HALF_ROW = 64;
    private static final int PPO_RESPONSES = 64;
    private static final int PPO_RESPONSE = 16;
    private static final int PPO_MINI_BATCH = 16;

    private final WordPerTokenFolder folder;
    private final String work;
    private final String precision;
    private final PluginContext context;
    private final int iterations;

    private PretrainedBench(WordPerTokenFolder folder, String name, int iterations, PluginContext context) {
        this.folder = folder;
        this.work = name.substring(0, name.lastIndexOf('-'));
        this.precision = name.substring(name.lastIndexOf('-') + 1);
        this.iterations = iterations;
        this.context = context;
    }

    /**
     * Measures one: the median of the iterations after a third as many for warming up.
     *
     * @param name one of {@link #NAMES}
     * @param model folder of a checkpoint; its tokenizer is not used
     * @param iterations that count, at least 1
     * @param updates of memory
     */
    public static ObjectNode measure(String name, Path model, int iterations, int updates, PluginContext context)
            throws IOException {
        try (WordPerTokenFolder folder = new WordPerTokenFolder(model)) {
            PretrainedBench bench = new PretrainedBench(folder, name, iterations, context);
            ObjectNode result = switch (bench.work) {
                case "score" -> bench.score();
                case "decode" -> bench.decode();
                case "lora", "lora-third" -> bench.update();
                case "ppo" -> bench.ppo();
                default -> bench.memory(updates);
            };
            return result.put("name", name);
        }
    }

    private TrainablePolicy policy(RandomWordsTask task, int maxResponse) {
        ObjectNode config = JsonNodeFactory.instance.objectNode()
                .put("path", folder.path().toString())
                .put("rank", 16)
                .put("precision", precision)
                .put("maxResponse", maxResponse);
        if (!work.equals("lora") && !work.equals("score") && !work.equals("decode")) {
            config.put("layers", Math.max(1, folder.layers() / 3));
        }
        return (TrainablePolicy) context.plugins().find(PolicyProvider.class, "causal-lm")
                .configured(new PluginSpec("causal-lm", config), task.text(), context);
    }

    /** Rows of random words, others for every iteration. */
    private record Rows(List<Prompt> prompts, List<Response> responses) {
        static Rows of(RandomWordsTask task, int count, int promptWords, int responseWords, RandomGenerator random) {
            List<Prompt> prompts = new ArrayList<>();
            List<Response> responses = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                prompts.add(new Prompt(List.of(
                        new Segment(Role.USER, SegmentKind.QUESTION, 1, task.randomWords(promptWords, random)))));
                responses.add(Response.of(task.randomWords(responseWords, random)));
            }
            return new Rows(prompts, responses);
        }
    }

    private interface Iteration {
        /** @return tokens that were worked on */
        long run(RandomGenerator random, int iteration);
    }

    private ObjectNode tokensPerSecond(Iteration iteration) {
        int warmUp = iterations / 3 + 1;
        List<Double> rates = new ArrayList<>();
        long tokens = 0;
        double processor = 0;
        Meter meter = null;
        for (int i = 0; i < warmUp + iterations; i++) {
            if (i == warmUp) {
                meter = new Meter();
                processor = Meter.ownSeconds();
                tokens = 0;
            }
            RandomGenerator random = context.streams().stream("rows", i, 0, 0);
            long start = System.nanoTime();
            long worked = iteration.run(random, i);
            rates.add(worked * 1e9 / (System.nanoTime() - start));
            tokens += worked;
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("iterations", iterations)
                .put("tokensPerSecond", Median.of(rates.subList(warmUp, rates.size()), rate -> rate))
                .put("tokensPerProcessorSecond", tokens / (Meter.ownSeconds() - processor));
        meter.addTo(result);
        return result;
    }

    private ObjectNode score() {
        RandomWordsTask task = new RandomWordsTask(folder.words(), ROW_PROMPT, ROW - ROW_PROMPT);
        try (TrainablePolicy policy = policy(task, ROW - ROW_PROMPT)) {
            return tokensPerSecond((random, i) -> {
                Rows rows = Rows.of(task, SCORED, ROW_PROMPT, ROW - ROW_PROMPT, random);
                policy.score(rows.prompts(), rows.responses(), ScoreRequest.logProbs());
                return SCORED * ROW;
            });
        }
    }

    private ObjectNode decode() {
        RandomWordsTask task = new RandomWordsTask(folder.words(), HALF_ROW, HALF_ROW);
        try (TrainablePolicy policy = policy(task, HALF_ROW)) {
            return tokensPerSecond((random, iteration) -> {
                Rows rows = Rows.of(task, DECODED, HALF_ROW, 1, random);
                List<RandomGenerator> streams = new ArrayList<>();
                for (int i = 0; i < DECODED; i++) {
                    streams.add(context.streams().stream("sample", iteration, i, 0));
                }
                return policy.sample(rows.prompts(), SamplingConfig.standard(), streams).stream()
                        .mapToLong(response -> response.logProbs().length).sum();
            });
        }
    }

    private ObjectNode update() {
        RandomWordsTask task = new RandomWordsTask(folder.words(), ROW_PROMPT, ROW - ROW_PROMPT);
        try (TrainablePolicy policy = policy(task, ROW - ROW_PROMPT)) {
            policy.configureOptimizer(OptimizerConfig.adam());
            return tokensPerSecond((random, i) -> {
                Rows rows = Rows.of(task, TRAINED, ROW_PROMPT, ROW - ROW_PROMPT, random);
                try (UpdateScope update = policy.beginUpdate()) {
                    for (int[] part : policy.microBatches(rows.prompts(), rows.responses())) {
                        NDArray logProbs = update.score(
                                at(rows.prompts(), part), at(rows.responses(), part), ScoreRequest.logProbs()).logProbs();
                        update.backward(logProbs.sum().div(-TRAINED * (ROW - ROW_PROMPT)));
                    }
                    update.step(1e-4);
                }
                return TRAINED * ROW;
            });
        }
    }

    private static <T> List<T> at(List<T> rows, int[] part) {
        return rows.subList(part[0], part[part.length - 1] + 1);
    }

    private ObjectNode ppo() {
        RandomWordsTask task = new RandomWordsTask(folder.words(), HALF_ROW, PPO_RESPONSE);
        try (ClockedPolicy policy = new ClockedPolicy(policy(task, PPO_RESPONSE))) {
            return PpoIterations.measure(
                    TrainerBench.algorithm("ppo", TrainerBench.ppoConfig(PPO_RESPONSES, PPO_MINI_BATCH), context), policy,
                    (budget, sink) -> TrainerBench.training(task, budget, sink, context),
                    PPO_RESPONSES, iterations / 3 + 1, iterations, (responses, words) -> 0);
        }
    }

    private ObjectNode memory(int updates) {
        int perRollout = PPO_RESPONSES / PPO_MINI_BATCH * TrainerWork.EPOCHS;
        int rollouts = (updates + perRollout - 1) / perRollout;
        RandomWordsTask task = new RandomWordsTask(folder.words(), HALF_ROW, PPO_RESPONSE);
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        try (ClockedPolicy policy = new ClockedPolicy(policy(task, PPO_RESPONSE))) {
            TrainerBench.algorithm("ppo", TrainerBench.ppoConfig(PPO_RESPONSES, PPO_MINI_BATCH), context)
                    .train(TrainerBench.training(task, (long) rollouts * PPO_RESPONSES,
                            MemoryGrowth.points(result, policy, (long) rollouts * perRollout), context), policy);
        }
        return result;
    }
}
