package io.parley.testkit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.PartnerView;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.laboratory.SuggestionBandit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** Tasks that break what a task promises. */
final class BrokenTasks {
    private BrokenTasks() {}

    /** A suggestion bandit; subclasses spoil it. */
    public static class Good implements TaskProvider<NoConfig>, Task {
        final SuggestionBandit bandit = new SuggestionBandit(0.6, 3, 2);

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
        public Task create(NoConfig config, PluginContext context) {
            return this;
        }

        @Override
        public TextSpec text() {
            return bandit.text();
        }

        @Override
        public int rounds() {
            return bandit.rounds();
        }

        @Override
        public Episodes begin(EpisodeRequest request) {
            return spoil(bandit.begin(request));
        }

        Episodes spoil(Episodes episodes) {
            return episodes;
        }

        @Override
        public List<Demonstration> demonstrations(DemonstrationRequest request) {
            return bandit.demonstrations(request);
        }
    }

    /** Passes everything on. */
    static class Passing implements Episodes {
        final Episodes episodes;

        Passing(Episodes episodes) {
            this.episodes = episodes;
        }

        @Override
        public int size() {
            return episodes.size();
        }

        @Override
        public int round() {
            return episodes.round();
        }

        @Override
        public boolean done() {
            return episodes.done();
        }

        @Override
        public List<Prompt> prompts() {
            return episodes.prompts();
        }

        @Override
        public List<String> strata() {
            return episodes.strata();
        }

        @Override
        public List<Map<String, Double>> score(List<Response> responses) {
            return episodes.score(responses);
        }

        @Override
        public List<Map<String, Double>> step(List<Response> responses) {
            return episodes.step(responses);
        }

        @Override
        public Episodes fork() {
            return episodes.fork();
        }

        @Override
        public List<ObjectNode> log() {
            return episodes.log();
        }
    }

    abstract static class Contract extends TaskContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, TaskProvider.class, provider());
        }

        @Override
        protected boolean hasInstances() {
            return false;
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Good();
        }
    }

    public static final class ByRow extends Good {
        @Override
        Episodes spoil(Episodes episodes) {
            return new Passing(episodes) {
                @Override
                public List<String> strata() {
                    List<String> strata = new ArrayList<>();
                    for (int i = 0; i < size(); i++) {
                        strata.add(i == 0 ? "first" : "later");
                    }
                    return strata;
                }
            };
        }
    }

    @Breaks("anEpisodeDoesNotDependOnItsBatchMates")
    static class DependingOnTheRow extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new ByRow();
        }
    }

    public static final class FromZero extends Good {
        @Override
        Episodes spoil(Episodes episodes) {
            return new Passing(episodes) {
                @Override
                public int round() {
                    return super.round() - 1;
                }

                @Override
                public Episodes fork() {
                    return spoil(super.fork());
                }
            };
        }
    }

    @Breaks("roundsCountFromOneToTheEnd")
    static class CountingFromZero extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new FromZero();
        }
    }

    public static final class Renaming extends Good {
        @Override
        Episodes spoil(Episodes episodes) {
            return new Passing(episodes) {
                private static List<Map<String, Double>> renamed(List<Map<String, Double>> parts) {
                    return parts.stream().map(p -> Map.of("points", p.get("own"))).toList();
                }

                @Override
                public List<Map<String, Double>> score(List<Response> responses) {
                    return renamed(super.score(responses));
                }

                @Override
                public List<Map<String, Double>> step(List<Response> responses) {
                    return renamed(super.step(responses));
                }

                @Override
                public Episodes fork() {
                    return spoil(super.fork());
                }
            };
        }
    }

    @Breaks("namesAFinitePartOwn")
    static class WithoutOwn extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Renaming();
        }
    }

    public static final class Flattering extends Good {
        @Override
        Episodes spoil(Episodes episodes) {
            return new Passing(episodes) {
                @Override
                public List<Map<String, Double>> score(List<Response> responses) {
                    return super.score(responses).stream().map(p -> Map.of("own", p.get("own") + 0.1)).toList();
                }
            };
        }
    }

    @Breaks("scoringDoesNotAdvance")
    static class WithAnotherScore extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Flattering();
        }
    }

    /** Original and forks write into one log. */
    public static final class Sharing extends Good {
        private static Episodes shared(Episodes episodes, AtomicInteger steps) {
            return new Passing(episodes) {
                @Override
                public List<Map<String, Double>> step(List<Response> responses) {
                    steps.incrementAndGet();
                    return super.step(responses);
                }

                @Override
                public Episodes fork() {
                    return shared(super.fork(), steps);
                }

                @Override
                public List<ObjectNode> log() {
                    return Play.copyOf(super.log()).stream().map(log -> log.put("steps", steps.get())).toList();
                }
            };
        }

        @Override
        Episodes spoil(Episodes episodes) {
            return shared(episodes, new AtomicInteger());
        }
    }

    @Breaks("aForkLeavesTheOriginalAlone")
    static class WithOneLogForAll extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Sharing();
        }
    }

    public static final class Poor extends Good {
        @Override
        Episodes spoil(Episodes episodes) {
            return new Passing(episodes) {
                @Override
                public Episodes fork() {
                    return new Passing(super.fork()) {
                        @Override
                        public List<Map<String, Double>> step(List<Response> responses) {
                            return super.step(responses).stream().map(p -> Map.of("own", 0.0)).toList();
                        }
                    };
                }
            };
        }
    }

    @Breaks("aForkGoesOnAsTheOriginal")
    static class WithPoorForks extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Poor();
        }
    }

    public static final class Unlogged extends Good {
        @Override
        Episodes spoil(Episodes episodes) {
            return new Passing(episodes) {
                @Override
                public List<ObjectNode> log() {
                    return Collections.nCopies(size(), JsonNodeFactory.instance.objectNode().put("rounds", "none"));
                }
            };
        }
    }

    @Breaks("logsEachEpisode")
    static class WithoutALog extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Unlogged();
        }
    }

    public static final class Oblivious extends Good {
        @Override
        Episodes spoil(Episodes episodes) {
            return new Passing(episodes) {
                @Override
                public List<Prompt> prompts() {
                    return super.prompts().stream().map(prompt -> new Prompt(prompt.segments().stream()
                            .filter(s -> s.role() == Role.SYSTEM || s.round() == prompt.round()).toList())).toList();
                }

                @Override
                public Episodes fork() {
                    return spoil(super.fork());
                }
            };
        }
    }

    @Breaks("promptsGrowByAppending")
    static class ForgettingRounds extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Oblivious();
        }
    }

    public static final class Terse extends Good {
        @Override
        public TextSpec text() {
            TextSpec text = super.text();
            return new TextSpec(text.words().stream().filter(word -> !word.equals("pays")).toList(), text.maxSystemWords(),
                    text.maxDialogueWords(), text.format());
        }
    }

    @Breaks("textsAreAsAnnounced")
    static class WithAnUnknownWord extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Terse();
        }
    }

    public static final class Unsplit extends Good {
        @Override
        public Episodes begin(EpisodeRequest request) {
            return bandit.begin(new EpisodeRequest(Split.TRAIN, request.first(), request.count(), request.partner(),
                    request.streams()));
        }
    }

    @Breaks("splitsDiffer")
    static class WithoutSplits extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Unsplit();
        }
    }

    /** Other episodes in each split, but of the same coins. */
    public static final class Shared extends QuestionTaskTest.Coins {
        @Override
        public String id() {
            return "shared-coins";
        }

        @Override
        boolean belongs(int sides, Split split) {
            return true;
        }
    }

    @Breaks("splitsDiffer")
    static class WithSharedInstances extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Shared();
        }

        @Override
        protected boolean hasInstances() {
            return true;
        }
    }

    public static final class Telling extends Good {
        @Override
        Episodes spoil(Episodes episodes) {
            return new Passing(episodes) {
                @Override
                public List<String> strata() {
                    return prompts().stream().map(prompt -> {
                        Segment last = prompt.segments().get(prompt.segments().size() - 1);
                        return last.kind() == SegmentKind.INTERVENTION && last.text().startsWith("none") ? "alone" : "told";
                    }).toList();
                }
            };
        }
    }

    @Breaks("theSilentTwinIsTheSameEpisode")
    static class WithAnotherTwin extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Telling();
        }
    }

    public static final class Amnesiac extends Good {
        @Override
        public Episodes begin(EpisodeRequest request) {
            InterventionAgent partner = request.partner();
            return bandit.begin(new EpisodeRequest(request.split(), request.first(), request.count(),
                    (view, streams) -> partner.intervene(withoutPast(view), streams), request.streams()));
        }

        private static PartnerView withoutPast(PartnerView view) {
            return new PartnerView() {
                @Override
                public long episode() {
                    return view.episode();
                }

                @Override
                public int round() {
                    return view.round();
                }

                @Override
                public int rounds() {
                    return view.rounds();
                }

                @Override
                public Prompt prompt() {
                    return view.prompt();
                }

                @Override
                public List<String> trueSuggestion() {
                    return view.trueSuggestion();
                }

                @Override
                public List<String> falseSuggestion(RandomGenerator random) {
                    return view.falseSuggestion(random);
                }

                @Override
                public List<String> biasedSuggestion() {
                    return view.biasedSuggestion();
                }

                @Override
                public List<Intervention> earlier() {
                    return List.of();
                }
            };
        }
    }

    @Breaks("theViewTellsThePartnerWhatItPromises")
    static class WithoutAPast extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Amnesiac();
        }
    }

    /** Whoever began last is served well. */
    public static final class Single extends Good {
        private final Thread[] served = new Thread[1];

        @Override
        Episodes spoil(Episodes episodes) {
            served[0] = Thread.currentThread();
            return new Passing(episodes) {
                @Override
                public List<Map<String, Double>> step(List<Response> responses) {
                    try {
                        Thread.sleep(5);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    List<Map<String, Double>> parts = super.step(responses);
                    return served[0] == Thread.currentThread() ? parts : parts.stream().map(p -> Map.of("own", -1.0)).toList();
                }
            };
        }
    }

    @Breaks("servesThreadsAtOnce")
    static class ForOneThread extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Single();
        }
    }

    public static final class Stubborn extends Good {
        @Override
        public List<Demonstration> demonstrations(DemonstrationRequest request) {
            return bandit.demonstrations(
                    new DemonstrationRequest(request.count(), 0.5, request.partner(), request.counterfactuals(),
                            request.streams()));
        }
    }

    @Breaks("demonstratesAsAsked")
    static class WithoutConformity extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Stubborn();
        }
    }

    public static final class Unstoppable extends Good {
        @Override
        public List<Demonstration> demonstrations(DemonstrationRequest request) {
            return bandit.demonstrations(new DemonstrationRequest(request.count(), request.conformity(), request.partner(),
                    request.counterfactuals(), request.streams()));
        }
    }

    @Breaks("demonstratesAsAsked")
    static class WholeDialoguesOnly extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Unstoppable();
        }
    }

    public static final class Referring extends Good {
        @Override
        public List<PluginSpec> references(PluginSpec trainPartner) {
            return List.of(PluginSpec.of("no-such-policy"));
        }
    }

    @Breaks("namesReferencesThatExist")
    static class NamingWhatIsNotThere extends Contract {
        @Override
        protected TaskProvider<?> provider() {
            return new Referring();
        }
    }
}
