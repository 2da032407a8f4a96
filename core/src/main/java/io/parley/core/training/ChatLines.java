package io.parley.core.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** JSON Lines with chats in them, as other trainers read and write: lists of messages {@code {"role": …, "content": …}}. */
final class ChatLines {
    /** A second object in a line, where a line break was lost, is refused rather than passed over. */
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private ChatLines() {}

    /** What is done with a line. */
    @FunctionalInterface
    interface Reader {
        /**
         * @param number of the line, from 1
         * @throws IllegalArgumentException if it cannot be used
         */
        void read(int number, JsonNode line);
    }

    /**
     * Reads a file; blank lines are passed over.
     *
     * @throws IOException if the file cannot be read or a line cannot be used; the message names file and line
     */
    static void read(Path file, Reader reader) throws IOException {
        int number = 0;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (number == 1 && line.startsWith("\uFEFF")) {
                    // With which Windows begins a text in UTF-8.
                    line = line.substring(1);
                }
                if (!line.isBlank()) {
                    reader.read(number, JSON.readTree(line));
                }
            }
        } catch (JsonProcessingException e) {
            throw new IOException(file + ", line " + number + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ", line " + number + ": " + e.getMessage(), e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not a text in UTF-8" + (number > 0 ? ", after line " + number : ""), e);
        } catch (IOException e) {
            throw new IOException(file + " cannot be read" + (number > 0 ? " after line " + number : "") + ": " + e, e);
        }
    }

    /**
     * Messages as they stand there.
     *
     * @param name of the key, for the message when they are none
     */
    static List<ChatMessage> chat(String name, JsonNode node) {
        if (!node.isArray() || node.isEmpty()) {
            throw new IllegalArgumentException("'" + name + "' is " + node + "; a text or a list of messages");
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : node) {
            if (!message.path("content").isTextual() || !message.path("role").isTextual()) {
                throw new IllegalArgumentException("a message is " + message + "; {\"role\": …, \"content\": \"…\"}");
            }
            messages.add(new ChatMessage(message.get("role").textValue(), message.get("content").textValue()));
        }
        return messages;
    }

    /** A message is one segment; a round ends with the assistant's. */
    static Prompt prompt(String name, List<ChatMessage> messages) {
        List<Segment> segments = new ArrayList<>();
        int round = 1;
        for (ChatMessage message : messages) {
            segments.add(switch (message.role()) {
                case "system" -> new Segment(Role.SYSTEM, SegmentKind.RULES, 0, message.content());
                case "user" -> new Segment(Role.USER, SegmentKind.QUESTION, round, message.content());
                case "assistant" -> new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round++, message.content());
                default -> throw new IllegalArgumentException("'" + name + "' has a message of role '" + message.role()
                        + "'; allowed: system, user, assistant");
            });
        }
        return new Prompt(segments);
    }
}
