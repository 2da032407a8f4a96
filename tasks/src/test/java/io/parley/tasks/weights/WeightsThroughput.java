package io.parley.tasks.weights;

import io.parley.core.dialogue.Response;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.wason.Play;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collections;
import java.util.List;

/** Rounds a second of the simulator, in processor time of one thread: prompts, partner, participants, rewards; no policy. */
final class WeightsThroughput {
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    private WeightsThroughput() {}

    public static void main(String[] args) {
        measure("weights", "support oppose oppose");
        measure("{'id': 'weights', 'regime': 'single'}", "support oppose oppose blue red+green");
    }

    private static void measure(String json, String response) {
        List<Response> responses = Collections.nCopies(512, Response.of(response));
        Task task = Play.task(json);
        for (int repeat = 0; repeat < 5; repeat++) {
            long start = THREAD.getCurrentThreadCpuTime();
            long rounds = 0;
            for (long first = 0; THREAD.getCurrentThreadCpuTime() - start < 1_000_000_000L; first += 512) {
                Episodes episodes = Play.begin(task, Split.TRAIN, first, 512, "mixed", 1);
                while (!episodes.done()) {
                    episodes.step(responses);
                    rounds += 512;
                }
            }
            System.out.printf("%s: %,d rounds/s%n", json, rounds * 1_000_000_000L / (THREAD.getCurrentThreadCpuTime() - start));
        }
    }
}
