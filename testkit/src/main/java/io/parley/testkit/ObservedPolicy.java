package io.parley.testkit;

import ai.djl.ndarray.NDArray;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
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
import java.util.random.RandomGenerator;

/** Passes everything on to another policy and remembers what was done with it. */
class ObservedPolicy implements TrainablePolicy {
    private final TrainablePolicy policy;
    /** Responses sampled, by snapshots too. */
    long sampled;
    /** Optimiser steps. */
    long steps;
    int openUpdates;
    int openSnapshots;
    boolean closed;
    /** Called after each optimiser step. */
    Runnable afterStep = () -> {};

    ObservedPolicy(TrainablePolicy policy) {
        this.policy = policy;
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        List<Response> responses = policy.sample(prompts, sampling, streams);
        sampled += responses.size();
        return responses;
    }

    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        return policy.score(prompts, responses, plain(request));
    }

    /** A policy compares itself with its own kind only, so targets are what this class wraps. */
    private static ScoreRequest plain(ScoreRequest request) {
        return request.withDivergences(request.divergences().stream()
                .map(d -> new ScoreRequest.Divergence(plain(d.target()), d.targetPrompts(), d.smoothing()))
                .toList());
    }

    private static Policy plain(Policy target) {
        if (target instanceof ObservedPolicy observed) {
            return plain(observed.policy);
        }
        return target instanceof Snapshot snapshot ? plain(snapshot.frozen) : target;
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
        UpdateScope scope = policy.beginUpdate();
        openUpdates++;
        return new UpdateScope() {
            private boolean open = true;

            @Override
            public ScoreArrays score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
                return scope.score(prompts, responses, plain(request));
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
                double norm = scope.step(learningRate);
                steps++;
                afterStep.run();
                return norm;
            }

            @Override
            public void close() {
                scope.close();
                if (open) {
                    open = false;
                    openUpdates--;
                }
            }
        };
    }

    @Override
    public List<int[]> microBatches(List<Prompt> prompts, List<Response> responses) {
        return policy.microBatches(prompts, responses);
    }

    @Override
    public int[] responseLengths(List<Prompt> prompts, List<Response> responses) {
        return policy.responseLengths(prompts, responses);
    }

    @Override
    public Policy snapshot() {
        openSnapshots++;
        return new Snapshot(policy.snapshot());
    }

    private final class Snapshot implements Policy {
        private final Policy frozen;
        private boolean open = true;

        Snapshot(Policy frozen) {
            this.frozen = frozen;
        }

        @Override
        public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
            List<Response> responses = frozen.sample(prompts, sampling, streams);
            sampled += responses.size();
            return responses;
        }

        @Override
        public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            return frozen.score(prompts, responses, plain(request));
        }

        @Override
        public List<Prompt> fit(List<Prompt> versions) {
            return frozen.fit(versions);
        }

        @Override
        public void close() {
            frozen.close();
            if (open) {
                open = false;
                openSnapshots--;
            }
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
    public void saveState(Path folder) throws IOException {
        policy.saveState(folder);
    }

    @Override
    public void loadState(Path folder) throws IOException {
        policy.loadState(folder);
    }

    @Override
    public void close() {
        closed = true;
        policy.close();
    }
}
