package io.parley.algorithms.icr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Anchor;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Config;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Estimator;
import io.parley.algorithms.icr.CounterfactualInvarianceProvider.Place;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.UpdateScope;
import io.parley.core.training.Regularizer;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The expected gradient of each variant, computed by enumerating every response of a table and weighting it with its
 * probability, against λ·E_π[(log π − log π_CF)·∇log π] written out. Responses have two tokens.
 */
class ExpectedGradientTest {
    private static final PluginContext PLUGINS = PluginContext.standalone(1);
    private static final double LAMBDA = 0.3;
    private static final double EPSILON = 0.25;
    private static final List<String> ARMS = List.of(SuggestionBandit.LEFT, SuggestionBandit.RIGHT);
    /** Beginnings of a response: the three softmaxes of a prompt. */
    private static final List<List<String>> BEGINNINGS = List.of(List.of(), List.of("left"), List.of("right"));
    private static final double[][] POLICY = {{0.4, -0.3}, {-0.8, 0.5}, {0.9, 0.2}};
    private static final double[][] CUT = {{-0.5, 0.6}, {0.3, 0.1}, {-1.0, 0.4}};
    private static final double[][] START_CUT = {{0.2, 0.1}, {-0.6, -0.1}, {0.7, -0.9}};

    private final SuggestionBandit task = new SuggestionBandit(0.5, 1, 2);
    private final Prompt said = SuggestionBandit.prompt("left", "right");
    private final Prompt cut = SuggestionBandit.prompt("none", "none");
    private final TabularPolicy policy = table();
    private final TabularPolicy reference = table();

    private TabularPolicy table() {
        return new TabularPolicy((ResponseFormat.Choices) task.text().format(), TabularPolicy.Optimizer.SGD);
    }

    ExpectedGradientTest() {
        for (int b = 0; b < 3; b++) {
            policy.setLogits(said, BEGINNINGS.get(b), POLICY[b]);
            policy.setLogits(cut, BEGINNINGS.get(b), CUT[b]);
            reference.setLogits(cut, BEGINNINGS.get(b), START_CUT[b]);
        }
        policy.configureOptimizer(new OptimizerConfig(0.9, 0.999, 1e-8, 0, 0));
    }

    @AfterEach
    void close() {
        policy.close();
        reference.close();
    }

    private static double[] softmax(double... z) {
        double sum = Math.exp(z[0]) + Math.exp(z[1]);
        return new double[] {Math.exp(z[0]) / sum, Math.exp(z[1]) / sum};
    }

    /** π_CF at a beginning. */
    private static double[] anchor(Anchor anchor, int beginning) {
        double[] q = softmax(anchor == Anchor.REFERENCE ? START_CUT[beginning] : CUT[beginning]);
        if (anchor == Anchor.SMOOTHED) {
            q[0] = (1 - EPSILON) * q[0] + EPSILON / 2;
            q[1] = (1 - EPSILON) * q[1] + EPSILON / 2;
        }
        return q;
    }

    private static double probability(int beginning) {
        return beginning == 0 ? 1 : softmax(POLICY[0])[beginning - 1];
    }

    /** λ·E_{a∼π}[(log π(a) − log π_CF(a) + after(a))·∂ log π(a)/∂z_k] at one softmax. */
    private static double[] gradient(double[] p, double[] q, double[] after) {
        double[] gradient = new double[2];
        for (int a = 0; a < 2; a++) {
            for (int k = 0; k < 2; k++) {
                gradient[k] += LAMBDA * p[a] * (Math.log(p[a] / q[a]) + after[a]) * ((a == k ? 1 : 0) - p[k]);
            }
        }
        return gradient;
    }

    private static double kl(double[] p, double[] q) {
        return p[0] * Math.log(p[0] / q[0]) + p[1] * Math.log(p[1] / q[1]);
    }

    /** The gradient of the stated objective; {@code throughReward}: of the whole response's KL, else token by token. */
    private static double[][] stated(Anchor anchor, boolean throughReward) {
        double[][] gradient = new double[3][];
        for (int b = 0; b < 3; b++) {
            double[] after = {0, 0};
            if (b == 0 && throughReward) {
                after = new double[] {kl(softmax(POLICY[1]), anchor(anchor, 1)), kl(softmax(POLICY[2]), anchor(anchor, 2))};
            }
            double[] here = gradient(softmax(POLICY[b]), anchor(anchor, b), after);
            gradient[b] = new double[] {probability(b) * here[0], probability(b) * here[1]};
        }
        return gradient;
    }

    private Regularizer regularizer(Place place, Estimator estimator, Anchor anchor, Double bound) {
        Config config = new Config(PluginSpec.of("bandit-mask"), place, estimator, LAMBDA, anchor,
                anchor == Anchor.SMOOTHED ? EPSILON : null, bound);
        return new CounterfactualInvarianceProvider().create(config, PLUGINS);
    }

    /** Every response; each is said to have been drawn with {@code behaviour}'s log-probabilities. */
    private Regularizer.Batch everyResponse(double[][] behaviour) {
        List<Response> responses = new ArrayList<>();
        for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 2; b++) {
                float[] logProbs = {
                    (float) Math.log(softmax(behaviour[0])[a]), (float) Math.log(softmax(behaviour[1 + a])[b])
                };
                responses.add(Response.sampled(ARMS.get(a) + " " + ARMS.get(b), logProbs, null, null));
            }
        }
        return new Regularizer.Batch(policy, reference, List.of(said, said, said, said), List.of(List.of(cut, cut, cut, cut)),
                responses, List.of("a", "a", "a", "a"));
    }

    /** Expected gradient of Σ_i p_i·Σ_t loss[i, t] in every softmax of the state, read off one plain step. */
    private double[][] expected(Regularizer.Batch batch, BiFunction<UpdateScope, ScoreArrays, NDArray> loss,
            Regularizer divergences) {
        try (UpdateScope scope = policy.beginUpdate()) {
            List<ScoreRequest.Divergence> wanted = divergences == null ? List.of() : divergences.divergences(batch);
            ScoreArrays scores = scope.score(batch.prompts(), batch.responses(), ScoreRequest.logProbs().withDivergences(wanted));
            float[][] weights = new float[4][];
            for (int i = 0; i < 4; i++) {
                float[] logProbs = batch.responses().get(i).logProbs();
                float p = (float) Math.exp(logProbs[0] + logProbs[1]);
                weights[i] = new float[] {p, p};
            }
            scope.backward(loss.apply(scope, scores).mul(scope.array(weights, 2)).sum());
            scope.step(1);
        }
        double[][] gradient = new double[3][2];
        for (int b = 0; b < 3; b++) {
            double[] now = policy.logits(said, BEGINNINGS.get(b).toArray(String[]::new));
            double[] stopped = policy.logits(cut, BEGINNINGS.get(b).toArray(String[]::new));
            for (int k = 0; k < 2; k++) {
                gradient[b][k] = POLICY[b][k] - now[k];
                assertEquals(CUT[b][k], stopped[k], "the counterfactual side is stopped");
            }
        }
        return gradient;
    }

    private static void assertGradient(double[][] stated, double[][] found) {
        for (int b = 0; b < 3; b++) {
            assertArrayEquals(stated[b], found[b], 2e-7, "softmax " + b);
        }
    }

    @ParameterizedTest
    @EnumSource(Anchor.class)
    void rewardK1HasTheGradientOfTheResponsesKl(Anchor anchor) {
        Regularizer.Batch batch = everyResponse(POLICY);
        float[][] rewards = regularizer(Place.REWARD, Estimator.K1, anchor, null).rollout(batch, new TreeMap<>());
        // The policy-gradient loss −A·log π with A the reward that follows (γ = λ = 1, no critic).
        for (float[] row : rewards) {
            row[0] += row[1];
        }
        assertGradient(stated(anchor, true),
                expected(batch, (scope, s) -> s.logProbs().mul(scope.array(rewards, 2)).neg(), null));
    }

    @ParameterizedTest
    @EnumSource(Anchor.class)
    void lossK2HasTheStatedGradientAtEachToken(Anchor anchor) {
        Regularizer regularizer = regularizer(Place.LOSS, Estimator.K2, anchor, null);
        Regularizer.Batch batch = everyResponse(POLICY);
        assertGradient(stated(anchor, false),
                expected(batch, (scope, s) -> regularizer.loss(batch, scope, s, s.divergences(), s.mask()), regularizer));
    }

    @ParameterizedTest
    @EnumSource(Anchor.class)
    void lossFullHasTheStatedGradientAtEachToken(Anchor anchor) {
        Regularizer regularizer = regularizer(Place.LOSS, Estimator.FULL, anchor, null);
        Regularizer.Batch batch = everyResponse(POLICY);
        assertGradient(stated(anchor, false),
                expected(batch, (scope, s) -> regularizer.loss(batch, scope, s, s.divergences(), s.mask()), regularizer));
    }

    /** Off policy: responses drawn by an older policy that differs in the last token, weighted back by ρ. */
    @Test
    void theImportanceRatioMakesK2AnExpectationOverTheCurrentPolicy() {
        double[][] older = {POLICY[0], {0.7, 0.1}, {-0.2, 0.6}};
        Regularizer regularizer = regularizer(Place.LOSS, Estimator.K2, Anchor.CURRENT, null);
        Regularizer.Batch batch = everyResponse(older);
        assertGradient(stated(Anchor.CURRENT, false), expected(batch, (scope, s) -> {
            float[][] old = batch.responses().stream().map(Response::logProbs).toArray(float[][]::new);
            NDArray ratio = s.logProbs().sub(scope.array(old, 2)).exp().stopGradient();
            return regularizer.loss(batch, scope, s, s.divergences(), ratio);
        }, regularizer));
    }

    private NDArray logRatio(UpdateScope scope, ScoreArrays s) {
        float[][] q = new float[4][];
        for (int i = 0; i < 4; i++) {
            q[i] = new float[] {(float) Math.log(anchor(Anchor.CURRENT, 0)[i / 2]),
                    (float) Math.log(anchor(Anchor.CURRENT, 1 + i / 2)[i % 2])};
        }
        return s.logProbs().sub(scope.array(q, 2));
    }

    /** Why loss × k1 is refused: E_π[∇log π] = 0. */
    @Test
    void lossK1HasNoExpectedGradient() {
        assertGradient(new double[3][2], expected(everyResponse(POLICY), (scope, s) -> logRatio(scope, s).mul(LAMBDA), null));
    }

    /** Why loss × k3 is refused: its gradient is that of KL(π_CF ‖ π), which is π − π_CF in the logits. */
    @Test
    void lossK3HasTheGradientOfTheOtherDirection() {
        double[][] other = new double[3][2];
        for (int b = 0; b < 3; b++) {
            for (int k = 0; k < 2; k++) {
                other[b][k] = LAMBDA * probability(b) * (softmax(POLICY[b])[k] - anchor(Anchor.CURRENT, b)[k]);
            }
        }
        assertGradient(other, expected(everyResponse(POLICY), (scope, s) -> {
            NDArray r = logRatio(scope, s);
            return r.neg().exp().sub(1).add(r).mul(LAMBDA);
        }, null));
    }

    /** Why reward × full is refused: at the last token it is a constant, and a constant reward moves nothing. */
    @Test
    void rewardFullDoesNotMoveItsOwnToken() {
        double[][] found = expected(everyResponse(POLICY), (scope, s) -> {
            float[][] full = new float[4][];
            for (int i = 0; i < 4; i++) {
                full[i] = new float[] {0, (float) -kl(softmax(POLICY[1 + i / 2]), anchor(Anchor.CURRENT, 1 + i / 2))};
            }
            return s.logProbs().mul(scope.array(full, 2)).neg();
        }, null);
        assertGradient(new double[3][2], found);
    }

    @Test
    void theBoundClipsAResponsesLogRatioInTheReward() {
        Regularizer.Batch batch = everyResponse(POLICY);
        float[][] free = regularizer(Place.REWARD, Estimator.K1, Anchor.CURRENT, null).rollout(batch, new TreeMap<>());
        double bound = 0.4;
        float[][] bounded = regularizer(Place.REWARD, Estimator.K1, Anchor.CURRENT, bound).rollout(batch, new TreeMap<>());
        int clipped = 0;
        for (int i = 0; i < 4; i++) {
            double total = (free[i][0] + free[i][1]) / -LAMBDA;
            double expected = Math.max(-bound, Math.min(bound, total));
            clipped += expected != total ? 1 : 0;
            assertEquals(expected, (bounded[i][0] + bounded[i][1]) / -LAMBDA, 1e-6);
        }
        assertEquals(3, clipped, "the example has responses on both sides of the bound");
    }

    /** Responses that begin with left cost more than the bound, the others less: only the latter pull. */
    @Test
    void pastTheBoundALossHasNoGradient() {
        double first = kl(softmax(POLICY[0]), anchor(Anchor.CURRENT, 0));
        double left = first + kl(softmax(POLICY[1]), anchor(Anchor.CURRENT, 1));
        double right = first + kl(softmax(POLICY[2]), anchor(Anchor.CURRENT, 2));
        assertEquals(-1, Math.signum(left - right));
        Regularizer regularizer = regularizer(Place.LOSS, Estimator.FULL, Anchor.CURRENT, (left + right) / 2);
        Regularizer.Batch batch = everyResponse(POLICY);
        double[][] found = expected(batch, (scope, s) -> regularizer.loss(batch, scope, s, s.divergences(), s.mask()),
                regularizer);
        double[][] stated = stated(Anchor.CURRENT, false);
        assertArrayEquals(stated[1], found[1], 2e-7);
        assertArrayEquals(new double[2], found[2], 2e-7);
        assertEquals(probability(1) * stated[0][0], found[0][0], 2e-7);
    }

    /** The differentiable side is π(·|s_swap); the target is the stopped, smoothed π(·|s_CF); a silent row has none. */
    @Test
    void swappedInvarianceHasTheGradientOfTheKlAtTheSwappedState() {
        Prompt state = SuggestionBandit.prompt("right", "right");
        Regularizer regularizer = new SwappedInvarianceProvider().create(new SwappedInvarianceProvider.Config(
                PluginSpec.of("bandit-mask"), PluginSpec.of("bandit-mask"), LAMBDA, EPSILON), PLUGINS);
        Regularizer.Batch drawn = everyResponse(POLICY);
        Regularizer.Batch batch = new Regularizer.Batch(policy, reference, List.of(state, state, state, state),
                List.of(List.of(said, said, said, said), List.of(cut, cut, cut, cut)), drawn.responses(), drawn.strata());
        double[][] stated = stated(Anchor.SMOOTHED, false);
        assertGradient(stated, expected(batch, (scope, s) -> regularizer.loss(batch, scope, s, List.of(), s.mask()), null));

        Regularizer.Batch silent = new Regularizer.Batch(policy, reference, drawn.prompts(),
                List.of(drawn.prompts(), List.of(cut, cut, cut, cut)), drawn.responses(), drawn.strata());
        double[] before = policy.logits(said);
        try (UpdateScope scope = policy.beginUpdate()) {
            ScoreArrays scores = scope.score(silent.prompts(), silent.responses(), ScoreRequest.logProbs());
            scope.backward(regularizer.loss(silent, scope, scores, List.of(), scores.mask()).sum());
            scope.step(1);
        }
        assertArrayEquals(before, policy.logits(said));
    }
}
