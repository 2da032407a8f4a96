package io.parley.testkit;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.training.Preference;
import io.parley.core.training.PreferenceSource;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.Preferences;
import io.parley.core.training.TrainingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Sources of preference pairs that break what such a source promises. */
final class BrokenPreferences {
    private static final AtomicInteger RUNS = new AtomicInteger();

    private BrokenPreferences() {}

    /** Two responses in the first round of each episode. */
    public static class Good implements PreferenceSourceProvider<NoConfig> {
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
        public PreferenceSource create(NoConfig config, PluginContext context) {
            return this::pairs;
        }

        Preferences pairs(TrainingContext context, TrainablePolicy initial) {
            List<Preference> pairs = new ArrayList<>();
            long sampled = 0;
            for (long first = 0; sampled + 2 <= context.budget(); first++) {
                poll(context);
                Episodes episode = context.task()
                        .begin(new EpisodeRequest(Split.TRAIN, first, 1, context.partner(), context.streams()));
                List<Prompt> prompts = episode.prompts();
                List<Response> two = new ArrayList<>();
                List<Double> own = new ArrayList<>();
                for (int k = 0; k < 2; k++) {
                    List<Response> one = initial.sample(prompts, SamplingConfig.standard(),
                            List.of(context.streams().stream(purpose(), first, 1, k)));
                    two.addAll(one);
                    own.add(episode.score(one).get(0).get("own"));
                    sampled++;
                }
                if (keeps(own.get(0), own.get(1))) {
                    int better = own.get(0) > own.get(1) ? 0 : 1;
                    pairs.add(new Preference(prompts.get(0), two.get(better), two.get(1 - better)));
                }
            }
            end(initial);
            return new Preferences(pairs, counted(sampled), 0);
        }

        void poll(TrainingContext context) {
            context.checkCancelled();
        }

        String purpose() {
            return "sample";
        }

        boolean keeps(double one, double other) {
            return one != other;
        }

        long counted(long sampled) {
            return sampled;
        }

        void end(TrainablePolicy initial) {}
    }

    abstract static class Contract extends PreferenceSourceContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, PreferenceSourceProvider.class, provider());
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected PreferenceSourceProvider<?> provider() {
            return new Good();
        }
    }

    public static final class Halving extends Good {
        @Override
        long counted(long sampled) {
            return sampled / 2;
        }
    }

    @Breaks("keepsToTheBudgetAndCounts")
    static class CountingPairs extends Contract {
        @Override
        protected PreferenceSourceProvider<?> provider() {
            return new Halving();
        }
    }

    public static final class Keeping extends Good {
        @Override
        boolean keeps(double one, double other) {
            return true;
        }
    }

    @Breaks("pairsHoldTwoResponses")
    static class KeepingTies extends Contract {
        @Override
        protected PreferenceSourceProvider<?> provider() {
            return new Keeping();
        }
    }

    public static final class Varying extends Good {
        @Override
        String purpose() {
            return "sample" + RUNS.incrementAndGet();
        }
    }

    @Breaks("isDeterministic")
    static class WithAnotherSource extends Contract {
        @Override
        protected PreferenceSourceProvider<?> provider() {
            return new Varying();
        }
    }

    public static final class Leaking extends Good {
        @Override
        void end(TrainablePolicy initial) {
            initial.snapshot();
        }
    }

    @Breaks("leavesTheInitialPolicyAsItIs")
    static class WithAnOpenSnapshot extends Contract {
        @Override
        protected PreferenceSourceProvider<?> provider() {
            return new Leaking();
        }
    }

    public static final class Deaf extends Good {
        @Override
        void poll(TrainingContext context) {}
    }

    @Breaks("stopsWhenCancelled")
    static class Unstoppable extends Contract {
        @Override
        protected PreferenceSourceProvider<?> provider() {
            return new Deaf();
        }
    }
}
