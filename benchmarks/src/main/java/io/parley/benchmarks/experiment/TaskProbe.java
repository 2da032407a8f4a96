package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.scoring.Scorer;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Plays one episode of a task and its silent twin, so that a task that cannot be scored is refused before anything is trained.
 */
final class TaskProbe {
    private static final InterventionAgent TRUTHFUL =
            (view, streams) -> new Intervention(view.trueSuggestion(), Intervention.Tone.CONFIDENT);
    private static final InterventionAgent SILENT = (view, streams) -> Intervention.SILENCE;

    private TaskProbe() {}

    /** @throws ConfigurationException if the episode cannot be played or its log cannot be scored */
    static void check(Task task) {
        ObjectNode log = play(task, TRUTHFUL);
        ObjectNode twin = play(task, SILENT);
        try {
            Scorer.mergeTwin(log, twin);
            Scorer.score(List.of(log));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("", "this task's dialogues cannot be scored: " + e.getMessage()
                    + ". Episodes.log() returns what " + DialogueLog.class.getName() + " makes", e);
        }
    }

    /**
     * Lets a partner speak first in an episode of a task, if it is one whose turns can be computed.
     *
     * @throws ConfigurationException if it cannot be a partner there
     */
    static void meet(Task task, InterventionAgent partner) {
        if (!partner.deterministic()) {
            return;
        }
        try {
            task.begin(new EpisodeRequest(Split.DEV, 0, 1, partner, new RandomStreams(0)));
        } catch (ConfigurationException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new ConfigurationException("", "it cannot be the partner in this task: " + e.getMessage(), e);
        }
    }

    private static ObjectNode play(Task task, InterventionAgent partner) {
        List<ObjectNode> logs;
        int rounds = 0;
        try {
            Response response = Response.of(task.text().format() instanceof ResponseFormat.Choices choices
                    ? choices.positions().stream().map(words -> words.get(0)).collect(Collectors.joining(" "))
                    : "");
            Episodes episodes = task.begin(new EpisodeRequest(Split.DEV, 0, 1, partner, new RandomStreams(0)));
            while (!episodes.done()) {
                episodes.step(List.of(response));
                rounds++;
            }
            logs = episodes.log();
        } catch (RuntimeException e) {
            throw new ConfigurationException("", "this task's first episode cannot be played: " + e.getClass().getSimpleName()
                    + (e.getMessage() == null ? "" : ": " + e.getMessage()), e);
        }
        int logged = logs.size() == 1 ? logs.get(0).path(DialogueLog.ROUNDS).size() : -1;
        if (logged != rounds) {
            throw new ConfigurationException("", "this task's dialogues cannot be scored: one episode of "
                    + rounds + " rounds has " + (logged < 0 ? logs.size() + " logs" : "a log of " + logged));
        }
        return logs.get(0);
    }
}
