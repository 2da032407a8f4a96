package io.parley.testkit;

import ai.djl.ndarray.NDArray;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.PluginContext;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.laboratory.TabularPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Trainable policies that break what a trainable policy promises. */
final class BrokenTrainables {
    private BrokenTrainables() {}

    /** A table behind a wrapper that subclasses spoil. */
    public abstract static class Base extends BrokenPolicies.Base {
        @Override
        Policy policy(ResponseFormat.Choices format) {
            return spoil(new TabularPolicy(format, TabularPolicy.Optimizer.ADAM));
        }

        abstract TrainablePolicy spoil(TabularPolicy table);
    }

    /** Passes everything on. */
    static class Scope implements UpdateScope {
        final UpdateScope scope;

        Scope(UpdateScope scope) {
            this.scope = scope;
        }

        @Override
        public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            return scope.score(prompts, responses, request);
        }

        @Override
        public NDArray array(float[][] rows, int columns) {
            return scope.array(rows, columns);
        }

        @Override
        public void backward(NDArray loss) {
            scope.backward(loss);
        }

        @Override
        public double step(double learningRate) {
            return scope.step(learningRate);
        }

        @Override
        public void close() {
            scope.close();
        }
    }

    abstract static class Contract extends TrainablePolicyContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, PolicyProvider.class, provider());
        }
    }

    public static final class Good extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table);
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Good();
        }
    }

    private static ScoreArrays withLogProbs(ScoreArrays scores, NDArray logProbs) {
        return new ScoreArrays(scores.mask(), logProbs, scores.values(), scores.entropy(), scores.divergences());
    }

    public static final class Shifted extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public UpdateScope beginUpdate() {
                    return new Scope(super.beginUpdate()) {
                        @Override
                        public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                            ScoreArrays scores = super.score(prompts, responses, request);
                            return withLogProbs(scores, scores.logProbs().add(0.01));
                        }
                    };
                }
            };
        }
    }

    @Breaks("anUpdateScoresAsThePolicyDoes")
    static class WithOtherScoresInUpdates extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Shifted();
        }
    }

    public static final class Doubled extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public UpdateScope beginUpdate() {
                    return new Scope(super.beginUpdate()) {
                        @Override
                        public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                            ScoreArrays scores = super.score(prompts, responses, request);
                            NDArray logProbs = scores.logProbs();
                            return withLogProbs(scores, logProbs.mul(2).sub(logProbs.stopGradient()));
                        }
                    };
                }
            };
        }
    }

    @Breaks("gradientsAgreeWithFiniteDifferences")
    static class WithAnotherGradient extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Doubled();
        }
    }

    /** Learns the first word of a response, and scores all: what is missing lies across what is there. */
    public static final class FirstWord extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public UpdateScope beginUpdate() {
                    return new Scope(super.beginUpdate()) {
                        @Override
                        public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                            ScoreArrays scores = super.score(prompts, responses, request);
                            NDArray logProbs = scores.logProbs();
                            NDArray first = array(new float[][] {{1}}, (int) logProbs.getShape().get(1));
                            return withLogProbs(scores,
                                    logProbs.mul(first).add(logProbs.stopGradient().mul(first.neg().add(1))));
                        }
                    };
                }
            };
        }
    }

    @Breaks("gradientsAgreeWithFiniteDifferences")
    static class WithTheGradientOfTheFirstWord extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new FirstWord();
        }
    }

    public static final class FirstOnly extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public UpdateScope beginUpdate() {
                    return new Scope(super.beginUpdate()) {
                        private boolean done;

                        @Override
                        public void backward(NDArray loss) {
                            super.backward(done ? loss.mul(0) : loss);
                            done = true;
                        }
                    };
                }
            };
        }
    }

    @Breaks("gradientsOfPartsAddUp")
    static class WithTheFirstLossOnly extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new FirstOnly();
        }
    }

    public static final class Swallowing extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public UpdateScope beginUpdate() {
                    return new Scope(super.beginUpdate()) {
                        @Override
                        public double step(double learningRate) {
                            try {
                                return super.step(learningRate);
                            } catch (ArithmeticException e) {
                                return Double.NaN;
                            }
                        }
                    };
                }
            };
        }
    }

    @Breaks("aGradientThatIsNotFiniteChangesNothing")
    static class SwallowingNaN extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Swallowing();
        }
    }

    public static final class Moving extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public Policy snapshot() {
                    return new ObservedPolicy(this) {
                        @Override
                        public void close() {}
                    };
                }
            };
        }
    }

    @Breaks("aSnapshotIsIsolated")
    static class WithAMovingSnapshot extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Moving();
        }
    }

    /** Loads only what it saved itself. */
    public static final class Private extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                private boolean saved;

                @Override
                public void save(Path folder) throws IOException {
                    saved = true;
                    super.save(folder);
                }

                @Override
                public void load(Path folder) throws IOException {
                    if (saved) {
                        super.load(folder);
                    }
                }
            };
        }
    }

    @Breaks("savesAndLoadsExactly")
    static class LoadingItsOwnOnly extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Private();
        }
    }

    public static final class Trusting extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public void load(Path folder) {
                    try {
                        super.load(folder);
                    } catch (IOException e) {
                        // As if nothing had happened.
                        return;
                    }
                }
            };
        }
    }

    @Breaks("refusesFilesThatAreNotWhole")
    static class SwallowingTruncation extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Trusting();
        }
    }

    public static final class Remembering extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                private OptimizerConfig last;

                @Override
                public void configureOptimizer(OptimizerConfig config) {
                    if (!config.equals(last)) {
                        super.configureOptimizer(config);
                    }
                    last = config;
                }
            };
        }
    }

    @Breaks("configuringTheOptimiserForgetsItsMoments")
    static class WithOldMoments extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Remembering();
        }

        /** Takes its steps with an optimiser that was to begin anew. */
        @Override
        void gradientsAgreeWithFiniteDifferences() {}
    }

    public static final class Hasty extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public UpdateScope beginUpdate() {
                    return new Scope(super.beginUpdate()) {
                        private boolean due;

                        @Override
                        public void backward(NDArray loss) {
                            due = true;
                            super.backward(loss);
                        }

                        @Override
                        public double step(double learningRate) {
                            due = false;
                            return super.step(learningRate);
                        }

                        @Override
                        public void close() {
                            if (due) {
                                step(0.01);
                            }
                            super.close();
                        }
                    };
                }
            };
        }
    }

    @Breaks("anUpdateThatIsClosedWithoutAStepChangesNothing")
    static class SteppingWhenClosed extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Hasty();
        }
    }

    public static final class Dropping extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public List<int[]> microBatches(List<Prompt> prompts, List<Response> responses) {
                    return super.microBatches(prompts.subList(1, prompts.size()), responses.subList(1, responses.size()));
                }
            };
        }
    }

    @Breaks("microBatchesHoldEachRowOnce")
    static class WithoutTheLastRow extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Dropping();
        }
    }

    public static final class Miscounting extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public int[] responseLengths(List<Prompt> prompts, List<Response> responses) {
                    return Arrays.stream(super.responseLengths(prompts, responses)).map(length -> length + 1).toArray();
                }
            };
        }
    }

    @Breaks("responseLengthsAreThoseOfTheScores")
    static class WithLongerResponses extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Miscounting();
        }
    }

    public static final class InBits extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                @Override
                public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                    Scores scores = super.score(prompts, responses, request);
                    scores.divergences().forEach(rows -> {
                        for (float[] row : rows) {
                            row[0] /= (float) Math.log(2);
                        }
                    });
                    return scores;
                }
            };
        }
    }

    @Breaks("divergencesAreExact")
    static class WithDivergencesInBits extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new InBits();
        }
    }

    /** Writes the parameters and forgets the moments. */
    public static final class Halving extends Base {
        @Override
        TrainablePolicy spoil(TabularPolicy table) {
            return new ObservedPolicy(table) {
                private OptimizerConfig last;

                @Override
                public void configureOptimizer(OptimizerConfig config) {
                    last = config;
                    super.configureOptimizer(config);
                }

                @Override
                public void loadState(Path folder) throws IOException {
                    super.loadState(folder);
                    super.configureOptimizer(last);
                }
            };
        }
    }

    @Breaks("trainingGoesOnFromWhatWasWritten")
    static class WithoutMoments extends Contract {
        @Override
        protected PolicyProvider<?> provider() {
            return new Halving();
        }
    }
}
