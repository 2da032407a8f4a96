package io.parley.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.cells.CellDialogues;
import io.parley.core.task.DialogueLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.StreamSupport;

/**
 * Whole dialogues of a cell for people to read: what was shown and said in each round, and what the twin said.
 *
 * @param instructions what the collaborator was told before each
 * @param dialogues none if the cell kept none in words
 */
record DialoguesToRead(String instructions, List<Page.Told> dialogues) {
    /**
     * Dialogues in words in which the partner spoke, of each partner in turn.
     *
     * @param folder of the cell
     * @param most dialogues
     */
    static DialoguesToRead of(Path folder, int most) throws IOException {
        String instructions = "";
        Map<String, List<JsonNode>> byPartner = new LinkedHashMap<>();
        for (JsonNode log : CellDialogues.logs(folder)) {
            if (log.has(DialogueLog.MESSAGES) && spoken(log)) {
                JsonNode first = log.path(DialogueLog.MESSAGES).path(0);
                instructions = first.path("role").asText().equals("system") ? first.path("content").asText() : instructions;
                byPartner.computeIfAbsent(log.path(DialogueLog.PARTNER).asText(), partner -> new ArrayList<>()).add(log);
            }
        }
        List<Page.Told> told = new ArrayList<>();
        int longest = byPartner.values().stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (List<JsonNode> logs : byPartner.values()) {
                if (i < logs.size() && told.size() < most) {
                    told.add(told(logs.get(i)));
                }
            }
        }
        return new DialoguesToRead(instructions, told);
    }

    private static boolean spoken(JsonNode log) {
        return StreamSupport.stream(log.path(DialogueLog.ROUNDS).spliterator(), false)
                .anyMatch(round -> round.path("intervention").isObject());
    }

    private static Page.Told told(JsonNode log) {
        JsonNode rounds = log.path(DialogueLog.ROUNDS);
        List<String> shown = new ArrayList<>();
        StringJoiner before = new StringJoiner("\n");
        for (JsonNode message : log.path(DialogueLog.MESSAGES)) {
            String content = message.path("content").asText();
            switch (message.path("role").asText()) {
                case "system" -> { }
                case "assistant" -> {
                    shown.add(before.toString());
                    before = new StringJoiner("\n");
                }
                default -> before.add(content);
            }
        }
        // A long dialogue has lost its oldest rounds when its last one is shown.
        int cut = Math.max(0, rounds.size() - shown.size());
        List<Page.Exchange> exchanges = new ArrayList<>();
        for (int r = 0; r < rounds.size(); r++) {
            JsonNode round = rounds.get(r);
            exchanges.add(new Page.Exchange(r < cut ? null : shown.get(r - cut), about(round),
                    round.path(DialogueLog.RESPONSE).path("raw").asText(), outcome(round, DialogueLog.RESPONSE),
                    round.path(DialogueLog.TWIN).path("raw").asText(), outcome(round, DialogueLog.TWIN)));
        }
        String partner = log.path(DialogueLog.PARTNER).asText();
        return new Page.Told(partner + " partner, episode " + log.path(DialogueLog.EPISODE).asText(), exchanges);
    }

    private static String about(JsonNode round) {
        JsonNode intervention = round.path("intervention");
        String suggestion = !intervention.isObject() ? "partner silent"
                : intervention.path("true").asBoolean() ? "true suggestion" : "false suggestion";
        return "evidence " + round.path("evidence").asText() + ", " + suggestion;
    }

    private static String outcome(JsonNode round, String who) {
        JsonNode response = round.path(who);
        return response.isMissingNode() ? "" : !response.path("parsed").asBoolean(true) ? "not readable"
                : response.path("stances").equals(round.path("solution")) ? "right" : "wrong";
    }
}
