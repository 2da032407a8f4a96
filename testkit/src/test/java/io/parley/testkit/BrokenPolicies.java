package io.parley.testkit;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.laboratory.TabularPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** Policies that break what a policy promises. */
final class BrokenPolicies {
    private static final AtomicInteger MADE = new AtomicInteger();

    private BrokenPolicies() {}

    /** What the providers have in common. */
    public abstract static class Base implements PolicyProvider<NoConfig> {
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
        public final Policy create(NoConfig config, TextSpec text, PluginContext context) {
            return policy((ResponseFormat.Choices) text.format());
        }

        abstract Policy policy(ResponseFormat.Choices format);
    }

    /** A table whose rows are not uniform. */
    static class Table implements Policy {
        private final TabularPolicy table;
        private final Set<Prompt> met = new HashSet<>();
        /** Moves every logit. */
        double shift;

        Table(ResponseFormat.Choices format) {
            table = new TabularPolicy(format, TabularPolicy.Optimizer.ADAM);
        }

        private void meet(List<Prompt> prompts) {
            for (Prompt prompt : prompts) {
                if (met.add(prompt)) {
                    double tilt = 0.1 * Math.floorMod(prompt.toString().hashCode(), 7) + 0.2 + shift;
                    table.setLogits(prompt, List.of(), tilt, -0.2);
                    table.setLogits(prompt, List.of("left"), -tilt, 0.3);
                    table.setLogits(prompt, List.of("right"), 0.5, tilt);
                }
            }
        }

        @Override
        public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
            meet(prompts);
            return table.sample(prompts, sampling, streams);
        }

        @Override
        public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            meet(prompts);
            return table.score(prompts, responses, request);
        }

        @Override
        public void close() {
            table.close();
        }
    }

    public static final class Good extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format);
        }
    }

    abstract static class Contract extends PolicyContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, PolicyProvider.class, provider());
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Good();
        }
    }

    /** Shouts the last word of its response in the second round. */
    public static final class Shouting extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    List<Response> responses = new ArrayList<>(super.sample(prompts, sampling, streams));
                    for (int i = 0; i < responses.size(); i++) {
                        Response said = responses.get(i);
                        if (prompts.get(i).round() == 2) {
                            String[] words = said.text().split(" ");
                            responses.set(i, Response.sampled(words[0] + " " + words[1].toUpperCase(Locale.ROOT), said.logProbs(),
                                    sampling.values() ? said.values() : null, said.tokens()));
                        }
                    }
                    return responses;
                }

                @Override
                public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    return super.score(prompts, responses.stream().map(r -> r.isSampled() ? r
                            : Response.of(r.text().toLowerCase(Locale.ROOT))).toList(), request);
                }
            };
        }
    }

    @Breaks("drawsOneAllowedResponseEach")
    static class WithWordsOfItsOwn extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Shouting();
        }
    }

    /** Its log-probabilities are those of another temperature. */
    public static final class Misreporting extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    return super.sample(prompts, sampling, streams).stream().map(said -> {
                        float[] logProbs = said.logProbs().clone();
                        logProbs[0] *= 0.9f;
                        return Response.sampled(said.text(), logProbs, sampling.values() ? said.values() : null, said.tokens());
                    }).toList();
                }
            };
        }
    }

    @Breaks("sampledLogProbsAreTheScoredOnes")
    static class WithOtherLogProbs extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Misreporting();
        }
    }

    /** Forgets a twentieth of one word's probability, wherever it says it. */
    public static final class Losing extends Base {
        private static final String WORDS = "right right";

        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    return super.sample(prompts, sampling, streams).stream().map(said -> {
                        float[] logProbs = said.logProbs().clone();
                        logProbs[1] -= said.text().equals(WORDS) && sampling.topK() == 0 ? 0.05f : 0;
                        return Response.sampled(said.text(), logProbs, sampling.values() ? said.values() : null, said.tokens());
                    }).toList();
                }

                @Override
                public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    Scores scores = super.score(prompts, responses, request.withSmoothing(0));
                    for (int i = 0; i < responses.size(); i++) {
                        float[] logProbs = scores.logProbs()[i];
                        logProbs[1] -= responses.get(i).text().equals(WORDS) ? 0.05f : 0;
                        for (int t = 0; t < 2; t++) {
                            logProbs[t] = (float) Math.log((1 - request.smoothing()) * Math.exp(logProbs[t])
                                    + request.smoothing() / 2);
                        }
                    }
                    return scores;
                }
            };
        }
    }

    @Breaks("probabilitiesSumToOne")
    static class LosingProbability extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Losing();
        }
    }

    public static final class Biased extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    return super.sample(prompts, sampling, streams.stream().map(random -> new RandomGenerator() {
                        @Override
                        public double nextDouble() {
                            return 0.7 * random.nextDouble();
                        }

                        @Override
                        public long nextLong() {
                            return random.nextLong();
                        }
                    }).toList());
                }
            };
        }
    }

    @Breaks("drawsAsOftenAsItSays")
    static class WithABias extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Biased();
        }
    }

    public static final class Wasteful extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    streams.forEach(RandomGenerator::nextDouble);
                    return super.sample(prompts, sampling, streams);
                }
            };
        }
    }

    @Breaks("takesOneNumberForEachToken")
    static class TakingMore extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Wasteful();
        }
    }

    public static final class Reversing extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    List<RandomGenerator> reversed = new ArrayList<>(streams);
                    Collections.reverse(reversed);
                    return super.sample(prompts, sampling, reversed);
                }
            };
        }
    }

    @Breaks("aRowDoesNotDependOnItsBatchMates")
    static class WithAnotherRowsStream extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Reversing();
        }
    }

    public static final class Trembling extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                private int asked;

                @Override
                public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    Scores scores = super.score(prompts, responses, request);
                    scores.logProbs()[0][0] += 1e-5f * (asked++ % 2);
                    return scores;
                }
            };
        }
    }

    @Breaks("scoringIsDeterministic")
    static class WithNoise extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Trembling();
        }
    }

    public static final class Warm extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    return super.sample(prompts, sampling.temperature() > 0 ? sampling : SamplingConfig.standard(), streams);
                }
            };
        }
    }

    @Breaks("temperatureZeroTakesTheMostLikely")
    static class NeverGreedy extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Warm();
        }
    }

    public static final class Generous extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    return super.sample(prompts,
                            new SamplingConfig(sampling.temperature(), 0, sampling.topP(), sampling.values()), streams);
                }
            };
        }
    }

    @Breaks("topKKeepsTheMostLikely")
    static class WithoutTopK extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Generous();
        }
    }

    public static final class Rough extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    return super.score(prompts, responses, request.withSmoothing(0));
                }
            };
        }
    }

    @Breaks("smoothingMixesWithTheUniform")
    static class WithoutSmoothing extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Rough();
        }
    }

    public static final class InBits extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    Scores scores = super.score(prompts, responses, request);
                    for (int i = 0; scores.entropy() != null && i < scores.entropy().length; i++) {
                        scores.entropy()[i][0] /= (float) Math.log(2);
                    }
                    return scores;
                }
            };
        }
    }

    @Breaks("entropyIsThatOfTheDistribution")
    static class WithEntropyInBits extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new InBits();
        }
    }

    public static final class Halfway extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling,
                        List<? extends RandomGenerator> streams) {
                    if (sampling.values()) {
                        throw new UnsupportedOperationException("no values");
                    }
                    return super.sample(prompts, sampling, streams);
                }
            };
        }
    }

    @Breaks("valuesAreThereOrRefused")
    static class WithValuesWhenScoringOnly extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Halfway();
        }
    }

    public static final class Lenient extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    return super.score(prompts, responses.subList(0, Math.min(prompts.size(), responses.size())), request);
                }
            };
        }
    }

    @Breaks("refusesWhatItCannotScore")
    static class TakingAnySize extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Lenient();
        }
    }

    public static final class Cropping extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                @Override
                public List<Prompt> fit(List<Prompt> versions) {
                    return versions.stream().map(prompt -> {
                        int n = prompt.segments().size();
                        return n <= 10 ? prompt : new Prompt(prompt.segments().subList(n - 10, n));
                    }).toList();
                }
            };
        }
    }

    @Breaks("fitKeepsWhatMustStay")
    static class CroppingTheRules extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Cropping();
        }
    }

    public static final class Touchy extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format) {
                private boolean closed;

                @Override
                public void close() {
                    if (closed) {
                        throw new IllegalStateException("closed already");
                    }
                    closed = true;
                    super.close();
                }
            };
        }
    }

    @Breaks("canBeClosedTwice")
    static class ClosingOnce extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Touchy();
        }
    }

    public static final class Individual extends Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            Table table = new Table(format);
            table.shift = 0.01 * MADE.incrementAndGet();
            return table;
        }
    }

    @Breaks("theSameSeedMakesTheSamePolicy")
    static class WithAnotherSource extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Individual();
        }
    }

    public static final class Choosy extends Base {
        @Override
        public void check(NoConfig config, TextSpec text, PluginContext context) {
            throw new ConfigurationException("id", "it serves no such texts");
        }

        @Override
        Policy policy(ResponseFormat.Choices format) {
            return new Table(format);
        }
    }

    @Breaks("theCheckTakesWhatAPolicyCanBeMadeOf")
    static class RefusingWhatItServes extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Choosy();
        }
    }
}
