package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Task;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A task that adds up the seconds spent in its episodes: questions, partner, participants, rewards, prompts. */
final class ClockedTask implements Task {
    private final Task task;
    private double seconds;

    ClockedTask(Task task) {
        this.task = task;
    }

    /** Since the task was made. */
    double seconds() {
        return seconds;
    }

    private <T> T clocked(Supplier<T> work) {
        long start = System.nanoTime();
        T result = work.get();
        seconds += (System.nanoTime() - start) / 1e9;
        return result;
    }

    @Override
    public TextSpec text() {
        return task.text();
    }

    @Override
    public int rounds() {
        return task.rounds();
    }

    @Override
    public Episodes begin(EpisodeRequest request) {
        return new Clocked(clocked(() -> task.begin(request)));
    }

    @Override
    public List<Demonstration> demonstrations(DemonstrationRequest request) {
        return task.demonstrations(request);
    }

    private final class Clocked implements Episodes {
        private final Episodes episodes;

        Clocked(Episodes episodes) {
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
            return clocked(episodes::prompts);
        }

        @Override
        public List<String> strata() {
            return clocked(episodes::strata);
        }

        @Override
        public List<Map<String, Double>> score(List<Response> responses) {
            return clocked(() -> episodes.score(responses));
        }

        @Override
        public List<Map<String, Double>> step(List<Response> responses) {
            return clocked(() -> episodes.step(responses));
        }

        @Override
        public Episodes fork() {
            return new Clocked(clocked(episodes::fork));
        }

        @Override
        public List<ObjectNode> log() {
            return clocked(episodes::log);
        }
    }
}
