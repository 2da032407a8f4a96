package io.parley.core.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.WholeFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Pairs as a JSON Lines file, in the forms that other trainers read and write: an object a line with {@code prompt},
 * {@code chosen} and {@code rejected}. Each is a text, or a list of chat messages {@code {"role": …, "content": …}}, of which
 * {@code chosen} and {@code rejected} are the last one, the response; they may repeat the prompt before it, and then no
 * {@code prompt} is needed.
 */
public final class PreferenceFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PreferenceFile() {}

    /**
     * Reads pairs. Keys with other names are passed over; blank lines too. A message is one segment of the prompt; a round ends
     * with the assistant's message.
     *
     * @throws IOException if the file cannot be read, a line is malformed, or there is none; the message names file and line
     */
    public static List<Preference> read(Path file) throws IOException {
        List<Preference> pairs = new ArrayList<>();
        ChatLines.read(file, (number, line) -> pairs.add(pair(line)));
        if (pairs.isEmpty()) {
            throw new IOException(file + " holds no pairs");
        }
        return pairs;
    }

    /**
     * Writes pairs, all three fields as messages, which TRL and others render with the model's own chat template.
     *
     * @param chat a prompt as messages: {@link ChatMessage#of(Prompt)}, or that of the policy whose pairs they are
     *     ({@link io.parley.core.policy.Policy#chat})
     * @throws IOException if the file cannot be written; the message names it and says why, and a former one is left
     */
    public static void write(Path file, List<Preference> pairs, Function<Prompt, List<ChatMessage>> chat) throws IOException {
        WholeFile.write(file, channel -> {
            Writer out = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            for (Preference pair : pairs) {
                ObjectNode line = JSON.createObjectNode();
                line.set("prompt", messages(chat.apply(pair.prompt())));
                line.set("chosen", messages(List.of(ChatMessage.of(pair.chosen()))));
                line.set("rejected", messages(List.of(ChatMessage.of(pair.rejected()))));
                out.write(line.toString());
                out.write('\n');
            }
            out.flush();
        });
    }

    /** A chat as JSON. */
    public static ArrayNode messages(List<ChatMessage> chat) {
        ArrayNode messages = JSON.createArrayNode();
        chat.forEach(message -> messages.addObject().put("role", message.role()).put("content", message.content()));
        return messages;
    }

    private static Preference pair(JsonNode line) {
        JsonNode prompt = line.get("prompt");
        List<ChatMessage> before = null;
        if (prompt != null && !prompt.isNull()) {
            before = prompt.isTextual() ? List.of(new ChatMessage("user", prompt.textValue())) : ChatLines.chat("prompt", prompt);
        }
        List<List<ChatMessage>> said = new ArrayList<>();
        for (String name : List.of("chosen", "rejected")) {
            JsonNode node = line.get(name);
            if (node == null || node.isNull()) {
                throw missing(name);
            }
            said.add(node.isTextual() ? List.of(new ChatMessage("assistant", node.textValue())) : ChatLines.chat(name, node));
        }
        List<ChatMessage> chosen = said.get(0);
        List<ChatMessage> rejected = said.get(1);
        if (chosen.size() == 1 && rejected.size() == 1) {
            if (before == null) {
                throw missing("prompt");
            }
        } else {
            List<ChatMessage> shared = chosen.subList(0, chosen.size() - 1);
            if (!shared.equals(rejected.subList(0, rejected.size() - 1))) {
                throw new IllegalArgumentException("'chosen' has " + chosen.size() + " messages and 'rejected' " + rejected.size()
                        + ", and they differ before the last one; a pair is two responses to one prompt");
            }
            // A dataset that repeats the prompt in both may have its last question, or all of it, in 'prompt' too.
            if (before != null && !shared.subList(Math.max(0, shared.size() - before.size()), shared.size()).equals(before)) {
                throw new IllegalArgumentException("'chosen' and 'rejected' begin with another prompt than 'prompt'");
            }
            before = shared;
        }
        return new Preference(ChatLines.prompt("prompt", before), response("chosen", chosen), response("rejected", rejected));
    }

    private static IllegalArgumentException missing(String name) {
        return new IllegalArgumentException(
                "'" + name + "' is missing; a line is {\"prompt\": …, \"chosen\": …, \"rejected\": …}");
    }

    private static Response response(String name, List<ChatMessage> messages) {
        ChatMessage last = messages.get(messages.size() - 1);
        if (!last.role().equals("assistant")) {
            throw new IllegalArgumentException("'" + name + "' ends with a message of role '" + last.role() + "'; a response is "
                    + "the assistant's");
        }
        return Response.of(last.content());
    }
}
