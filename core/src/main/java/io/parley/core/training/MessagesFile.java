package io.parley.core.training;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Response;
import io.parley.core.task.Demonstration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Dialogues as a JSON Lines file, in the conversational form that other trainers read and write: an object a line with
 * {@code messages}, a list of {@code {"role": …, "content": …}}.
 */
public final class MessagesFile {
    private MessagesFile() {}

    /**
     * A line of a file.
     *
     * @param line its number, from 1
     * @param demonstrations one for each of the assistant's messages, whose prompt is all messages before it; at least one
     */
    public record Dialogue(int line, List<Demonstration> demonstrations) {
        public Dialogue {
            demonstrations = List.copyOf(demonstrations);
        }
    }

    /**
     * Reads dialogues. Other keys than {@code messages} are passed over; so are blank lines, and what follows the assistant's
     * last message. A message is one segment of a prompt; a round ends with the assistant's message.
     *
     * @throws IOException if the file cannot be read, a line cannot be used, or there is none; the message names file and line. A
     *     line is used if its messages are texts of system, user and assistant, the system speaks at the beginning alone, and the
     *     assistant speaks after a user did
     */
    public static List<Dialogue> read(Path file) throws IOException {
        List<Dialogue> dialogues = new ArrayList<>();
        ChatLines.read(file, (number, line) -> dialogues.add(new Dialogue(number, demonstrations(line))));
        if (dialogues.isEmpty()) {
            throw new IOException(file + " holds no dialogues");
        }
        return dialogues;
    }

    private static List<Demonstration> demonstrations(JsonNode line) {
        JsonNode node = line.get("messages");
        if (node == null || !node.isArray() || node.isEmpty()) {
            throw new IllegalArgumentException("'messages' is " + (node == null ? "missing" : node)
                    + "; a line is {\"messages\": [{\"role\": …, \"content\": \"…\"}, …]}");
        }
        List<ChatMessage> messages = ChatLines.chat("messages", node);
        // Roles that nobody knows are refused behind the last answer too.
        ChatLines.prompt("messages", messages);
        List<Demonstration> demonstrations = new ArrayList<>();
        boolean asked = false;
        for (int i = 0; i < messages.size(); i++) {
            ChatMessage message = messages.get(i);
            switch (message.role()) {
                case "user" -> asked = true;
                case "assistant" -> {
                    if (!asked) {
                        throw new IllegalArgumentException("the assistant speaks before any user did; nothing was asked there");
                    }
                    demonstrations.add(new Demonstration(
                            ChatLines.prompt("messages", messages.subList(0, i)), Response.of(message.content())));
                }
                default -> {
                    if (i > 0) {
                        throw new IllegalArgumentException(
                                "message " + (i + 1) + " is the system's; it speaks first, or not at all");
                    }
                }
            }
        }
        if (demonstrations.isEmpty()) {
            throw new IllegalArgumentException("no message is the assistant's; there is nothing to learn from");
        }
        return demonstrations;
    }
}
