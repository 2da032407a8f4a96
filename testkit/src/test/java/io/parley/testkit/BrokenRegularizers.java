package io.parley.testkit;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.UpdateScope;
import io.parley.core.task.Counterfactual;
import io.parley.core.training.Regularizer;
import io.parley.core.training.RegularizerProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** Regularisers that break what a regulariser promises. */
final class BrokenRegularizers {
    private static final AtomicInteger RUNS = new AtomicInteger();

    private BrokenRegularizers() {}

    /** What the providers have in common. */
    public abstract static class Base implements RegularizerProvider<NoConfig> {
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
    }

    /** −0.1·(log π − log π_ref) in the reward. */
    static class Held implements Regularizer {
        @Override
        public Place place() {
            return Place.REWARD;
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.REFERENCE);
        }

        @Override
        public float[][] rollout(Batch batch, Map<String, Double> metrics) {
            float[][] reference = batch.reference().score(batch.prompts(), batch.responses(), ScoreRequest.logProbs()).logProbs();
            float[][] rewards = new float[reference.length][];
            for (int i = 0; i < rewards.length; i++) {
                float[] logProbs = batch.responses().get(i).logProbs();
                rewards[i] = new float[logProbs.length];
                for (int t = 0; t < logProbs.length; t++) {
                    rewards[i][t] = -0.1f * (logProbs[t] - reference[i][t]);
                }
            }
            metrics.put("rows", (double) rewards.length);
            return rewards;
        }

        @Override
        public JsonNode state() {
            return JsonNodeFactory.instance.objectNode();
        }
    }

    public static final class Good extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held();
        }
    }

    /** −0.1·entropy in the loss. */
    static class Curious implements Regularizer {
        @Override
        public Place place() {
            return Place.LOSS;
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.ENTROPY);
        }

        @Override
        public float[][] rollout(Batch batch, Map<String, Double> metrics) {
            return null;
        }

        @Override
        public NDArray loss(Batch minibatch, UpdateScope scope, ScoreArrays scores, List<NDArray> divergences, NDArray ratio) {
            return scores.entropy().mul(-0.1);
        }

        @Override
        public JsonNode state() {
            return JsonNodeFactory.instance.objectNode();
        }
    }

    public static final class GoodInTheLoss extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Curious();
        }
    }

    abstract static class Contract extends RegularizerContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, RegularizerProvider.class, provider());
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Good();
        }
    }

    static class GoodOneInTheLoss extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new GoodInTheLoss();
        }
    }

    public static final class Grasping extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held() {
                @Override
                public Set<Need> needs() {
                    return Set.of();
                }
            };
        }
    }

    @Breaks("saysWhatItNeeds")
    static class WithoutItsReference extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Grasping();
        }
    }

    public static final class Wavering extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held() {
                private boolean begun;

                @Override
                public Set<Need> needs() {
                    return begun ? Set.of(Need.REFERENCE, Need.ENTROPY) : super.needs();
                }

                @Override
                public float[][] rollout(Batch batch, Map<String, Double> metrics) {
                    begun = true;
                    return super.rollout(batch, metrics);
                }
            };
        }
    }

    @Breaks("placeAndNeedsStayTheSame")
    static class WithOtherNeedsLater extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Wavering();
        }
    }

    public static final class Secretive extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held() {
                @Override
                public List<Counterfactual> counterfactuals() {
                    return List.of(new Counterfactual() {
                        @Override
                        public List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
                            return prompts;
                        }

                        @Override
                        public boolean cutsEveryRound() {
                            return true;
                        }

                        @Override
                        public List<String> notice() {
                            return List.of("never", "mind");
                        }
                    });
                }
            };
        }
    }

    @Breaks("namesItsCounterfactuals")
    static class WithAnUnnamedCounterfactual extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Secretive();
        }
    }

    public static final class Summing extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held() {
                @Override
                public float[][] rollout(Batch batch, Map<String, Double> metrics) {
                    float[][] rewards = super.rollout(batch, metrics);
                    for (int i = 0; i < rewards.length; i++) {
                        rewards[i] = new float[] {rewards[i][0] + rewards[i][1]};
                    }
                    return rewards;
                }
            };
        }
    }

    @Breaks("aRewardIsANumberForEachToken")
    static class WithANumberForEachResponse extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Summing();
        }
    }

    public static final class Detached extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Curious() {
                @Override
                public NDArray loss(Batch minibatch, UpdateScope scope, ScoreArrays scores, List<NDArray> divergences,
                        NDArray ratio) {
                    return super.loss(minibatch, scope, scores, divergences, ratio).stopGradient();
                }
            };
        }
    }

    @Breaks("aLossIsADifferentiableNumberForEachToken")
    static class WithoutAGradient extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Detached();
        }
    }

    public static final class Dividing extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held() {
                @Override
                public float[][] rollout(Batch batch, Map<String, Double> metrics) {
                    metrics.put("mean", 0.0 / 0.0);
                    return super.rollout(batch, metrics);
                }
            };
        }
    }

    @Breaks("measuresNumbers")
    static class MeasuringNaN extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Dividing();
        }
    }

    public static final class Writing extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held() {
                @Override
                public float[][] rollout(Batch batch, Map<String, Double> metrics) {
                    for (Response response : batch.responses()) {
                        response.logProbs()[0] = -1;
                    }
                    return super.rollout(batch, metrics);
                }
            };
        }
    }

    @Breaks("changesNeitherPolicyNorResponses")
    static class WritingIntoResponses extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Writing();
        }
    }

    public static final class Varying extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held() {
                @Override
                public float[][] rollout(Batch batch, Map<String, Double> metrics) {
                    float[][] rewards = super.rollout(batch, metrics);
                    rewards[0][0] += 1e-3f * RUNS.incrementAndGet();
                    return rewards;
                }
            };
        }
    }

    @Breaks("isDeterministic")
    static class WithAnotherSource extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Varying();
        }

        /** Differs from itself whether it was cut off or not. */
        @Override
        void goesOnFromTheStateOfAnother() {}
    }

    /** Grows by a tenth with every rollout, and forgets by how much. */
    public static final class Growing extends Base {
        @Override
        public Regularizer create(NoConfig config, PluginContext context) {
            return new Held() {
                private float weight = 1;

                @Override
                public float[][] rollout(Batch batch, Map<String, Double> metrics) {
                    float[][] rewards = super.rollout(batch, metrics);
                    for (float[] row : rewards) {
                        for (int t = 0; t < row.length; t++) {
                            row[t] *= weight;
                        }
                    }
                    weight *= 1.1f;
                    return rewards;
                }
            };
        }
    }

    @Breaks("goesOnFromTheStateOfAnother")
    static class WithAnUntoldState extends Contract {
        @Override
        protected RegularizerProvider<?> provider() {
            return new Growing();
        }
    }
}
