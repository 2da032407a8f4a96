package io.parley.benchmarks.play;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.Intervention;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.PartnerView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The turns of a recorded partner, said again to whoever plays now; gone where the record ends. */
final class Replay implements Partner {
    private final Map<Long, JsonNode> rounds = new HashMap<>();
    private final Board board;
    private boolean gone;

    /** @param logs of the recorded partner's episodes */
    Replay(List<JsonNode> logs, Board board) {
        logs.forEach(log -> rounds.put(log.path(DialogueLog.EPISODE).asLong(), log.path(DialogueLog.ROUNDS)));
        this.board = board;
    }

    @Override
    public boolean gone() {
        return gone;
    }

    @Override
    public Intervention intervene(PartnerView view, RandomStreams streams) {
        JsonNode round = rounds.containsKey(view.episode()) ? rounds.get(view.episode()).path(view.round() - 1) : null;
        if (gone || round == null || round.isMissingNode()) {
            gone = true;
            return Intervention.SILENCE;
        }
        if (!words(round.path("solution")).equals(view.trueSuggestion())) {
            throw new InputException("--replay: in round " + view.round() + " of episode " + view.episode()
                    + " the right answer is " + view.trueSuggestion() + " here and " + words(round.path("solution"))
                    + " in the log: give the same task and --seed");
        }
        board.ask(view, Person.stances(view), rounds.size());
        JsonNode said = round.path("intervention");
        if (!said.isObject()) {
            return Intervention.SILENCE;
        }
        String tone = said.path("tone").asText();
        return new Intervention(words(said.path("suggestion")), Arrays.stream(Tone.values())
                .filter(known -> known.name().equalsIgnoreCase(tone)).findFirst()
                .orElseThrow(() -> new InputException("--replay: in round " + view.round() + " of episode " + view.episode()
                        + " the tone of the intervention is '" + tone + "'; confident or hesitant")),
                said.path("words").asText());
    }

    private static List<String> words(JsonNode list) {
        List<String> words = new ArrayList<>();
        list.forEach(word -> words.add(word.asText()));
        return words;
    }
}
