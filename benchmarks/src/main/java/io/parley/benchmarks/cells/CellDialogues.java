package io.parley.benchmarks.cells;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.task.DialogueLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The dialogues that a finished cell kept of its evaluation. */
public final class CellDialogues {
    /** Where a cell keeps them, gzipped JSON Lines. */
    static final String FILE = "episodes.jsonl.gz";

    private CellDialogues() {}

    /**
     * The dialogues as chats: {@code messages}, and {@code partner} and {@code episode} to tell them apart.
     *
     * @throws InputException if there is no whole cell, it kept none, or they are not in words
     */
    public static List<JsonNode> messages(Path cell) throws IOException {
        CellPolicy.specification(cell);
        List<JsonNode> chats = new ArrayList<>();
        for (JsonNode log : logs(cell)) {
            if (!log.has(DialogueLog.MESSAGES)) {
                throw new InputException(cell.resolve(FILE)
                        + ": its dialogues are not in words; messages are kept of tasks with press: full");
            }
            ObjectNode chat = CellFolder.JSON.createObjectNode();
            for (String key : List.of(DialogueLog.MESSAGES, DialogueLog.PARTNER, DialogueLog.EPISODE)) {
                chat.set(key, log.get(key));
            }
            chats.add(chat);
        }
        if (chats.isEmpty()) {
            throw new InputException(cell
                    + ": kept no dialogues; evaluation.dialogues says how many a cell keeps of each partner");
        }
        return chats;
    }

    /**
     * The logs of the dialogues, in the form of {@link DialogueLog}.
     *
     * @return none if the cell kept none
     */
    public static List<JsonNode> logs(Path cell) throws IOException {
        Path file = cell.resolve(FILE);
        List<JsonNode> logs = new ArrayList<>();
        if (Files.exists(file)) {
            try (BufferedReader lines = new BufferedReader(
                    new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    logs.add(CellFolder.JSON.readTree(line));
                }
            }
        }
        return logs;
    }
}
