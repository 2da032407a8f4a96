package io.parley.core.policy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.files.WholeFile;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The two files of a saved policy: {@code policy.safetensors}, its arrays by name, and {@code policy.json}, an object of
 * {@code schema} (1), {@code id} (the provider's), what the policy says of itself, {@code parameters} (shapes by name) and
 * {@code sha256} of the other file, so that one that was cut off, altered or put beside another description is refused. Where the
 * policy has a tokenizer it lies beside them as {@code tokenizer.json}, its hash in the description under that name.
 *
 * @param description what {@code policy.json} holds
 * @param arrays what {@code policy.safetensors} holds, in its order, on the manager that it was read with
 */
public record PolicyFiles(JsonNode description, Map<String, NDArray> arrays) {
    /** Name of the file that holds the parameters. */
    public static final String PARAMETERS = "policy.safetensors";
    /** Name of the file that says what they are. */
    public static final String DESCRIPTION = "policy.json";
    /** Name of the file that says how texts become tokens, where a policy has one; in the format of Hugging Face's Tokenizers. */
    public static final String TOKENIZER = "tokenizer.json";
    private static final int SCHEMA = 1;
    private static final ObjectMapper JSON = new ObjectMapper();
    /** By place, size and time. */
    private static final Map<String, String> KNOWN = new ConcurrentHashMap<>();
    /** A file that changed within it may change again without its time showing it. */
    private static final Duration CLOCK_STEP = Duration.ofSeconds(2);

    /**
     * Writes both files; a reader of either sees the former one or the whole new one.
     *
     * @param folder created when absent
     * @param about what else must be known for the arrays to make sense, such as a configuration
     * @throws IOException if the folder cannot be written, or the arrays have more than {@link Integer#MAX_VALUE} bytes together,
     *     of which nothing is written; the message names the folder and says why
     */
    public static void write(Path folder, String id, ObjectNode about, Map<String, NDArray> arrays) throws IOException {
        write(folder, id, about, arrays, null);
    }

    /**
     * The same, with a tokenizer beside them, whose hash the description says.
     *
     * @param tokenizer the text of {@link #TOKENIZER}, or null for none
     */
    public static void write(Path folder, String id, ObjectNode about, Map<String, NDArray> arrays, String tokenizer)
            throws IOException {
        requireFits(folder, arrays.values());
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw WholeFile.cannotWrite(folder, e);
        }
        ObjectNode description = JSON.createObjectNode();
        description.put("schema", SCHEMA);
        description.put("id", id);
        description.setAll(about);
        if (tokenizer != null) {
            byte[] words = tokenizer.getBytes(StandardCharsets.UTF_8);
            description.put(TOKENIZER, sha256(words));
            WholeFile.write(folder.resolve(TOKENIZER), words);
        }
        ObjectNode shapes = description.putObject("parameters");
        NDList list = new NDList();
        arrays.forEach((name, array) -> {
            array.setName(name);
            list.add(array);
            Arrays.stream(array.getShape().getShape()).forEach(shapes.withArray(name)::add);
        });
        MessageDigest digest = digest();
        WholeFile.write(folder.resolve(PARAMETERS), channel -> {
            OutputStream hashed = new DigestOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)), digest);
            list.encode(hashed, NDList.Encoding.SAFETENSORS);
            hashed.flush();
        });
        description.put("sha256", HexFormat.of().formatHex(digest.digest()));
        WholeFile.write(folder.resolve(DESCRIPTION), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(description));
    }

    /** The writer counts places of arrays in an int, and would write wrong ones beyond it without a word. */
    private static void requireFits(Path folder, Collection<NDArray> arrays) throws IOException {
        long bytes = 0;
        for (NDArray array : arrays) {
            bytes += array.getDataType().getNumOfBytes() * array.getShape().size();
        }
        if (bytes > Integer.MAX_VALUE) {
            throw new IOException(String.format(Locale.ROOT, "cannot write %s: its arrays have %,d bytes together, and at most "
                    + "%,d can be written to one file; train fewer parameters",
                    folder.resolve(PARAMETERS), bytes, Integer.MAX_VALUE));
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param about what the description must say, key by key; it may say more
     * @param manager owns the arrays
     * @throws IOException if a file is absent, cut off, altered, or of another policy; the message names the file, what
     *     was found and what was expected
     */
    public static PolicyFiles read(Path folder, String id, ObjectNode about, NDManager manager) throws IOException {
        Path file = folder.resolve(DESCRIPTION);
        JsonNode found = description(file);
        expect(file, "id", JSON.getNodeFactory().textNode(id), found.path("id"));
        // Read back as text, so that numbers compare as they are written.
        JsonNode expected = JSON.readTree(JSON.writeValueAsBytes(about));
        for (Iterator<Map.Entry<String, JsonNode>> fields = expected.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            expect(file, field.getKey(), field.getValue(), found.path(field.getKey()));
        }
        return read(folder, found, manager);
    }

    /**
     * Reads what {@link #write} wrote for any policy.
     *
     * @param manager owns the arrays
     * @throws IOException if a file is absent, cut off or altered; the message names the file
     */
    public static PolicyFiles read(Path folder, NDManager manager) throws IOException {
        return read(folder, description(folder.resolve(DESCRIPTION)), manager);
    }

    /**
     * The description alone, for a reader that maps the arrays' file itself; it is the file that the description means.
     *
     * @throws IOException if a file is absent, cut off or altered; the message names the file
     */
    public static JsonNode describe(Path folder) throws IOException {
        JsonNode description = description(folder.resolve(DESCRIPTION));
        requireHashes(folder, description);
        return description;
    }

    private static PolicyFiles read(Path folder, JsonNode description, NDManager manager) throws IOException {
        requireHashes(folder, description);
        return new PolicyFiles(description, arrays(folder, manager));
    }

    private static void requireHashes(Path folder, JsonNode description) throws IOException {
        if (description.has(TOKENIZER)) {
            requireHash(folder.resolve(TOKENIZER), description.path(TOKENIZER).asText());
        }
        requireHash(folder.resolve(PARAMETERS), description.path("sha256").asText());
    }

    private static void requireHash(Path file, String expected) throws IOException {
        String hash;
        try {
            hash = sha256(file);
        } catch (NoSuchFileException e) {
            throw missing(file);
        }
        if (!hash.equals(expected)) {
            throw new IOException(file + " (" + Files.size(file) + " bytes, sha256 " + hash + ") is not the file that "
                    + DESCRIPTION + " describes (sha256 " + expected + "): it was cut off or altered; save the policy again");
        }
    }

    private static JsonNode description(Path file) throws IOException {
        JsonNode found = parse(file, bytes(file));
        expect(file, "schema", JSON.getNodeFactory().numberNode(SCHEMA), found.path("schema"));
        return found;
    }

    private static Map<String, NDArray> arrays(Path folder, NDManager manager) throws IOException {
        Path file = folder.resolve(PARAMETERS);
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            NDList.decode(manager, in).forEach(array -> arrays.put(array.getName(), array));
        } catch (RuntimeException e) {
            throw new IOException(file + " is not a safetensors file: " + e.getMessage(), e);
        }
        return arrays;
    }

    private static JsonNode parse(Path file, byte[] bytes) throws IOException {
        try {
            JsonNode node = JSON.readTree(bytes);
            if (node != null && node.isObject()) {
                return node;
            }
            throw new IOException(file + " holds no JSON object: it was cut off or is no description of a policy");
        } catch (JsonProcessingException e) {
            throw new IOException(
                    file + " is not JSON: it was cut off or is no description of a policy (" + e.getOriginalMessage() + ")", e);
        }
    }

    private static void expect(Path file, String key, JsonNode expected, JsonNode found) throws IOException {
        if (expected.isObject() && found.isObject()) {
            Set<String> names = new LinkedHashSet<>();
            expected.fieldNames().forEachRemaining(names::add);
            found.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                expect(file, key + "." + name, expected.path(name), found.path(name));
            }
        } else if (!expected.equals(found)) {
            throw new IOException(
                    file + " describes another policy: " + key + " is " + shorten(found) + ", expected " + shorten(expected));
        }
    }

    private static String shorten(JsonNode node) {
        String text = node.isMissingNode() ? "absent" : node.toString();
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw missing(file);
        }
    }

    private static NoSuchFileException missing(Path file) {
        return new NoSuchFileException(file.toString(), null,
                "a saved policy has the files " + DESCRIPTION + " and " + PARAMETERS);
    }

    /** SHA-256 in hexadecimal digits. */
    public static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    /** The same of a file, which may be larger than memory. */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest = digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * The same, of a file that is asked for again and again and may have gigabytes: it is read once in a JVM, and again when its
     * size or its time of modification is another, or while that time is less than two seconds ago. Another file of the same
     * size and time goes unnoticed.
     */
    public static String rememberedSha256(Path file) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        if (now.lastModifiedTime().toInstant().isAfter(Instant.now().minus(CLOCK_STEP))) {
            return sha256(file);
        }
        String state = file.toAbsolutePath() + " " + now.size() + " " + now.lastModifiedTime();
        String known = KNOWN.get(state);
        if (known == null) {
            known = sha256(file);
            KNOWN.put(state, known);
        }
        return known;
    }

    /** Computes it of what comes piece by piece. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
