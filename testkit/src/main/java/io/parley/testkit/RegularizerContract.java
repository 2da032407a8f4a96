package io.parley.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.training.Regularizer;
import io.parley.core.training.Regularizer.Need;
import io.parley.core.training.Regularizer.Place;
import io.parley.core.training.RegularizerProvider;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * What a regulariser promises, tried on a rollout of the suggestion bandit with a tabular policy. A counterfactual that it
 * uses is to be one that the bandit knows, such as {@code bandit-mask}.
 */
public abstract class RegularizerContract extends ProviderContract<RegularizerProvider<?>> {
    private static final SuggestionBandit TASK = new SuggestionBandit(0.6, 2, 2);
    private static final int EPISODES = 24;
    private static final Clause FIXED = new Clause(Regularizer.class, "the same as long as it lives");
    private static final Clause NEEDS = new Clause(Regularizer.class,
            "What the algorithm must provide, #counterfactuals() aside");
    private static final Clause NAMED = new Clause(RegularizerProvider.class, "those that append a notice always");
    private static final Clause REWARD = new Clause(Regularizer.class,
            "one row a response, one number a token, λ and sign included; null for Place#LOSS");
    private static final Clause LOSS = new Clause(Regularizer.class,
            "shape [rows, tokens], λ included; the algorithm masks it");
    private static final Clause GRADIENT = new Clause(Regularizer.class, "the penalty of each token of a mini-batch");
    private static final Clause METRICS = new Clause(Regularizer.class, "where measurements go, by name");
    private static final Clause PASSIVE = new Clause(Regularizer.class, "It changes neither policy nor responses");
    private static final Clause SAME = new Clause(Regularizer.class,
            "Two instances that see the same rollouts give the same penalties");

    private static final Clause RESTORES = new Clause(Regularizer.class, "so does one that was given the #state of another");

    /** For contracts outside this package to extend. */
    protected RegularizerContract() {
        super(RegularizerProvider.class);
    }

    @Override
    Regularizer make(PluginSpec spec, PluginContext context) {
        return provider().configured(spec, context);
    }

    /** A rollout, with what the regulariser says it needs and nothing else. */
    private final class Bench implements AutoCloseable {
        final TabularPolicy policy = new TabularPolicy(
                (ResponseFormat.Choices) TASK.text().format(), TabularPolicy.Optimizer.ADAM);
        final TabularPolicy start = new TabularPolicy(
                (ResponseFormat.Choices) TASK.text().format(), TabularPolicy.Optimizer.ADAM);
        final Policy reference;
        final List<Prompt> prompts;
        final List<Response> responses;

        Bench() {
            prompts = Play.prompts(TASK, SuggestionBandit.partner(0.8, 0.2), EPISODES).stream().flatMap(List::stream).toList();
            for (Prompt prompt : prompts) {
                int k = Math.floorMod(prompt.toString().hashCode(), 5);
                policy.setLogits(prompt, List.of(), 0.3 * k, -0.2);
            }
            reference = start.snapshot();
            List<RandomGenerator> streams = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                streams.add(new RandomStreams(9).stream("sample", i, 0, 0));
            }
            responses = policy.sample(prompts, SamplingConfig.standard().withValues(), streams);
        }

        /** @param needed whether it is given only what it says it needs */
        Regularizer.Batch batch(Regularizer regularizer, boolean needed) {
            List<List<Prompt>> cuts = new ArrayList<>();
            for (Counterfactual counterfactual : regularizer.counterfactuals()) {
                cuts.add(counterfactual.cut(prompts, new RandomStreams(9).stream("counterfactual", 0, 0, cuts.size())));
            }
            return new Regularizer.Batch(policy, needed && !regularizer.needs().contains(Need.REFERENCE) ? null : reference,
                    prompts, cuts, responses,
                    Collections.nCopies(prompts.size(), "withheld"));
        }

        float[][] rollout(Regularizer regularizer, Map<String, Double> metrics) {
            return regularizer.rollout(batch(regularizer, false), metrics);
        }

        /** The penalties of a loss, and the norm of the gradient of their sum. */
        Penalty loss(Regularizer regularizer, boolean needed) {
            Regularizer.Batch batch = batch(regularizer, needed);
            List<ScoreRequest.Divergence> divergences = regularizer.divergences(batch);
            ScoreRequest request = ScoreRequest.logProbs().withValues().withDivergences(divergences);
            policy.configureOptimizer(OptimizerConfig.adam());
            try (UpdateScope scope = policy.beginUpdate()) {
                ScoreArrays scores = scope.score(prompts, responses,
                        needed && !regularizer.needs().contains(Need.ENTROPY) ? request : request.withEntropy());
                NDArray penalty = regularizer.loss(batch, scope, scores, scores.divergences(), scores.mask().onesLike());
                LOSS.require(penalty != null && penalty.getShape().equals(scores.mask().getShape()), () -> "the penalty of "
                        + scores.mask().getShape() + " tokens is "
                        + (penalty == null ? "null" : "of shape " + penalty.getShape()));
                float[] values = penalty.stopGradient().toFloatArray();
                scope.backward(penalty.add(scores.logProbs().mul(scope.constant(0))).mul(scores.mask()).sum());
                return new Penalty(values, scope.step(0));
            }
        }

        @Override
        public void close() {
            reference.close();
            start.close();
            policy.close();
        }
    }

    private record Penalty(float[] values, double gradient) {}

    @Test
    void saysWhatItNeeds() {
        try (Bench bench = new Bench()) {
            Regularizer regularizer = make(spec(), context(3));
            try {
                regularizer.rollout(bench.batch(regularizer, true), new TreeMap<>());
                if (regularizer.place() == Place.LOSS) {
                    bench.loss(regularizer, true);
                }
            } catch (NullPointerException | IllegalStateException e) {
                throw NEEDS.broken("needs() is " + regularizer.needs() + ", and with these alone it failed with " + e, e);
            }
        }
    }

    @Test
    void placeAndNeedsStayTheSame() {
        try (Bench bench = new Bench()) {
            Regularizer regularizer = make(spec(), context(3));
            Place place = regularizer.place();
            Set<Need> needs = Set.copyOf(regularizer.needs());
            bench.rollout(regularizer, new TreeMap<>());
            FIXED.same(place, regularizer.place(), "place()");
            FIXED.same(needs, Set.copyOf(regularizer.needs()), "needs()");
        }
    }

    @Test
    void namesItsCounterfactuals() {
        PluginContext context = context(3);
        List<PluginSpec> named = provider().configuredCounterfactuals(spec(), context);
        List<List<String>> met = new ArrayList<>();
        for (PluginSpec spec : named) {
            try {
                met.add(context.plugins().find(CounterfactualProvider.class, spec.id()).configured(spec, context).notice());
            } catch (ConfigurationException e) {
                throw NAMED.broken("it names " + spec.toJson() + ", which cannot be made: " + e.getMessage(), e);
            }
        }
        for (Counterfactual used : make(spec(), context).counterfactuals()) {
            NAMED.require(used.notice().isEmpty() || met.contains(used.notice()),
                    () -> "the provider names " + named + ", none of which appends " + used.notice());
        }
    }

    @Test
    void aRewardIsANumberForEachToken() {
        try (Bench bench = new Bench()) {
            Regularizer regularizer = make(spec(), context(3));
            float[][] rewards = bench.rollout(regularizer, new TreeMap<>());
            if (regularizer.place() == Place.LOSS) {
                REWARD.require(rewards == null, () -> "it acts in the loss, and rollout gave " + rewards.length + " rows");
                return;
            }
            REWARD.require(rewards != null && rewards.length == bench.responses.size(),
                    () -> bench.responses.size() + " responses were given "
                            + (rewards == null ? "null" : rewards.length + " rows"));
            for (int i = 0; i < rewards.length; i++) {
                int tokens = bench.responses.get(i).logProbs().length;
                float[] row = rewards[i];
                REWARD.require(row.length == tokens,
                        () -> "a response of " + tokens + " tokens was given " + row.length + " numbers");
                for (float reward : row) {
                    REWARD.require(Float.isFinite(reward), () -> "a token was given " + reward);
                }
            }
        }
    }

    @Test
    void aLossIsADifferentiableNumberForEachToken() {
        try (Bench bench = new Bench()) {
            Regularizer regularizer = make(spec(), context(3));
            if (regularizer.place() == Place.REWARD) {
                return;
            }
            bench.rollout(regularizer, new TreeMap<>());
            Penalty penalty = bench.loss(regularizer, false);
            for (float value : penalty.values()) {
                LOSS.require(Float.isFinite(value), () -> "a token was given " + value);
            }
            GRADIENT.require(penalty.gradient() > 0, () -> "the penalties have no gradient in the policy's parameters");
        }
    }

    @Test
    void measuresNumbers() {
        try (Bench bench = new Bench()) {
            Map<String, Double> metrics = new TreeMap<>();
            bench.rollout(make(spec(), context(3)), metrics);
            metrics.forEach((name, value) ->
                    METRICS.require(value != null && Double.isFinite(value), () -> name + " is " + value));
        }
    }

    @Test
    void changesNeitherPolicyNorResponses() {
        try (Bench bench = new Bench()) {
            float[][] scores = bench.policy.score(bench.prompts, bench.responses, ScoreRequest.logProbs()).logProbs();
            float[][] drawn = bench.responses.stream().map(r -> r.logProbs().clone()).toArray(float[][]::new);
            bench.rollout(make(spec(), context(3)), new TreeMap<>());
            PASSIVE.close(scores, bench.policy.score(bench.prompts, bench.responses, ScoreRequest.logProbs()).logProbs(), 0,
                    "scores of the policy before and after rollout");
            PASSIVE.close(drawn, bench.responses.stream().map(Response::logProbs).toArray(float[][]::new), 0,
                    "log-probabilities of the responses before and after rollout");
        }
    }

    @Test
    void isDeterministic() {
        try (Bench bench = new Bench()) {
            Regularizer one = make(spec(), context(3));
            Regularizer two = make(spec(), context(3));
            for (int k = 1; k <= 2; k++) {
                Map<String, Double> first = new TreeMap<>();
                Map<String, Double> second = new TreeMap<>();
                SAME.same(bench.rollout(one, first), bench.rollout(two, second), "what is added to the rewards of rollout " + k);
                SAME.same(first, second, "what is measured in rollout " + k);
                if (one.place() == Place.LOSS) {
                    SAME.same(bench.loss(one, false).values(), bench.loss(two, false).values(),
                            "the penalties after rollout " + k);
                }
            }
        }
    }

    @Test
    void goesOnFromTheStateOfAnother() {
        try (Bench bench = new Bench()) {
            Regularizer one = make(spec(), context(3));
            bench.rollout(one, new TreeMap<>());
            JsonNode state = one.state();
            if (state == null) {
                abort("it cannot tell its state, and training with it that is cut off begins anew");
            }
            Regularizer two = make(spec(), context(3));
            two.restore(state);
            Map<String, Double> first = new TreeMap<>();
            Map<String, Double> second = new TreeMap<>();
            RESTORES.same(bench.rollout(one, first), bench.rollout(two, second), "what is added to the rewards of a rollout");
            RESTORES.same(first, second, "what is measured in a rollout");
            if (one.place() == Place.LOSS) {
                RESTORES.same(bench.loss(one, false).values(), bench.loss(two, false).values(), "the penalties");
            }
        }
    }
}
