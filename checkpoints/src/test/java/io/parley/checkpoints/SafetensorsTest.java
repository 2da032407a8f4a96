package io.parley.checkpoints;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    private Path folder;

    private static byte[] file(String header, int data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).array();
    }

    private Path with(byte[] content) throws IOException {
        return Files.write(folder.resolve("x.safetensors"), content);
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        Random random = new Random(1);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Dtype dtype : Dtype.values()) {
            for (long[] shape : new long[][] {{}, {0, 4}, {3}, {2, 3, 5}}) {
                byte[] bytes = new byte[(int) Tensor.bytes(dtype, shape)];
                random.nextBytes(bytes);
                String name = dtype + "/" + shape.length + "µ";
                tensors.put(name, new Tensor(name, dtype, shape, ByteBuffer.wrap(bytes)));
            }
        }
        Path file = folder.resolve("x.safetensors");
        Safetensors.write(file, tensors, Map.of("format", "pt", "über", "\"\n"));
        Safetensors read = Safetensors.read(file);

        assertEquals(Map.of("format", "pt", "über", "\"\n"), read.metadata());
        assertEquals(tensors.keySet(), read.tensors().keySet());
        read.tensors().forEach((name, tensor) -> {
            assertEquals(tensors.get(name).dtype(), tensor.dtype());
            assertArrayEquals(tensors.get(name).shape(), tensor.shape());
            assertEquals(tensors.get(name).data(), tensor.data());
        });
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void bytesOfTheReferencesFilesAreKept() throws IOException {
        for (String name : Models.names()) {
            Path original = Models.FOLDER.resolve(name).resolve("model.safetensors");
            if (Files.exists(original)) {
                Safetensors read = Safetensors.read(original);
                Path copy = folder.resolve(name);
                Safetensors.write(copy, read.tensors(), read.metadata());
                assertEquals(read.tensors().values().stream().map(Tensor::data).toList(),
                        Safetensors.read(copy).tensors().values().stream().map(Tensor::data).toList());
                assertEquals(Files.size(original), Files.size(copy), name);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | 8 | F32 of shape [2] has 8 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 4 | was cut off",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 9 | 1 bytes behind its last tensor",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}} | 12 | begins at 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | 8 | is said to lie at [8, 0]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}} | 8 | holds -8",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}} | 8 | is said to lie at [0]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}} | 8 | data_offsets is absent",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | 8 | holds -2",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}} | 8 | holds 2.0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}} | 0 | more than any file can hold",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1073741824],\"data_offsets\":[0,4294967296]}} | 0 | at most "
                + "2147483647 can be mapped",
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}} | 1 | is of type 'F4'; there are: [F32,",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}} | 3 | begins at 1",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}} | 2 | begins at 0",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}} | 2 | Duplicate field 'a'",
        "{\"__metadata__\":{\"a\":1}} | 0 | __metadata__.a must be a text",
        "{\"__metadata__\":[]} | 0 | must be an object of texts",
        "{\"a\":7} | 0 | is of type ''",
        "[] | 0 | is not a JSON object",
        "{\"a\": | 0 | is not JSON",
        "{} {} | 0 | is not JSON",
    })
    void aHeaderThatCannotBeIsRefused(String header, int data, String message) throws IOException {
        Path file = with(file(header, data));
        IOException refused = assertThrows(IOException.class, () -> Safetensors.read(file));
        String found = refused.getMessage();
        assertTrue(found.contains(message) && found.contains(file.toString()), found);
    }

    /** The file is as long as it says, so that only the length can be what is refused; most of it is a hole. */
    @Test
    void aHeaderOf100MegabytesIsRefusedBeforeItIsRead() throws IOException {
        Path file = folder.resolve("x.safetensors");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(8 + 100_000_000);
            sparse.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_000).array());
        }
        IOException refused = assertThrows(IOException.class, () -> Safetensors.read(file));
        assertTrue(refused.getMessage().contains("its header has 100000000 bytes; at most 25000000"), refused.getMessage());
    }

    /** Two tensors of 1.5 GB; most of the file is a hole. */
    @Test
    void aFileAboveTwoGigabytesIsMapped() throws IOException {
        Path file = folder.resolve("x.safetensors");
        byte[] header = file("{\"a\":{\"dtype\":\"U8\",\"shape\":[1500000000],\"data_offsets\":[0,1500000000]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[750000000],\"data_offsets\":[1500000000,3000000000]}}", 0);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.write(header);
            sparse.setLength(header.length + 3_000_000_000L);
            sparse.seek(header.length + 1_499_999_999L);
            sparse.write(7);
            sparse.seek(header.length + 2_999_999_999L);
            sparse.write(0x40);
        }
        Map<String, Tensor> tensors = Safetensors.read(file).tensors();
        assertEquals(7, tensors.get("a").data().get(1_499_999_999));
        assertEquals(0x4000, tensors.get("b").data().getShort(1_499_999_998));
    }

    @Test
    void aFileCutOffAnywhereIsRefused() throws IOException {
        Path whole = folder.resolve("whole");
        Safetensors.write(whole, Map.of("a", Tensor.of("a", Dtype.BF16, new float[] {1, 2, 3}, 3)), Map.of());
        byte[] content = Files.readAllBytes(whole);
        for (int length = 0; length < content.length; length++) {
            Path file = with(Arrays.copyOf(content, length));
            IOException refused = assertThrows(IOException.class, () -> Safetensors.read(file));
            assertTrue(refused.getMessage().contains("was cut off"), refused.getMessage());
        }
    }

    /** Whatever is wrong, it is said as an IOException with the file's name. */
    @Test
    void noChangeOfAByteBreaksTheReader() throws IOException {
        Path whole = folder.resolve("whole");
        Safetensors.write(whole, new LinkedHashMap<>(Map.of("a", Tensor.of("a", Dtype.F32, new float[] {1, 2}, 2),
                "b", Tensor.of("b", Dtype.F16, new float[] {3}, 1, 1))), Map.of("k", "v"));
        byte[] content = Files.readAllBytes(whole);
        Random random = new Random(5);
        for (int trial = 0; trial < 5000; trial++) {
            byte[] changed = content.clone();
            for (int i = 0; i <= trial % 3; i++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            Path file = with(changed);
            try {
                Safetensors.read(file).tensors().values().forEach(tensor -> tensor.data().remaining());
            } catch (IOException e) {
                assertTrue(e.getMessage().contains(file.toString()), e.toString());
            }
        }
    }

    @Test
    void aTensorThatNoReaderMapsIsNotWritten() throws IOException {
        Safetensors.Planned large = new Safetensors.Planned("head", Dtype.F32, new long[] {1 << 20, 1 << 9}, () -> {
            throw new AssertionError("nothing is made");
        });
        Path target = folder.resolve("large.safetensors");
        assertEquals("the tensor head of shape [1048576, 512] has 2147483648 bytes in float32; at most 2147483647 are written: "
                        + "take bfloat16",
                assertThrows(IOException.class, () -> Safetensors.write(target, List.of(large), Map.of())).getMessage());
        assertFalse(Files.exists(target));
    }

    @Test
    void aFailedWriteLeavesTheFormerFile() throws IOException {
        Path file = folder.resolve("x.safetensors");
        Map<String, Tensor> first = Map.of("a", Tensor.of("a", Dtype.F32, new float[] {1}, 1));
        Safetensors.write(file, first, Map.of());
        byte[] former = Files.readAllBytes(file);
        Map<String, String> tooLong = Map.of("k", "x".repeat(Safetensors.HEADER_LIMIT));

        assertThrows(IOException.class, () -> Safetensors.write(file, first, tooLong));
        assertArrayEquals(former, Files.readAllBytes(file));
        Path nowhere = folder.resolve("none/x.safetensors");
        assertEquals("cannot write " + nowhere + ": its folder is not there",
                assertThrows(IOException.class, () -> Safetensors.write(nowhere, first, Map.of())).getMessage());
    }

    @Test
    void everyFloat16IsItsOwnRounding() {
        for (int bits = 0; bits < 0x10000; bits++) {
            float value = Halves.fromFloat16((short) bits);
            int exponent = bits >>> 10 & 0x1f;
            int fraction = bits & 0x3ff;
            double magnitude = exponent == 0 ? fraction * 0x1p-24 : (1024 + fraction) * Math.pow(2, exponent - 25);
            if (exponent < 31) {
                assertEquals(bits < 0x8000 ? magnitude : -magnitude, value);
                assertEquals((short) bits, Halves.toFloat16(value));
            } else {
                assertEquals(fraction == 0, Float.isInfinite(value));
                assertEquals(fraction != 0, Float.isNaN(Halves.fromFloat16(Halves.toFloat16(value))));
            }
        }
        assertTrue(Float.isInfinite(Halves.fromFloat16(Halves.toFloat16(65520))));
        assertEquals(65504, Halves.fromFloat16(Halves.toFloat16(65519)));
    }

    /** Neighbours of a 16-bit number differ by one in their bits, so the nearest can be told without rounding. */
    @Property
    void roundingIsToTheNearestAndTiesAreEven(@ForAll @IntRange(max = 0x7bfe) int half, @ForAll @IntRange(max = 0x7f7e) int brain,
            @ForAll @IntRange(max = 8) int eighths) {
        float low = Halves.fromFloat16((short) half);
        float high = Halves.fromFloat16((short) (half + 1));
        float lowBrain = Halves.fromBfloat16((short) brain);
        float highBrain = Halves.fromBfloat16((short) (brain + 1));
        int up = eighths > 4 ? 1 : 0;

        assertEquals(half + (eighths == 4 ? half & 1 : up), Halves.toFloat16(low + (high - low) * eighths / 8));
        if (brain >= 0x80) { // below, an eighth of a step may not be a float
            float between = lowBrain + (highBrain - lowBrain) / 8 * eighths;
            assertEquals(brain + (eighths == 4 ? brain & 1 : up), Halves.toBfloat16(between));
        }
    }

    @Test
    void aTensorKeepsItsTypeOfNumbers() {
        float[] values = {0, -0f, 1, -2.5f, 65504, 1e-7f, Float.POSITIVE_INFINITY, Float.NaN};
        for (Dtype dtype : Dtype.values()) {
            if (!dtype.isWeight()) {
                assertThrows(IllegalArgumentException.class, () -> Tensor.of("a", dtype, values, 8));
                continue;
            }
            Tensor tensor = Tensor.of("a", dtype, values, 2, 4);
            assertEquals(8 * dtype.bytes(), tensor.data().remaining());
            assertArrayEquals(tensor.toFloats(), tensor.as(Dtype.F32).as(dtype).toFloats());
            assertFalse(Float.isNaN(tensor.toFloats()[6]));
            assertTrue(Float.isNaN(tensor.toFloats()[7]));
        }
        assertThrows(IllegalArgumentException.class, () -> Tensor.of("a", Dtype.F32, values, 3));
    }
}
