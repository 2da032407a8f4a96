package io.parley.testkit;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.laboratory.SuggestionBandit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** Counterfactuals that break what a counterfactual promises. */
final class BrokenCounterfactuals {
    private static final Counterfactual MASK = SuggestionBandit.withoutSuggestions();

    private BrokenCounterfactuals() {}

    public static class Good implements CounterfactualProvider<NoConfig> {
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
        public Counterfactual create(NoConfig config, PluginContext context) {
            return new Counterfactual() {
                @Override
                public List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
                    return Good.this.cut(prompts, random);
                }

                @Override
                public boolean cutsEveryRound() {
                    return every();
                }

                @Override
                public List<String> notice() {
                    return Good.this.notice();
                }
            };
        }

        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            return MASK.cut(prompts, random);
        }

        boolean every() {
            return true;
        }

        List<String> notice() {
            return List.of();
        }
    }

    abstract static class Contract extends CounterfactualContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, CounterfactualProvider.class, provider());
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Good();
        }
    }

    private static List<Prompt> each(List<Prompt> prompts, UnaryOperator<Segment> change) {
        return prompts.stream().map(prompt -> new Prompt(prompt.segments().stream().map(change).toList())).toList();
    }

    public static final class InPlace extends Good {
        @Override
        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            List<Prompt> cut = super.cut(prompts, random);
            try {
                prompts.set(0, cut.get(0));
            } catch (UnsupportedOperationException unmodifiable) {
                return cut;
            }
            return cut;
        }
    }

    @Breaks("leavesItsInputAsItIs")
    static class WritingIntoTheList extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new InPlace();
        }
    }

    /** The interventions of the last round move to a round that has not come. */
    public static final class Ahead extends Good {
        @Override
        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            return super.cut(prompts, random).stream().map(prompt -> {
                int round = Math.min(4, prompt.round() + 1);
                return new Prompt(prompt.segments().stream().map(s -> s.kind() == SegmentKind.INTERVENTION
                        && s.round() == prompt.round()
                        ? new Segment(s.role(), s.kind(), round == 4 ? 4 : round, s.text()) : s).toList());
            }).toList();
        }
    }

    @Breaks("keepsTheRound")
    static class InAnotherRound extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Ahead();
        }

        /** Cutting twice moves twice; that is not what this one is about. */
        @Override
        void leavesWhatIsCutAsItIs() {}
    }

    public static final class Greedy extends Good {
        @Override
        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            return each(super.cut(prompts, random), s -> s.kind() == SegmentKind.RESPONSE ? s.withText("none none") : s);
        }
    }

    @Breaks("changesNothingElse")
    static class CuttingResponsesToo extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Greedy();
        }
    }

    public static final class Idle extends Good {
        @Override
        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            return prompts;
        }
    }

    @Breaks("cutsSomething")
    static class CuttingNothing extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Idle();
        }
    }

    public static final class Sweeping extends Good {
        @Override
        boolean every() {
            return false;
        }
    }

    @Breaks("leavesEarlierRoundsUnlessItCutsEveryRound")
    static class CuttingMoreThanItSays extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Sweeping();
        }
    }

    /** Says a word of the task in the system segments that it did not announce. */
    public static final class Whispering extends Good {
        private static final Segment WORD = new Segment(Role.SYSTEM, SegmentKind.NOTICE, 0, "left");

        @Override
        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            return super.cut(prompts, random).stream().map(prompt -> {
                if (prompt.segments().contains(WORD)) {
                    return prompt;
                }
                List<Segment> segments = new ArrayList<>(prompt.segments());
                segments.add(1, WORD);
                return new Prompt(segments);
            }).toList();
        }
    }

    @Breaks("announcesItsNotice")
    static class WithAnotherNotice extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Whispering();
        }
    }

    public static final class Strange extends Good {
        @Override
        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            return each(super.cut(prompts, random), s -> s.kind() == SegmentKind.INTERVENTION
                    ? s.withText("nothing was said") : s);
        }
    }

    @Breaks("fitsTheTextsOfTheTask")
    static class WithStrangeWords extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Strange();
        }
    }

    private static final AtomicInteger CALLS = new AtomicInteger();

    /** Cuts every second time, and draws so that nobody expects it to repeat itself. */
    public static final class Fickle extends Good {
        @Override
        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            random.nextInt();
            String word = CALLS.incrementAndGet() % 2 == 0 ? "none" : "left";
            return each(prompts, s -> s.kind() == SegmentKind.INTERVENTION ? s.withText("none " + word) : s);
        }
    }

    @Breaks("drawsFromItsGeneratorAlone")
    static class WithAnotherSource extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Fickle();
        }
    }

    /** Turns suggestions around: twice cut is not cut. */
    public static final class Opposite extends Good {
        @Override
        List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
            return each(prompts, s -> s.kind() != SegmentKind.INTERVENTION ? s
                    : s.withText(s.text().replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")));
        }
    }

    @Breaks("leavesWhatIsCutAsItIs")
    static class TurningAround extends Contract {
        @Override
        protected CounterfactualProvider<?> provider() {
            return new Opposite();
        }
    }
}
