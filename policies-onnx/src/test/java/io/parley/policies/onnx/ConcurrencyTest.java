package io.parley.policies.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Demonstration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class ConcurrencyTest {
    private static final int THREADS = 16;
    /** Of each thread, to a pretrained model a fifth; {@code mvn -Dparley.concurrency.calls=1000 …} for longer. */
    private static final int CALLS = Integer.getInteger("parley.concurrency.calls", 15);

    @TempDir
    private Path folder;

    private record Answers(List<Response> sampled, float[][] scored) {}

    private static Answers ask(OnnxPolicy policy, List<Prompt> prompts) {
        List<RandomGenerator> streams = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            streams.add(new RandomStreams(prompts.size()).stream("sample", i, 0, 0));
        }
        List<Response> sampled = policy.sample(prompts, SamplingConfig.standard().withValues(), streams);
        return new Answers(sampled, policy.score(prompts, sampled, ScoreRequest.logProbs().withEntropy()).entropy());
    }

    @ParameterizedTest
    @ValueSource(strings = {OnnxPolicyTest.MLP, OnnxPolicyTest.DECODER})
    void manyThreadsGetWhatOneGets(String spec) throws Exception {
        try (Frozen frozen = Frozen.wason(spec, folder)) {
            manyThreadsGetWhatOneGets(frozen.policy, Frozen.play(frozen.trained, "mixed", 20).prompts(), CALLS);
        }
    }

    /** With its tokenizer and its chat template, which the threads share too. */
    @Test
    void manyThreadsGetWhatOneGetsOfAPretrainedModel() throws Exception {
        TextSpec text = new TextSpec(List.of("w"), 100, 100, new ResponseFormat.FreeText(4, List.of()));
        List<Demonstration> demonstrations = CausalLmTest.demonstrations(2 * THREADS);
        try (Frozen frozen = new Frozen("{\"id\": \"causal-lm\", \"path\": \"../checkpoints/src/test/models/lm-smoke\"}",
                text, List.of(), 0, folder)) {
            manyThreadsGetWhatOneGets(frozen.policy, demonstrations.stream().map(Demonstration::prompt).toList(), CALLS / 5);
        }
    }

    private static void manyThreadsGetWhatOneGets(OnnxPolicy policy, List<Prompt> prompts, int calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Answers> expected = new ArrayList<>();
            for (int n = 1; n <= THREADS; n++) {
                expected.add(ask(policy, prompts.subList(0, 2 * n)));
            }
            CountDownLatch ready = new CountDownLatch(THREADS);
            List<Future<Boolean>> working = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int first = thread;
                working.add(threads.submit(() -> {
                    ready.countDown();
                    await(ready);
                    for (int call = 0; call < calls; call++) {
                        Answers right = expected.get((first + call) % THREADS);
                        // Prompts of their own, so that nothing is remembered with them.
                        List<Prompt> fresh = prompts.subList(0, right.sampled().size()).stream()
                                .map(prompt -> new Prompt(prompt.segments())).toList();
                        Answers found = ask(policy, call % 2 == 0 ? fresh : prompts.subList(0, fresh.size()));
                        assertEquals(right.sampled(), found.sampled());
                        for (int i = 0; i < fresh.size(); i++) {
                            assertArrayEquals(right.scored()[i], found.scored()[i]);
                        }
                    }
                    return true;
                }));
            }
            for (Future<Boolean> each : working) {
                assertTrue(each.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** A call that is under way ends as it would have; closing waits for it, and what comes later is refused. */
    @Test
    void closingDuringACallWaitsForIt() throws InterruptedException, ExecutionException, IOException {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.MLP, folder)) {
            List<Prompt> prompts = Frozen.play(frozen.trained, "helpful", 1).prompts().subList(0, 1);
            List<Response> right = frozen.policy.sample(prompts, SamplingConfig.standard(), List.of(() -> 42));
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            Future<List<Response>> call = threads.submit(() ->
                    frozen.policy.sample(prompts, SamplingConfig.standard(), List.<RandomGenerator>of(() -> {
                        inside.countDown();
                        await(goOn);
                        return 42;
                    })));
            await(inside);
            Thread closing = new Thread(frozen.policy::close);
            closing.start();
            awaitWaiting(closing);
            goOn.countDown();
            assertEquals(right, call.get());
            closing.join();
            frozen.policy.close();
            assertEquals("this policy is closed", assertThrows(IllegalStateException.class,
                    () -> frozen.policy.sample(prompts, SamplingConfig.standard(), List.of(() -> 42))).getMessage());
            assertThrows(IllegalStateException.class, () -> frozen.policy.score(prompts, right, ScoreRequest.logProbs()));
        } finally {
            threads.shutdownNow();
        }
    }

    /** Each is the other's target, and both are closed while both score. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void policiesThatScoreEachOtherAreClosedAfterwards() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (Frozen frozen = Frozen.wason(OnnxPolicyTest.MLP, folder); OnnxPolicy other = OnnxPolicy.load(frozen.file)) {
            List<Prompt> prompts = Frozen.play(frozen.trained, "helpful", 1).prompts().subList(0, 1);
            List<Response> responses = frozen.policy.sample(prompts, SamplingConfig.standard(), List.of(() -> 42));
            CountDownLatch inside = new CountDownLatch(2);
            CountDownLatch goOn = new CountDownLatch(1);
            List<Response> slow = new AbstractList<>() {
                @Override
                public Response get(int index) {
                    return responses.get(index);
                }

                @Override
                public int size() {
                    return responses.size();
                }

                // Called when the score has begun.
                @Override
                public List<Response> subList(int from, int to) {
                    inside.countDown();
                    await(goOn);
                    return responses.subList(from, to);
                }
            };
            List<Future<Scores>> scores = List.of(
                    threads.submit(() -> frozen.policy.score(prompts, slow, against(other, prompts))),
                    threads.submit(() -> other.score(prompts, slow, against(frozen.policy, prompts))));
            await(inside);
            List<Thread> closing = List.of(new Thread(frozen.policy::close), new Thread(other::close));
            for (Thread each : closing) {
                each.start();
                awaitWaiting(each);
            }
            goOn.countDown();
            for (Future<Scores> each : scores) {
                assertEquals(0, each.get().divergences().get(0)[0][0], 1e-6);
            }
            for (Thread each : closing) {
                each.join();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static ScoreRequest against(OnnxPolicy target, List<Prompt> prompts) {
        return ScoreRequest.logProbs().withDivergences(List.of(new ScoreRequest.Divergence(target, prompts, 0)));
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() == Thread.State.NEW || thread.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        assertTrue(thread.isAlive(), "closing waits");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
