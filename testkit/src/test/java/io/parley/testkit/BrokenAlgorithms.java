package io.parley.testkit;

import ai.djl.ndarray.NDArray;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.Rollout;
import io.parley.core.training.TrainingContext;
import io.parley.core.training.Turn;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Algorithms that break what an algorithm promises. */
final class BrokenAlgorithms {
    private static final int EPISODES = 250;
    private static final AtomicInteger RUNS = new AtomicInteger();

    private BrokenAlgorithms() {}

    /** Williams (1992), with the mean reward as its baseline. */
    public static class Good implements AlgorithmProvider<NoConfig> {
        @Override
        public String id() {
            return "fixture";
        }

        @Override
        public String description() {
            return "For tests.";
        }

        @Override
        public int spiVersion() {
            return Spi.VERSION;
        }

        @Override
        public Class<NoConfig> configType() {
            return NoConfig.class;
        }

        @Override
        public AlignmentAlgorithm create(NoConfig config, PluginContext plugins) {
            return this::train;
        }

        void train(TrainingContext context, TrainablePolicy policy) {
            int rounds = context.task().rounds();
            long episodes = budget(context) / rounds;
            if (episodes == 0) {
                throw new ConfigurationException("budget.responses",
                        context.budget() + " is less than an episode, which has " + rounds);
            }
            policy.configureOptimizer(OptimizerConfig.adam());
            Progress begun = context.checkpoint().restore(policy, Progress.class).orElse(new Progress(0));
            for (long first = begun.episodes(); first < episodes; first += EPISODES) {
                poll(context);
                int count = (int) Math.min(EPISODES, episodes - first);
                Rollout rollout = Rollout.sample(context, policy, first, count, SamplingConfig.standard(), List.of());
                double mean = rollout.turns().stream().mapToDouble(Turn::reward).average().orElseThrow();
                float[][] advantages = new float[rollout.turns().size()][1];
                for (int i = 0; i < advantages.length; i++) {
                    advantages[i][0] = (float) (rollout.turns().get(i).reward() - mean);
                }
                try (UpdateScope scope = policy.beginUpdate()) {
                    ScoreArrays scores = scope.score(rollout.prompts(), rollout.responses(), ScoreRequest.logProbs());
                    NDArray logProbs = scores.logProbs().sum(new int[] {1}, true);
                    scope.backward(logProbs.mul(scope.array(advantages, 1)).mean().mul(scope.constant(sign())));
                    scope.step(rate());
                }
                report(context, (first + count) * rounds, mean);
                context.checkpoint().keep(policy, progress(first + count));
            }
            end(policy);
        }

        record Progress(long episodes) {}

        Progress progress(long episodes) {
            return new Progress(episodes);
        }

        long budget(TrainingContext context) {
            return context.budget();
        }

        void poll(TrainingContext context) {
            context.checkCancelled();
        }

        float sign() {
            return -1;
        }

        double rate() {
            return 0.05;
        }

        void report(TrainingContext context, long responses, double reward) {
            context.metrics().record(responses, Map.of("reward", reward));
        }

        void end(TrainablePolicy policy) {}
    }

    abstract static class Contract extends AlgorithmContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, AlgorithmProvider.class, provider());
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Good();
        }
    }

    public static final class Descending extends Good {
        @Override
        float sign() {
            return 1;
        }
    }

    @Breaks("learns")
    static class Unlearning extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Descending();
        }
    }

    public static final class Varying extends Good {
        @Override
        double rate() {
            return 0.05 + 1e-5 * RUNS.incrementAndGet();
        }
    }

    @Breaks("isDeterministic")
    static class WithAnotherSource extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Varying();
        }

        /** Differs from itself whether it was cut off or not. */
        @Override
        void goesOnFromWhatItKept() {}
    }

    public static final class Spending extends Good {
        @Override
        long budget(TrainingContext context) {
            return context.budget() + 100;
        }
    }

    @Breaks("respectsItsBudget")
    static class OverBudget extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Spending();
        }
    }

    public static final class Mute extends Good {
        @Override
        void report(TrainingContext context, long responses, double reward) {}
    }

    @Breaks("reportsItsCurve")
    static class WithoutReports extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Mute();
        }
    }

    public static final class Boasting extends Good {
        @Override
        void report(TrainingContext context, long responses, double reward) {
            super.report(context, responses / context.task().rounds(), reward);
        }
    }

    @Breaks("reportsItsCurve")
    static class CountingEpisodes extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Boasting();
        }
    }

    public static final class Deaf extends Good {
        @Override
        void poll(TrainingContext context) {}
    }

    @Breaks("stopsWhenCancelled")
    static class Unstoppable extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Deaf();
        }
    }

    public static final class Leaking extends Good {
        @Override
        void end(TrainablePolicy policy) {
            policy.snapshot();
        }
    }

    @Breaks("closesWhatItOpens")
    static class WithAnOpenSnapshot extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Leaking();
        }
    }

    public static final class Closing extends Good {
        @Override
        void end(TrainablePolicy policy) {
            policy.close();
        }
    }

    @Breaks("leavesThePolicyToItsCaller")
    static class ClosingThePolicy extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Closing();
        }
    }

    public static final class Naming extends Good {
        @Override
        public List<PluginSpec> counterfactuals(NoConfig config, PluginContext context) {
            return List.of(PluginSpec.of("no-such-counterfactual"));
        }
    }

    @Breaks("namesCounterfactualsThatExist")
    static class NamingWhatIsNotThere extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Naming();
        }
    }

    public static final class Repeating extends Good {
        @Override
        Progress progress(long episodes) {
            return new Progress(episodes - 1);
        }
    }

    @Breaks("goesOnFromWhatItKept")
    static class PlayingAnEpisodeTwice extends Contract {
        @Override
        protected AlgorithmProvider<?> provider() {
            return new Repeating();
        }
    }
}
