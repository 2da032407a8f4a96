package io.parley.checkpoints;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.files.WholeFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A safetensors file: eight bytes that say how long the header is, the header, a JSON object of each tensor's type, shape and
 * place, and the tensors' bytes without a gap. Tensors are mapped, not read: bytes come into memory when they are used, and are
 * shared by all processes that map the file. A mapping lasts as long as its tensor is reachable; a file that is cut off in that
 * time is an error of the machine, so files are replaced, never written over.
 *
 * @param tensors in the order of their bytes
 * @param metadata what the writer says of the file, under {@code __metadata__}
 */
public record Safetensors(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    /** The format allows four times as much. A header of this length names more than 200,000 tensors. */
    static final int HEADER_LIMIT = 25_000_000;
    private static final int PIECE = 1 << 20;
    private static final String METADATA = "__metadata__";

    public Safetensors {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** A tensor's line of the header. Offsets count from the header's end. */
    private record Entry(String name, Dtype dtype, long[] shape, long begin, long end) {}

    /**
     * Checks the header and maps the tensors.
     *
     * @throws IOException if the file is absent, cut off, longer than its header says, or says what cannot be: a header of more
     *     than 25 MB, a name twice, tensors that overlap or leave gaps, a place that does not fit type and shape, an unknown
     *     type, a tensor above 2 GiB; the message names the file and the tensor
     */
    public static Safetensors read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            fill(file, channel, length, 0, size);
            long headerLength = length.getLong(0);
            if (headerLength < 0 || headerLength > HEADER_LIMIT) {
                throw new IOException(file + " says that its header has " + Long.toUnsignedString(headerLength)
                        + " bytes; at most " + HEADER_LIMIT + " are read: it is no safetensors file, or a hostile one");
            }
            ByteBuffer header = ByteBuffer.allocate((int) Math.min(headerLength, Math.max(0, size - Long.BYTES)));
            if (header.capacity() < headerLength) {
                throw cutOff(file, size, Long.BYTES + headerLength);
            }
            fill(file, channel, header, Long.BYTES, size);
            ObjectNode node = JsonFile.object(header.array(), "the header of " + file);
            Map<String, String> metadata = metadata(file, node);
            List<Entry> entries = entries(file, node);
            long start = Long.BYTES + headerLength;
            requireWhole(file, entries, size - start);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Entry entry : entries) {
                // One mapping for each: a single one could not be longer than 2 GiB.
                ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, start + entry.begin, entry.end - entry.begin);
                tensors.put(entry.name, new Tensor(entry.name, entry.dtype, entry.shape, bytes));
            }
            return new Safetensors(file, tensors, metadata);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(file.toString(), null, "there is no such file");
        }
    }

    private static void fill(Path file, FileChannel channel, ByteBuffer buffer, long position, long size) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw cutOff(file, size, position + buffer.capacity());
            }
        }
    }

    private static IOException cutOff(Path file, long size, long expected) {
        return new EOFException(file + " was cut off: it has " + size + " bytes, and should have " + expected
                + " at least; fetch it again");
    }

    private static Map<String, String> metadata(Path file, ObjectNode header) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        JsonNode node = header.remove(METADATA);
        if (node == null) {
            return metadata;
        }
        if (!node.isObject()) {
            throw new IOException("the header of " + file + ": " + METADATA + " must be an object of texts");
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!entry.getValue().isTextual()) {
                throw new IOException("the header of " + file + ": " + METADATA + "." + entry.getKey() + " must be a text");
            }
            metadata.put(entry.getKey(), entry.getValue().textValue());
        }
        return metadata;
    }

    private static List<Entry> entries(Path file, ObjectNode header) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            String place = file + ": tensor " + field.getKey();
            JsonNode node = field.getValue();
            String type = node.path("dtype").asText();
            Dtype dtype = Dtype.named(type).orElseThrow(() -> new IOException(
                    place + " is of type '" + type + "'; there are: " + Arrays.toString(Dtype.values())));
            long[] shape = longs(place, "shape", node.path("shape"));
            long[] offsets = longs(place, "data_offsets", node.path("data_offsets"));
            long bytes;
            try {
                bytes = Tensor.bytes(dtype, shape);
            } catch (ArithmeticException e) {
                throw new IOException(place + " has shape " + Arrays.toString(shape) + ", more than any file can hold", e);
            }
            if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes) {
                throw new IOException(place + " is said to lie at " + Arrays.toString(offsets) + "; " + dtype + " of shape "
                        + Arrays.toString(shape) + " has " + bytes + " bytes");
            }
            if (bytes > Integer.MAX_VALUE) {
                throw new IOException(place + " has " + bytes + " bytes; at most " + Integer.MAX_VALUE + " can be mapped");
            }
            entries.add(new Entry(field.getKey(), dtype, shape, offsets[0], offsets[1]));
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        return entries;
    }

    private static long[] longs(String place, String key, JsonNode node) throws IOException {
        String allowed = "; it must be a list of whole numbers, at least 0";
        if (!node.isArray()) {
            throw new IOException(place + ": " + key + " is " + (node.isMissingNode() ? "absent" : node) + allowed);
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = node.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                throw new IOException(place + ": " + key + " holds " + value + allowed);
            }
            values[i] = value.longValue();
        }
        return values;
    }

    /** Every byte behind the header belongs to one tensor. */
    private static void requireWhole(Path file, List<Entry> entries, long available) throws IOException {
        long next = 0;
        for (Entry entry : entries) {
            if (entry.begin != next) {
                throw new IOException(file + ": tensor " + entry.name + " begins at " + entry.begin
                        + ", and the one before it ends at " + next + "; tensors must neither overlap nor leave gaps");
            }
            next = entry.end;
        }
        if (next > available) {
            throw new EOFException(file + " was cut off: its tensors have " + next + " bytes, and " + Math.max(0, available)
                    + " are there; fetch it again");
        }
        if (next < available) {
            throw new IOException(file + " has " + (available - next) + " bytes behind its last tensor; they belong to none");
        }
    }

    /** A tensor that is made when its turn to be written comes, so that not all of a model is in memory at once. */
    record Planned(String name, Dtype dtype, long[] shape, Supplier<Tensor> tensor) {}

    /**
     * Writes a file, tensor by tensor, wider types first and otherwise in the map's order; a reader sees the former file or the
     * whole new one.
     *
     * @param tensors by the names that they get in the file
     * @param metadata {@code format}: {@code pt} is what transformers expects
     * @throws IOException if the file cannot be written, its header would be too long, or a tensor has more than 2 GiB, which no
     *     reader of this class would map; nothing is written then
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        List<Planned> planned = new ArrayList<>();
        tensors.forEach((name, tensor) -> planned.add(new Planned(name, tensor.dtype(), tensor.shape(), () -> tensor)));
        write(file, planned, metadata);
    }

    /** @throws IllegalArgumentException if a tensor is of another type or shape than was planned; nothing is written then */
    static void write(Path file, List<Planned> tensors, Map<String, String> metadata) throws IOException {
        for (Planned planned : tensors) {
            long bytes = Tensor.bytes(planned.dtype(), planned.shape());
            if (bytes > Integer.MAX_VALUE) {
                throw new IOException("the tensor " + planned.name() + " of shape " + Arrays.toString(planned.shape()) + " has "
                        + bytes + " bytes in " + planned.dtype().torchName() + "; at most " + Integer.MAX_VALUE
                        + " are written" + (planned.dtype().bytes() > 2 ? ": take bfloat16" : ""));
            }
        }
        List<Planned> ordered = new ArrayList<>(tensors);
        ordered.sort(Comparator.comparingInt(planned -> -planned.dtype().bytes())); // so that all are aligned
        byte[] header = header(ordered, metadata);
        if (header.length > HEADER_LIMIT) {
            throw new IOException(
                    "cannot write " + file + ": its header would have " + header.length + " bytes, at most " + HEADER_LIMIT);
        }
        WholeFile.write(file, channel -> {
            writeFully(channel, ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).flip());
            writeFully(channel, ByteBuffer.wrap(header));
            for (Planned planned : ordered) {
                Tensor tensor = planned.tensor().get();
                if (tensor.dtype() != planned.dtype() || !Arrays.equals(tensor.shape(), planned.shape())) {
                    throw new IllegalArgumentException(planned.name() + " is " + tensor.dtype() + " of shape "
                            + Arrays.toString(tensor.shape()) + "; expected is " + planned.dtype() + " of shape "
                            + Arrays.toString(planned.shape()));
                }
                writeFully(channel, tensor.data());
            }
        });
    }

    private static byte[] header(List<Planned> tensors, Map<String, String> metadata) throws IOException {
        ObjectNode header = JsonFile.JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = header.putObject(METADATA);
            metadata.forEach(node::put);
        }
        long offset = 0;
        for (Planned planned : tensors) {
            ObjectNode node = header.putObject(planned.name()).put("dtype", planned.dtype().name());
            ArrayNode shape = node.putArray("shape");
            Arrays.stream(planned.shape()).forEach(shape::add);
            long end = offset + Tensor.bytes(planned.dtype(), planned.shape());
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JsonFile.JSON.writeValueAsBytes(header);
        // Readers map the tensors; spaces bring them to a multiple of eight bytes.
        byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    /** In pieces, because the channel copies what lies in the heap to memory outside of it, and keeps that. */
    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        while (bytes.position() < end) {
            bytes.limit(Math.min(end, bytes.position() + PIECE));
            channel.write(bytes);
        }
    }
}
