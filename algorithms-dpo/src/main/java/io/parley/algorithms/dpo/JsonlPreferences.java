package io.parley.algorithms.dpo;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.training.Preference;
import io.parley.core.training.PreferenceSource;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.Preferences;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Provides {@code jsonl}: pairs from a JSON Lines file, one object a line with {@code prompt}, {@code chosen} and
 * {@code rejected}. Each is a text, or a list of chat messages {@code {"role": …, "content": …}}; the two responses are
 * then one message each. Other keys are passed over; blank lines too.
 */
public final class JsonlPreferences implements PreferenceSourceProvider<JsonlPreferences.Config> {
    /** Configuration of {@code jsonl}. */
    public record Config(@JsonPropertyDescription("The file.") String file) {
        public Config {
            if (file == null || file.isBlank()) {
                throw new IllegalArgumentException("file is not given; name a JSON Lines file with prompt, chosen and rejected");
            }
        }
    }

    @Override
    public String id() {
        return "jsonl";
    }

    @Override
    public String description() {
        return "Pairs from a JSON Lines file of prompt, chosen and rejected.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public PreferenceSource create(Config config, PluginContext context) {
        Path file = Path.of(config.file());
        if (!Files.isRegularFile(file)) {
            throw new ConfigurationException("file", "there is no file " + file.toAbsolutePath());
        }
        return (training, initial) -> new Preferences(read(file), 0);
    }

    /** @throws ConfigurationException if the file cannot be read or a line is malformed; the message names both */
    static List<Preference> read(Path file) {
        List<Preference> pairs = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        int number = 0;
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank()) {
                    try {
                        JsonNode node = mapper.readTree(line);
                        pairs.add(new Preference(prompt(field(node, "prompt")), response(node, "chosen"), response(node, "rejected")));
                    } catch (JsonProcessingException e) {
                        throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
                    }
                }
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("file", file + ", line " + number + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ConfigurationException("file", file + " cannot be read" + (number > 0 ? " after line " + number : "") + ": " + e, e);
        }
        if (pairs.isEmpty()) {
            throw new ConfigurationException("file", file + " holds no pairs");
        }
        return pairs;
    }

    private static JsonNode field(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null || value.isNull()) {
            throw new IllegalArgumentException("'" + name + "' is missing; a line is {\"prompt\": …, \"chosen\": …, \"rejected\": …}");
        }
        return value;
    }

    private static Prompt prompt(JsonNode node) {
        if (node.isTextual()) {
            return new Prompt(List.of(new Segment(Role.USER, SegmentKind.QUESTION, 1, node.textValue())));
        }
        List<Segment> segments = new ArrayList<>();
        for (JsonNode message : messages("prompt", node)) {
            String role = message.path("role").asText();
            segments.add(switch (role) {
                case "system" -> new Segment(Role.SYSTEM, SegmentKind.RULES, 0, content(message));
                case "user" -> new Segment(Role.USER, SegmentKind.QUESTION, 1, content(message));
                case "assistant" -> new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, 1, content(message));
                default -> throw new IllegalArgumentException(
                        "'prompt' has a message of role '" + role + "'; allowed: system, user, assistant");
            });
        }
        return new Prompt(segments);
    }

    private static Response response(JsonNode line, String name) {
        JsonNode node = field(line, name);
        if (node.isTextual()) {
            return Response.of(node.textValue());
        }
        JsonNode messages = messages(name, node);
        if (messages.size() != 1) {
            throw new IllegalArgumentException("'" + name + "' has " + messages.size() + " messages; one, the response");
        }
        return Response.of(content(messages.get(0)));
    }

    private static JsonNode messages(String name, JsonNode node) {
        if (!node.isArray() || node.isEmpty()) {
            throw new IllegalArgumentException("'" + name + "' is " + node + "; a text or a list of messages");
        }
        return node;
    }

    private static String content(JsonNode message) {
        if (!message.path("content").isTextual()) {
            throw new IllegalArgumentException("a message is " + message + "; {\"role\": …, \"content\": \"…\"}");
        }
        return message.get("content").textValue();
    }
}
