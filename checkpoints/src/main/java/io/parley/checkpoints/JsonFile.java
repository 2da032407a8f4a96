package io.parley.checkpoints;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.files.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A JSON object and the file it comes from, so that what is wrong with a key can be said with the file's name. */
record JsonFile(Path file, ObjectNode node) {
    /** Duplicate keys are refused: two readers could otherwise see two things in one file. */
    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    static final int LIMIT = 8 << 20;

    /**
     * Reads a file of at most 8 MiB.
     *
     * @param role what the file is for, as in "a checkpoint has a config.json"
     */
    static JsonFile read(Path file, String role) throws IOException {
        try {
            return new JsonFile(file, object(bytes(file, LIMIT), file.toString()));
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(file.toString(), null, role);
        }
    }

    /** A file of at most so many bytes. */
    static byte[] bytes(Path file, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new IOException(
                        file + " has " + Files.size(file) + " bytes; at most " + limit + " are read of such a file");
            }
            return bytes;
        }
    }

    /** Writes an object; a reader sees the former file or the whole new one. */
    static void write(Path file, ObjectNode node) throws IOException {
        WholeFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node));
    }

    /** @param place names the source in messages */
    static ObjectNode object(byte[] bytes, String place) throws IOException {
        try {
            JsonNode node = JSON.readTree(bytes);
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw new IOException(place + " is not a JSON object: it was cut off or is another file");
        } catch (JsonProcessingException e) {
            throw new IOException(place + " is not JSON: it was cut off or is another file (" + e.getOriginalMessage() + ")", e);
        }
    }

    /** Whether the key is there with a value other than null. */
    boolean has(String key) {
        return node.hasNonNull(key);
    }

    int integer(String key, int atLeast) throws IOException {
        JsonNode value = node.path(key);
        if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < atLeast) {
            throw wrong(key, "a whole number, at least " + atLeast);
        }
        return value.intValue();
    }

    int integer(String key, int atLeast, int otherwise) throws IOException {
        return has(key) ? integer(key, atLeast) : otherwise;
    }

    double positive(String key) throws IOException {
        JsonNode value = node.path(key);
        if (!value.isNumber() || !(value.doubleValue() > 0) || Double.isInfinite(value.doubleValue())) {
            throw wrong(key, "a number above 0");
        }
        return value.doubleValue();
    }

    double positive(String key, double otherwise) throws IOException {
        return has(key) ? positive(key) : otherwise;
    }

    boolean flag(String key, boolean otherwise) throws IOException {
        if (!has(key)) {
            return otherwise;
        }
        if (!node.path(key).isBoolean()) {
            throw wrong(key, "true or false");
        }
        return node.path(key).booleanValue();
    }

    /** Refuses a text other than the supported one; absent is as good. */
    void require(String key, String supported) throws IOException {
        String value = text(key, supported);
        if (!value.equals(supported)) {
            throw new IOException(file + ": " + key + " is " + value + "; supported is " + supported);
        }
    }

    String text(String key, String otherwise) throws IOException {
        if (!has(key)) {
            return otherwise;
        }
        if (!node.path(key).isTextual()) {
            throw wrong(key, "a text");
        }
        return node.path(key).textValue();
    }

    /** The object at a key, whose keys are then named behind its own; empty when absent. */
    JsonFile object(String key) throws IOException {
        if (!has(key)) {
            return new JsonFile(file, JSON.createObjectNode());
        }
        if (!(node.path(key) instanceof ObjectNode object)) {
            throw wrong(key, "an object");
        }
        return new JsonFile(file, object);
    }

    IOException wrong(String key, String allowed) {
        return new IOException(file + ": " + key + " is " + shown(key) + "; it must be " + allowed);
    }

    String shown(String key) {
        JsonNode value = node.path(key);
        String text = value.isMissingNode() ? "absent" : value.toString();
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }
}
