package io.parley.testkit;

import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Intervention;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.PartnerView;
import io.parley.laboratory.SuggestionBandit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Partners that break what a partner promises. */
final class BrokenPartners {
    private static final InterventionAgent GOOD = SuggestionBandit.partner(0.7, 0.2);

    private BrokenPartners() {}

    public static class Good implements InterventionAgentProvider<NoConfig> {
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
        public InterventionAgent create(NoConfig config, PluginContext context) {
            return GOOD;
        }
    }

    abstract static class Contract extends PartnerContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, InterventionAgentProvider.class, provider());
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected InterventionAgentProvider<?> provider() {
            return new Good();
        }
    }

    public static final class Foreign extends Good {
        @Override
        public InterventionAgent create(NoConfig config, PluginContext context) {
            return (view, streams) -> new Intervention(view.trueSuggestion().stream().map(word -> "try-" + word).toList(),
                    Tone.CONFIDENT);
        }
    }

    @Breaks("suggestsInTheTasksWords")
    static class InItsOwnWords extends Contract {
        @Override
        protected InterventionAgentProvider<?> provider() {
            return new Foreign();
        }
    }

    /** Goes by what it said in this episode, which it remembers itself: the episode must come in order. */
    public static final class Remembering extends Good {
        @Override
        public InterventionAgent create(NoConfig config, PluginContext context) {
            List<Long> met = new ArrayList<>();
            return (view, streams) -> {
                boolean again = met.contains(view.episode() * 1000 + view.round());
                met.add(view.episode() * 1000 + view.round());
                return again ? Intervention.SILENCE : new Intervention(view.trueSuggestion(), Tone.CONFIDENT);
            };
        }
    }

    @Breaks("keepsNoState")
    static class WithAMemory extends Contract {
        @Override
        protected InterventionAgentProvider<?> provider() {
            return new Remembering();
        }
    }

    private static final AtomicLong MADE = new AtomicLong();

    /** Every instance has a mood of its own. */
    public static final class Moody extends Good {
        @Override
        public InterventionAgent create(NoConfig config, PluginContext context) {
            boolean good = MADE.incrementAndGet() % 2 == 0;
            return (view, streams) -> good ? new Intervention(view.trueSuggestion(), Tone.CONFIDENT) : Intervention.SILENCE;
        }
    }

    @Breaks("repeatsItselfWhenItSaysSo")
    static class WithAMood extends Contract {
        @Override
        protected InterventionAgentProvider<?> provider() {
            return new Moody();
        }

        /** Two instances differ here too; that is not what this one is about. */
        @Override
        void drawsByEpisodeAndRound() {}
    }

    /** Knows who came first. */
    public static final class Relative extends Good {
        @Override
        public InterventionAgent create(NoConfig config, PluginContext context) {
            AtomicLong first = new AtomicLong(-1);
            return (view, streams) -> {
                first.compareAndSet(-1, view.episode());
                return streams.stream("partner", view.episode() - first.get(), view.round(), 0).nextDouble() < 0.5
                        ? new Intervention(view.trueSuggestion(), Tone.CONFIDENT) : Intervention.SILENCE;
            };
        }
    }

    @Breaks("drawsByEpisodeAndRound")
    static class KeyedByTheRow extends Contract {
        @Override
        protected InterventionAgentProvider<?> provider() {
            return new Relative();
        }
    }

    /** One that is not deterministic says so, and is left in peace. */
    public static final class Person extends Good {
        @Override
        public InterventionAgent create(NoConfig config, PluginContext context) {
            return new InterventionAgent() {
                @Override
                public Intervention intervene(PartnerView view, RandomStreams streams) {
                    return MADE.incrementAndGet() % 3 == 0 ? Intervention.SILENCE
                            : new Intervention(view.trueSuggestion(), Tone.CONFIDENT);
                }

                @Override
                public boolean deterministic() {
                    return false;
                }
            };
        }
    }

    static class Undeterministic extends Contract {
        @Override
        protected InterventionAgentProvider<?> provider() {
            return new Person();
        }
    }
}
