package io.parley.benchmarks.bench;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Segment;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.StringTokenizer;
import java.util.random.RandomGenerator;

/** A policy that adds up the seconds spent in each of its methods, and the work that they were given. */
final class ClockedPolicy implements TrainablePolicy {
    /**
     * Totals since the policy was made.
     *
     * @param now seconds
     * @param sampled seconds at the end of the last call of sample
     * @param sample seconds in sample
     * @param score seconds in score, of the policy and its snapshots
     * @param update seconds in which an update was open
     * @param forward seconds of them in score
     * @param backward seconds of them in backward
     * @param step seconds of them in step
     * @param responses responses sampled
     * @param words words of their prompts and their own
     * @param scoredRows responses scored without gradient; rows of divergences are not counted
     * @param updateRows responses scored in updates
     * @param steps optimiser steps
     * @param digest of the words of all responses sampled, in order
     */
    record Totals(double now, double sampled, double sample, double score, double update, double forward, double backward,
            double step, long responses, long words, long scoredRows, long updateRows, long steps, long digest) {
        /**
         * What happened since an earlier reading; {@code now} is how long it took, {@code sampled} how long to the end of
         * sampling.
         */
        Totals since(Totals earlier) {
            return new Totals(now - earlier.now, sampled - earlier.now, sample - earlier.sample, score - earlier.score,
                    update - earlier.update, forward - earlier.forward, backward - earlier.backward, step - earlier.step,
                    responses - earlier.responses, words - earlier.words, scoredRows - earlier.scoredRows,
                    updateRows - earlier.updateRows, steps - earlier.steps, digest);
        }

        /** The counts: equal for two runs that did the same work on the same responses. */
        ObjectNode work() {
            return JsonNodeFactory.instance.objectNode()
                    .put("responses", responses)
                    .put("digest", Long.toHexString(digest))
                    .put("scoredRows", scoredRows)
                    .put("updateRows", updateRows)
                    .put("steps", steps);
        }
    }

    private final TrainablePolicy policy;
    private final long begin = System.nanoTime();
    private double sampled;
    private double sample;
    private double score;
    private double update;
    private double forward;
    private double backward;
    private double step;
    private long responses;
    private long words;
    private long scoredRows;
    private long updateRows;
    private long steps;
    private long digest;

    /** @param policy closed with this one */
    ClockedPolicy(TrainablePolicy policy) {
        this.policy = policy;
    }

    Totals read() {
        return new Totals(since(begin), sampled, sample, score, update, forward, backward, step,
                responses, words, scoredRows, updateRows, steps, digest);
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static int words(String text) {
        return new StringTokenizer(text).countTokens();
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        long start = System.nanoTime();
        List<Response> drawn = policy.sample(prompts, sampling, streams);
        sample += since(start);
        for (int i = 0; i < drawn.size(); i++) {
            for (Segment segment : prompts.get(i).segments()) {
                words += words(segment.text());
            }
            words += words(drawn.get(i).text());
            digest = 31 * digest + drawn.get(i).text().hashCode();
        }
        responses += drawn.size();
        sampled = since(begin);
        return drawn;
    }

    @Override
    public Scores score(List<Prompt> prompts, List<Response> given, ScoreRequest request) {
        return clockedScore(policy, prompts, given, request);
    }

    private Scores clockedScore(Policy scoring, List<Prompt> prompts, List<Response> given, ScoreRequest request) {
        long start = System.nanoTime();
        Scores scores = scoring.score(prompts, given, plain(request));
        score += since(start);
        scoredRows += prompts.size();
        return scores;
    }

    /** A policy compares itself with its own kind only, so targets are what this class wraps. */
    private static ScoreRequest plain(ScoreRequest request) {
        return request.withDivergences(request.divergences().stream()
                .map(d -> new ScoreRequest.Divergence(plain(d.target()), d.targetPrompts(), d.smoothing()))
                .toList());
    }

    private static Policy plain(Policy target) {
        if (target instanceof ClockedPolicy clocked) {
            return clocked.policy;
        }
        return target instanceof Snapshot snapshot ? snapshot.policy : target;
    }

    @Override
    public List<Prompt> fit(List<Prompt> versions) {
        return policy.fit(versions);
    }

    @Override
    public void configureOptimizer(OptimizerConfig config) {
        policy.configureOptimizer(config);
    }

    @Override
    public UpdateScope beginUpdate() {
        long opened = System.nanoTime();
        UpdateScope scope = policy.beginUpdate();
        return new UpdateScope() {
            @Override
            public ScoreArrays score(List<Prompt> prompts, List<Response> given, ScoreRequest request) {
                long start = System.nanoTime();
                ScoreArrays scores = scope.score(prompts, given, plain(request));
                forward += since(start);
                updateRows += prompts.size();
                return scores;
            }

            @Override
            public NDArray array(float[][] rows, int columns) {
                return scope.array(rows, columns);
            }

            @Override
            public void backward(NDArray loss) {
                long start = System.nanoTime();
                scope.backward(loss);
                backward += since(start);
            }

            @Override
            public double step(double learningRate) {
                long start = System.nanoTime();
                double norm = scope.step(learningRate);
                step += since(start);
                steps++;
                return norm;
            }

            @Override
            public void close() {
                scope.close();
                update += since(opened);
            }
        };
    }

    @Override
    public List<int[]> microBatches(List<Prompt> prompts, List<Response> given) {
        return policy.microBatches(prompts, given);
    }

    @Override
    public int[] responseLengths(List<Prompt> prompts, List<Response> given) {
        return policy.responseLengths(prompts, given);
    }

    @Override
    public Policy snapshot() {
        return new Snapshot(policy.snapshot());
    }

    private final class Snapshot implements Policy {
        private final Policy policy;

        Snapshot(Policy policy) {
            this.policy = policy;
        }

        @Override
        public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
            return policy.sample(prompts, sampling, streams);
        }

        @Override
        public Scores score(List<Prompt> prompts, List<Response> given, ScoreRequest request) {
            return clockedScore(policy, prompts, given, request);
        }

        @Override
        public void close() {
            policy.close();
        }
    }

    @Override
    public long parameterCount() {
        return policy.parameterCount();
    }

    @Override
    public void save(Path folder) throws IOException {
        policy.save(folder);
    }

    @Override
    public void load(Path folder) throws IOException {
        policy.load(folder);
    }

    @Override
    public void close() {
        policy.close();
    }
}
